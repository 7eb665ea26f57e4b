// A backlog of deliveries to one fast receiver, first claim to last settle, beside the machine's floor, in pairs.
//
//   node --conditions=flowhook-source bench/backlog.ts [--deliveries 20000] [--pairs 3] [--dialect sqlite] [--profile DIR]
import { parseArgs } from 'node:util';
import { startFloor, type Floor } from './floor.ts';
import { openHomes, type Home } from './rig/home.ts';
import { allowReceiver, endJobs, makeFlow, startJobs, waitUntilSettled } from './rig/webhook-flow.ts';
import { showPair, showPairs, type Pair } from './rig/pair.ts';
import { startReceiver } from './rig/receiver-process.ts';
import { startServer } from './rig/server-process.ts';

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '20000' },
    pairs: { type: 'string', default: '3' },
    dialect: { type: 'string' },
    profile: { type: 'string' },
  },
});
const count = Number(values.deliveries);

const receiver = await startReceiver();
const floor = await startFloor(receiver.url);
const homes = await openHomes(values.dialect);
console.log(`${count.toLocaleString('en')} deliveries; floor at ${floor.concurrency} in flight`);
for (const dialect of homes.dialects) {
  const pairs: Pair[] = [];
  for (let round = 0; round < Number(values.pairs); round += 1) {
    const home = await homes.make(dialect);
    pairs.push(await measurePair(home, floor));
    showPair(dialect, pairs.at(-1)!);
    await home.remove();
  }
  showPairs(dialect, pairs, 0.25);
}
await homes.stop();
floor.stop();
receiver.stop();

/** The backlog is made by a server without the role `webhooks`; then one with all roles takes it up. */
async function measurePair(home: Home, beside: Floor): Promise<Pair> {
  const settings = allowReceiver(receiver);
  const maker = await startServer(home, { settings: { ...settings, ROLES: 'api' } });
  await endJobs(maker, await startJobs(maker, await makeFlow(maker, receiver), count), 50);
  await maker.stop();
  const before = await beside.measure(count / 2);
  const seen = await receiver.count();
  const database = home.databaseCpuMs();
  const nodeArgs = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const server = await startServer(home, { settings, nodeArgs });
  const cpu = server.cpuMs();
  const { firstClaim, lastSettle, delivered } = await waitUntilSettled(home);
  const cpuMs = server.cpuMs() - cpu;
  const databaseMs = home.databaseCpuMs() - database;
  await server.stop();
  const after = await beside.measure(count / 2);
  if (delivered !== count || (await receiver.count()) - seen - count / 2 !== count)
    throw new Error(`${delivered} deliveries of ${count}, ${(await receiver.count()) - seen} requests`);
  return {
    floors: [before, after],
    rate: (count / (lastSettle - firstClaim)) * 1000,
    cpuUs: (cpuMs / count) * 1000,
    databaseUs: (databaseMs / count) * 1000,
  };
}
