// A claim of one job where many wait: by how many people and flows they were launched is what it costs.
//
//   node --conditions=flowhook-source bench/job-claim.ts [--jobs 10000] [--claims 300] [--dialect sqlite]
import { parseArgs } from 'node:util';
import type { Database } from '../packages/server/src/db/database.ts';
import { openDatabase } from '../packages/server/src/db/open-database.ts';
import { queueJobs } from '../packages/server/src/jobs/job-move.ts';
import { claimJobs } from '../packages/server/src/jobs/queue/job-claim.ts';
import { insertFlowOf, insertPerson } from '../packages/server/test/webhook-world.ts';
import { openHomes } from './rig/home.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    claims: { type: 'string', default: '300' },
    dialect: { type: 'string' },
  },
});
const jobs = Number(values.jobs);
const claims = Number(values.claims);
/** People, and flows that each of them launches. */
const shapes = [
  [1, 1],
  [20, 5],
  [200, 5],
] as const;

const homes = await openHomes(values.dialect);
for (const dialect of homes.dialects)
  for (const [people, flows] of shapes) {
    const { dataDir, databaseUrl: url, databaseCpuMs, remove } = await homes.make(dialect);
    const db = await openDatabase({ url, dataDir, nodeName: 'bench', onError: console.error });
    await fill(db, people, flows);
    const cpu = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000 + databaseCpuMs();
    const underWay: number[] = [];
    const claim = await measure(
      cpu,
      async () => void underWay.push(await claimOne(db)),
      () => endOne(db, underWay),
    );
    const floor = await measure(
      cpu,
      () => touchOne(db),
      async () => undefined,
    );
    console.log(
      `${dialect}: ${jobs} jobs of ${people} people, ${flows} flows each: ${claim}; a transaction of one row: ${floor}`,
    );
    await db.close();
    await remove();
  }
await homes.stop();

async function fill(db: Database, people: number, flows: number): Promise<void> {
  const starter = { ranFrom: 'api', startedBy: 'person', startedByDelivery: null, hop: 0 } as const;
  const none = { recipeId: null, outputId: null, name: 'a job', description: null, executionId: null };
  const rest = { plan: null, profiler: false, warnings: [], heartbeatSeconds: null, startedAt: null };
  const each = jobs / people / flows;
  for (let person = 0; person < people; person += 1)
    await db.transaction(async (tx) => {
      const creatorId = await insertPerson(tx);
      for (let flow = 0; flow < flows; flow += 1) {
        const job = { flowId: await insertFlowOf(tx, creatorId), creatorId, kind: 'engine' } as const;
        await queueJobs(
          tx,
          Array.from({ length: each }, () => ({ ...job, ...starter, ...none, ...rest })),
        );
      }
    });
}

async function claimOne(db: Database): Promise<number> {
  const claim = { nodeId: db.nodeId, max: 1, leaseMs: 60_000, underWay: [] };
  return (await db.transaction((tx) => claimJobs(tx, claim)))[0]!.id;
}

/** Four jobs are always under way, as with four slots. */
async function endOne(db: Database, underWay: number[]): Promise<void> {
  if (underWay.length < 4) return;
  const id = underWay.shift()!;
  const ended = { state: 'canceled', finished_at: 1, lease_node: null, lease_until: null } as const;
  await db.transaction((tx) => tx.updateTable('jobs').set(ended).where('id', '=', id).execute());
}

async function touchOne(db: Database): Promise<void> {
  await db.transaction((tx) =>
    tx.updateTable('jobs').set({ updated_at: Date.now() }).where('id', '=', 1).execute(),
  );
}

/** What one costs, each with its commit; the processor time is also that of what comes between. */
async function measure(
  cpu: () => number,
  one: () => Promise<void>,
  between: () => Promise<void>,
): Promise<string> {
  const took: number[] = [];
  const before = cpu();
  for (let count = 0; count < claims; count += 1) {
    const began = performance.now();
    await one();
    took.push(performance.now() - began);
    await between();
  }
  const spent = cpu() - before;
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.floor((took.length - 1) * share)]!.toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, CPU ${(spent / claims).toFixed(1)} ms`;
}
