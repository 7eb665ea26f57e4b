// Calls that end external jobs, until all is delivered, beside the machine's floor, in pairs.
//
//   node --conditions=flowhook-source bench/external-end.ts [--jobs 10000] [--pairs 3] [--dialect sqlite] [--profile DIR]
import { parseArgs } from 'node:util';
import { startFloor, type Floor } from './floor.ts';
import { openHomes, type Home } from './rig/home.ts';
import { allowReceiver, endJobs, makeFlow, startJobs, waitUntilSettled } from './rig/webhook-flow.ts';
import { showPair, showPairs, type Pair } from './rig/pair.ts';
import { startReceiver } from './rig/receiver-process.ts';
import { startServer } from './rig/server-process.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    pairs: { type: 'string', default: '3' },
    dialect: { type: 'string' },
    profile: { type: 'string' },
  },
});
const count = Number(values.jobs);
/** Calls under way at once. */
const inFlight = 50;

const receiver = await startReceiver();
const floor = await startFloor(receiver.url);
const homes = await openHomes(values.dialect);
console.log(
  `${count.toLocaleString('en')} jobs ended, ${inFlight} calls in flight; floor at ${floor.concurrency}`,
);
for (const dialect of homes.dialects) {
  const pairs: Pair[] = [];
  for (let round = 0; round < Number(values.pairs); round += 1) {
    const home = await homes.make(dialect);
    pairs.push(await measurePair(home, floor));
    showPair(dialect, pairs.at(-1)!);
    await home.remove();
  }
  showPairs(dialect, pairs, 0.12);
}
await homes.stop();
floor.stop();
receiver.stop();

/** From the first call to the last settle: the callbacks go out while the calls come in. */
async function measurePair(home: Home, beside: Floor): Promise<Pair> {
  const nodeArgs = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const server = await startServer(home, { settings: allowReceiver(receiver), nodeArgs });
  const jobs = await startJobs(server, await makeFlow(server, receiver), count);
  const before = await beside.measure(count / 2);
  const [cpu, database, seen] = [server.cpuMs(), home.databaseCpuMs(), await receiver.count()];
  const began = Date.now();
  await endJobs(server, jobs, inFlight);
  const { lastSettle, delivered } = await waitUntilSettled(home);
  const [cpuMs, databaseMs] = [server.cpuMs() - cpu, home.databaseCpuMs() - database];
  if (delivered !== count || (await receiver.count()) - seen !== count)
    throw new Error(`${delivered} deliveries of ${count}, ${(await receiver.count()) - seen} requests`);
  await server.stop();
  const after = await beside.measure(count / 2);
  return {
    floors: [before, after],
    rate: (count / (lastSettle - began)) * 1000,
    cpuUs: (cpuMs / count) * 1000,
    databaseUs: (databaseMs / count) * 1000,
  };
}
