// From a call that ends an external job to its request at the receiver, 50 a second, beside a bare POST to it and two
// bare syncs of a file, which is what the two commits on the way cost the disk.
//
//   node --conditions=flowhook-source bench/latency.ts [--seconds 30] [--rate 50] [--dialect sqlite]
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Agent, request } from 'undici';
import { openHomes, type Home } from './rig/home.ts';
import { allowReceiver, endJob, makeFlow, startJobs, waitUntilSettled } from './rig/webhook-flow.ts';
import { startReceiver, type Receiver } from './rig/receiver-process.ts';
import { quantile } from './rig/quantile.ts';
import { startServer } from './rig/server-process.ts';
import { tellVerdict } from './rig/verdict.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '50' },
    dialect: { type: 'string' },
  },
});
const everyMs = 1000 / Number(values.rate);
const count = Number(values.seconds) * Number(values.rate);
/** Calls before the measured ones, so that what is compiled and connected at first use is there. */
const warmUp = 500;
const page = Buffer.alloc(4096, 'x');
const targets = { p50: 5, p99: 25 };

const homes = await openHomes(values.dialect);
console.log(
  `${count.toLocaleString('en')} calls, one every ${everyMs} ms whether or not earlier ones are answered`,
);
for (const dialect of homes.dialects) {
  const home = await homes.make(dialect);
  const receiver = await startReceiver();
  await measure(dialect, home, receiver);
  receiver.stop();
  await home.remove();
}
await homes.stop();

async function measure(dialect: string, home: Home, receiver: Receiver): Promise<void> {
  const server = await startServer(home, { settings: allowReceiver(receiver) });
  const jobs = await startJobs(server, await makeFlow(server, receiver), warmUp + count);
  for (const id of jobs.slice(0, warmUp)) await endJob(server, id);
  await waitUntilSettled(home);
  receiver.record();
  const agent = new Agent({ connections: 50 });
  const called = new Map<number, bigint>();
  const [cpu, database] = [server.cpuMs(), home.databaseCpuMs()];
  // The floor's posts go between the calls, in the same seconds: both meet the same machine.
  const ends = steadily(jobs.slice(warmUp), (id) => {
    called.set(id, process.hrtime.bigint());
    return endJob(server, id);
  });
  await wait(everyMs / 2);
  const posts = steadily(
    Array.from({ length: count }, (_, at) => -1 - at),
    (id) => {
      called.set(id, process.hrtime.bigint());
      return post(agent, receiver.url, id);
    },
  );
  const syncs: number[] = [];
  const file = await open(join(home.dataDir, 'bare'), 'w');
  const syncing = steadily(
    Array.from({ length: count }, (_, at) => at),
    async () => {
      const began = performance.now();
      for (let commit = 0; commit < 2; commit += 1) {
        await file.write(page);
        await file.datasync();
      }
      syncs.push(performance.now() - began);
    },
  );
  await Promise.all([ends, posts, syncing]);
  await file.close();
  await waitUntilSettled(home);
  const cpuMs = (server.cpuMs() - cpu) / count;
  const databaseMs = (home.databaseCpuMs() - database) / count;
  await server.stop();
  await agent.close();
  console.log(`${dialect}: two bare syncs ${describe(syncs)}`);
  show(dialect, called, await receiver.arrivals());
  const ofDatabase = databaseMs === 0 ? '' : ` and ${databaseMs.toFixed(2)} ms of PostgreSQL's`;
  console.log(
    `${dialect}: ${cpuMs.toFixed(2)} ms of the server's CPU${ofDatabase} for a call and its delivery`,
  );
}

/** One every `everyMs` by the clock: a slow answer does not hold back the next call. */
async function steadily(ids: readonly number[], once: (id: number) => Promise<void>): Promise<void> {
  const began = performance.now();
  const under: Promise<void>[] = [];
  for (const [at, id] of ids.entries()) {
    await wait(Math.max(0, began + at * everyMs - performance.now()));
    under.push(once(id));
  }
  await Promise.all(under);
}

async function post(agent: Agent, url: string, job: number): Promise<void> {
  const answer = await request(url, { method: 'POST', dispatcher: agent, body: JSON.stringify({ job }) });
  await answer.body.dump();
}

function show(
  dialect: string,
  called: ReadonlyMap<number, bigint>,
  arrivals: readonly (readonly [number, bigint])[],
): void {
  const times = arrivals.map(([id, at]) => ({ id, ms: Number(at - called.get(id)!) / 1e6 }));
  const jobs = times.filter(({ id }) => id > 0).map(({ ms }) => ms);
  const floor = times.filter(({ id }) => id < 0).map(({ ms }) => ms);
  if (jobs.length !== count || new Set(arrivals.map(([id]) => id)).size !== 2 * count)
    throw new Error(`${jobs.length} requests for ${count} calls`);
  const met = quantile(jobs, 0.5) < targets.p50 && quantile(jobs, 0.99) < targets.p99;
  console.log(`${dialect}: bare POST ${describe(floor)}`);
  console.log(
    `${dialect}: call to request ${describe(jobs)}; targets ${targets.p50} and ${targets.p99} ms: ${tellVerdict(met)}`,
  );
}

function describe(times: readonly number[]): string {
  const parts = [0.5, 0.9, 0.99, 1].map((part) => `p${part * 100} ${quantile(times, part).toFixed(1)}`);
  return `${parts.join(', ')} ms`;
}
