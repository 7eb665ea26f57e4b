// Turns of job slots, by the real runner: round by person, of one person by flow, the same on several nodes, and no slot idle.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { until } from '../../../test/wait.ts';
import { insertFlowOf, insertPerson, makeWorld, type World } from '../../../test/webhook-world.ts';
import { systemClock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import type { Database } from '../../db/database.ts';
import { createDuckDbEngine } from '../../engine/duckdb/duckdb-engine.ts';
import type { Engine, WriteResult } from '../../engine/engine.ts';
import type { JobPlan } from '../../flows/job-plan.ts';
import { queueJobs } from '../job-move.ts';
import { createRunner, type Runner } from '../runner.ts';
import { claimJobs } from './job-claim.ts';

const emptyPlan: JobPlan = {
  datasets: [],
  recipes: [],
  output: 'r',
  files: [],
  profile: false,
  inputs: [],
  parameters: [],
  referenceAt: 1,
};

/** A job of a person in a flow. */
interface Owner {
  readonly personId: number;
  readonly flowId: number;
}

describeOnBoth('turns of job slots', (make, dialect) => {
  let database: TestDatabase;
  let db: Database;
  let world: World;
  const runners: Runner[] = [];
  /** Who was served, in the order of the beginnings. */
  let begun: Owner[] = [];
  let underWay = 0;
  let maxUnderWay = 0;
  before(async () => {
    database = await make();
    db = await database.open();
    world = await makeWorld(db);
  });
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
    begun = [];
    maxUnderWay = 0;
  });
  after(async () => {
    await db.close();
    await database.remove();
  });

  const addPerson = () => db.transaction((tx) => insertPerson(tx));
  const addFlow = (personId: number) => db.transaction((tx) => insertFlowOf(tx, personId));
  const addOwner = async (): Promise<Owner> => {
    const personId = await addPerson();
    return { personId, flowId: await addFlow(personId) };
  };

  async function queue({ personId: creatorId, flowId }: Owner, count: number): Promise<void> {
    const starter = { ranFrom: 'api', startedBy: 'person', startedByDelivery: null, hop: 0 } as const;
    const none = { recipeId: null, outputId: null, name: 'a job', description: null, executionId: null };
    const rest = { profiler: false, warnings: [], heartbeatSeconds: null, startedAt: null };
    const job = { flowId, creatorId, kind: 'engine', ...starter, ...none, ...rest, plan: emptyPlan } as const;
    await db.transaction((tx) =>
      queueJobs(
        tx,
        Array.from({ length: count }, () => job),
      ),
    );
  }

  /** What the engine does takes a moment; whose jobs it is asked for, and how many at once, is the runner's. */
  function startRunner(slots: number, node = db): void {
    const own = createDuckDbEngine({ scratchFolder: join(database.dataDir, 'scratch') });
    const engine: Engine = {
      ...own,
      async write(plan): Promise<WriteResult> {
        underWay += 1;
        maxUnderWay = Math.max(maxUnderWay, underWay);
        const id = Number(plan.folder.split('/').at(-2));
        const row = await db.read
          .selectFrom('jobs')
          .select(['creator_id', 'flow_id'])
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        begun.push({ personId: row.creator_id!, flowId: row.flow_id });
        await setTimeout(5);
        // On a slow machine the first would end before the last slot has its job.
        await until(() => maxUnderWay >= slots, 'every slot is in use');
        underWay -= 1;
        return { state: 'canceled' };
      },
    };
    const runner = createRunner({
      db: node,
      engine,
      clock: systemClock,
      log: createLog('silent'),
      finish: { ...world.finish, db: node },
      jobsDir: join(database.dataDir, 'jobs'),
      concurrency: () => slots,
      limits: () => ({ memoryBytes: 2 ** 28, tempBytes: 2 ** 28, timeMs: 60_000, threads: 1 }),
      place: async () => [],
    });
    runners.push(runner);
    runner.start();
  }
  const allBegun = (count: number) => until(() => begun.length === count, `${count} jobs have begun`);
  const placesOf = (asked: (owner: Owner) => boolean) =>
    begun.flatMap((owner, place) => (asked(owner) ? [place] : []));

  for (const slots of [1, 2, 4])
    it(`one job of another comes among thirty, with ${slots} slots`, async () => {
      const [one, other] = [await addOwner(), await addOwner()];
      await queue(one, 30);
      await queue(other, 1);
      startRunner(slots);
      await allBegun(31);
      const [place] = placesOf(({ personId }) => personId === other.personId);
      assert.ok(place! <= 1 + slots, `at place ${place}`);
      assert.equal(maxUnderWay, slots, 'no slot stays idle');
    });

  it('a person with many flows has the turns of one', async () => {
    const one = await addPerson();
    const other = await addOwner();
    for (let flow = 0; flow < 10; flow += 1) await queue({ personId: one, flowId: await addFlow(one) }, 3);
    await queue(other, 10);
    startRunner(1);
    await allBegun(40);
    const places = placesOf(({ personId }) => personId === other.personId);
    assert.ok(
      places.every((place, index) => place <= 2 * index + 1),
      String(places),
    );
  });

  it('of one person the flows take turns', async () => {
    const personId = await addPerson();
    const [long, short] = [await addFlow(personId), await addFlow(personId)];
    await queue({ personId, flowId: long }, 20);
    await queue({ personId, flowId: short }, 5);
    startRunner(1);
    await allBegun(25);
    const places = placesOf(({ flowId }) => flowId === short);
    assert.ok(
      places.every((place, index) => place <= 2 * index + 1),
      String(places),
    );
  });

  it('people who launch one flow have a turn each, and nobody is passed over for them', async () => {
    const flowId = await addFlow(await addPerson());
    for (let person = 0; person < 5; person += 1) await queue({ personId: await addPerson(), flowId }, 6);
    const other = await addOwner();
    await queue(other, 3);
    startRunner(1);
    await allBegun(33);
    const places = placesOf(({ personId }) => personId === other.personId);
    assert.ok(
      places.every((place, index) => place < 6 * (index + 1)),
      String(places),
    );
  });

  it('who was served is next after all others, also who comes anew', async () => {
    const owners = await Promise.all(Array.from({ length: 4 }, addOwner));
    for (const owner of owners) await queue(owner, 5);
    startRunner(1);
    await allBegun(20);
    for (let round = 0; round < 5; round += 1) {
      const served = begun.slice(round * 4, round * 4 + 4).map(({ personId }) => personId);
      assert.equal(new Set(served).size, 4, `round ${round}: ${served.join(', ')}`);
    }
  });

  it('a job that somebody holds is passed over, and not waited for', async () => {
    const [one, other] = [await addOwner(), await addOwner()];
    await queue(one, 2);
    await queue(other, 1);
    const { id: first } = await db.read
      .selectFrom('jobs')
      .select('id')
      .where('state', '=', 'queued')
      .orderBy('id')
      .executeTakeFirstOrThrow();
    const claim = () =>
      db.transaction((tx) => claimJobs(tx, { nodeId: db.nodeId, max: 10, leaseMs: 60_000, underWay: [] }));
    if (dialect === 'sqlite') return assert.equal((await claim()).length, 3);
    const claimed = await db.transaction(async (tx) => {
      await tx.updateTable('jobs').set({ percent: 1 }).where('id', '=', first).execute();
      return claim();
    });
    assert.deepEqual(new Set(claimed.map(({ flowId }) => flowId)), new Set([one.flowId, other.flowId]));
    assert.equal(claimed.length, 2);
    assert.equal((await claim()).length, 1);
  });

  it('two nodes share out as one', { skip: dialect === 'sqlite' && 'SQLite has one node' }, async () => {
    const [one, other] = [await addOwner(), await addOwner()];
    await queue(one, 20);
    await queue(other, 20);
    const second = await database.open();
    startRunner(1);
    startRunner(1, second);
    await allBegun(40);
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
    await second.close();
    // What is begun at once on two nodes is noted in any order, three of each side by side at most.
    for (let count = 1; count <= 40; count += 1) {
      const ofOne = begun.slice(0, count).filter(({ personId }) => personId === one.personId).length;
      assert.ok(Math.abs(2 * ofOne - count) <= 6, `${ofOne} of ${count}`);
    }
  });
});
