// The demo: a server, a receiver, a real data set, a job of two recipes, and the signed callback that tells of it.
//
//   npm run demo              leaves the server running until Ctrl-C
//   npm run demo -- --once    stops; exit code 0 only if exactly one callback came and its signature was right
//   ... --server PROGRAM      with an installed `flowhook` in place of the sources
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { makeApi } from './demo/api.ts';
import { startReceiver } from './demo/receiver.ts';
import { startServerProcess } from './demo/server-process.ts';
import { runFlow, say } from './demo/story.ts';
import { buildWeb } from './web-build.ts';

const { values: options } = parseArgs({
  options: { once: { type: 'boolean' }, server: { type: 'string' } },
});
/** Far more than the demo needs: what takes longer hangs. */
const deadlineMs = 120_000;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stopping.abort(new Error(`Stopped by ${signal}.`)));
}

try {
  await runDemo();
} catch (error) {
  console.error(`demo: FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function runDemo(): Promise<void> {
  // An installed server brings its own.
  if (options.server === undefined) buildWeb();
  const late = new AbortController();
  const message = `not done after ${deadlineMs / 1000} s; it was at the step named last.`;
  const timer = setTimeout(() => late.abort(new Error(message)), deadlineMs);
  const signal = AbortSignal.any([late.signal, stopping.signal]);
  const secret = randomBytes(24).toString('base64url');
  const receiver = await startReceiver(secret);
  try {
    await withServer(receiver.origin, signal, async ({ url, token, ended }) => {
      const story = runFlow(makeApi(url, token, signal), { url, receiver, secret, signal });
      await Promise.race([story, ended.then(fail)]);
      clearTimeout(timer);
      if (!options.once) await waitForEnd(url, token, ended);
    });
  } finally {
    clearTimeout(timer);
    await receiver.stop();
  }
}

interface Running {
  readonly url: string;
  readonly token: string;
  readonly ended: Promise<string>;
}

async function withServer(
  receiver: string,
  signal: AbortSignal,
  use: (running: Running) => Promise<void>,
): Promise<void> {
  const token = randomBytes(24).toString('base64url');
  say('Starting the server, with the embedded database in a folder of its own.');
  const settings = {
    FLOWHOOK_ADMIN_EMAIL: 'demo@example.com',
    FLOWHOOK_ADMIN_PASSWORD: randomBytes(18).toString('base64url'),
    FLOWHOOK_ADMIN_TOKEN: token,
    // Addresses of this machine are closed to webhooks; this opens the demo's receiver and nothing else.
    FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^${receiver.replaceAll('.', String.raw`\.`)}/`]),
  };
  const server = await startServerProcess(settings, signal, options.server);
  say(`Server ${server.url}, receiver ${receiver}, log ${server.logFile}`);
  try {
    await use({ url: server.url, token, ended: server.ended });
  } catch (error) {
    console.error(`The end of the server's log:\n${server.lastLines().join('\n')}`);
    throw error;
  } finally {
    await server.stop();
  }
}

function fail(message: string): never {
  throw new Error(message);
}

async function waitForEnd(url: string, token: string, ended: Promise<string>): Promise<void> {
  say('The server goes on until Ctrl-C; its folder is removed then. Look around:');
  console.log(`  curl -H 'Authorization: Bearer ${token}' ${url}/v4/jobGroups`);
  if (stopping.signal.aborted) return;
  await Promise.race([once(stopping.signal, 'abort'), ended.then(fail)]);
}
