// The memory of the built server at rest: after its start, and after some idle time.
//
//   npm run build && node --conditions=flowhook-source bench/rest.ts [--seconds 20] [--server PROGRAM] [--dialect sqlite]
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openHomes, type Home } from './rig/home.ts';
import { listChildren, readPeakRss, readRss } from './rig/process-cost.ts';
import { startServer } from './rig/server-process.ts';
import { tellVerdict } from './rig/verdict.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    server: {
      type: 'string',
      default: fileURLToPath(new URL('../packages/server/dist/main.js', import.meta.url)),
    },
    dialect: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const targetBytes = 150e6;

const homes = await openHomes(values.dialect);
for (const dialect of homes.dialects) {
  const home = await homes.make(dialect);
  await measure(dialect, home);
  await home.remove();
}
await homes.stop();

async function measure(dialect: string, home: Home): Promise<void> {
  const server = await startServer(home, { program: values.server });
  const started = readTree(server.pid);
  const cpu = server.cpuMs();
  await wait(seconds * 1000);
  const atRest = readTree(server.pid);
  const cpuPercent = (server.cpuMs() - cpu) / (seconds * 10);
  const peak = readPeakRss(server.pid);
  await server.stop();
  const verdict = tellVerdict(atRest < targetBytes);
  console.log(
    `${dialect}: listens after ${server.startMs.toFixed(0)} ms; ${show(started)} then, ${show(atRest)} after ` +
      `${seconds} s at rest, children included (the server at most ${show(peak)}), ${cpuPercent.toFixed(1)} % of a processor; ` +
      `target under ${show(targetBytes)}: ${verdict}`,
  );
}

/** Of the server and the children that it keeps. */
function readTree(pid: number): number {
  return readRss(pid) + listChildren(pid).reduce((sum, child) => sum + readTree(child), 0);
}

function show(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
