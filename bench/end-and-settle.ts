// What the statements cost that end an external job, claim its delivery and settle it: without HTTP, processor time alone.
//
//   node --conditions=flowhook-source bench/end-and-settle.ts [--together 24] [--rounds 60] [--dialect sqlite]
import { parseArgs } from 'node:util';
import { openDatabase } from '../packages/server/src/db/open-database.ts';
import { createExternalJobs } from '../packages/server/src/jobs/external/external-job.ts';
import { claimDue } from '../packages/server/src/webhooks/deliveries/delivery-claim.ts';
import {
  settleAttempts,
  type EndedAttempt,
} from '../packages/server/src/webhooks/deliveries/delivery-settle.ts';
import { callerOf } from '../packages/server/test/webhook-job.ts';
import { makeWorld } from '../packages/server/test/webhook-world.ts';
import type { Dialect } from '../packages/server/src/db/dialect.ts';
import { openHomes, type Home } from './rig/home.ts';

const { values } = parseArgs({
  options: {
    together: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '60' },
    dialect: { type: 'string' },
  },
});
const together = Number(values.together);
const rounds = Number(values.rounds);
/** Rounds before those that count: plans are made, code is compiled. */
const warmUp = Math.floor(rounds / 3);

const homes = await openHomes(values.dialect);
for (const dialect of homes.dialects) {
  const home = await homes.make(dialect);
  await measure(dialect, home);
  await home.remove();
}
await homes.stop();

async function measure(dialect: Dialect, home: Home): Promise<void> {
  const { dataDir, databaseUrl: url } = home;
  const db = await openDatabase({ url, dataDir, nodeName: 'bench', onError: console.error });
  const world = await makeWorld(db);
  await world.addTask();
  const external = createExternalJobs(db, world.finish);
  const caller = callerOf(world);
  const jobs: number[] = [];
  while (jobs.length < together * rounds) jobs.push(await world.addExternalJob());

  const nothing = { percent: null, facts: null, errorMessage: null, logTail: null };
  const end = (jobId: number) => external.report({ caller, jobId, state: 'complete', ...nothing });
  const share = { max: together, maxOfHost: () => together, leastOfHost: together };
  const round = async (at: number) => {
    await Promise.all(jobs.slice(at * together, (at + 1) * together).map(end));
    const lease = { nodeId: db.nodeId, leaseMs: 60_000, ...share };
    const { claims } = await db.transaction((tx) => claimDue(tx, lease));
    if (claims.length !== together) throw new Error(`${claims.length} of ${together} claimed`);
    const now = Date.now();
    const attempts = claims.map((claim) => toAttempt(claim, now));
    await db.transaction((tx) => settleAttempts(tx, db.nodeId, attempts));
  };
  for (let at = 0; at < warmUp; at += 1) await round(at);
  const [own, database] = [process.cpuUsage(), home.databaseCpuMs()];
  for (let at = warmUp; at < rounds; at += 1) await round(at);
  const count = (rounds - warmUp) * together;
  const { user, system } = process.cpuUsage(own);
  const databaseUs = Math.round(((home.databaseCpuMs() - database) * 1000) / count);
  console.log(
    `${dialect}: ${together} together: ${Math.round((user + system) / count)} µs of CPU + ${databaseUs} µs of PostgreSQL's each`,
  );
  await db.close();
}

function toAttempt(claim: EndedAttempt['claim'], now: number): EndedAttempt {
  return {
    claim,
    outcome: { kind: 'response', statusCode: 200 },
    startedAt: now,
    durationMs: 3,
    address: '127.0.0.1',
    retryAfter: null,
    retryOnFailure: true,
    schedule: [],
    random: 0,
    exchange: '{}',
  };
}
