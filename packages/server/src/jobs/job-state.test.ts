// The states of a job: the table is the one drawn here, and so are the statements that move real rows.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { proveEachCell, proveLives, readGrid, type Machine } from '../../test/state-grid.ts';
import { makeWorld, type World } from '../../test/webhook-world.ts';
import type { JobPlan } from '../flows/job-plan.ts';
import { finishJobs, nothingWritten, type JobEnd } from './finish.ts';
import { cancelJobs } from './job.ts';
import { leaseMs } from './job-lease.ts';
import { queueJobs, requeueJob } from './job-move.ts';
import { claimJobs } from './queue/job-claim.ts';
import { jobTable, readStanding } from './job-state.ts';

const grid = readGrid(`
             claim     complete  fail    stop      cancel    requeue
  queued     running   .         .       .         canceled  .
  running    running   complete  failed  canceled  stopping  queued
  stopping   stopping  complete  failed  canceled  .         canceled
  reported   .         complete  failed  .         canceled  .
  complete   .         .         .       .         .         .
  failed     .         .         .       .         .         .
  canceled   .         .         .       .         .         .
`);

const plan: JobPlan = {
  referenceAt: 1,
  datasets: [],
  recipes: [],
  output: 'a recipe',
  files: [],
  profile: false,
  inputs: [],
  parameters: [],
};

it('the table of a job is the one that is drawn', () => assert.deepEqual(jobTable, grid));

describeOnBoth('the states of a job', (make) => {
  let database: TestDatabase;
  let world: World;
  before(async () => {
    database = await make();
    world = await makeWorld(await database.open());
  });
  after(async () => {
    await world.db.close();
    await database.remove();
  });

  const read = (id: number) =>
    world.db.read.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  const job = {
    recipeId: null,
    outputId: null,
    name: 'a job',
    description: null,
    kind: 'engine',
    ranFrom: 'api',
    startedBy: 'person',
    startedByDelivery: null,
    hop: 0,
    executionId: null,
    plan,
    profiler: false,
    warnings: [],
    heartbeatSeconds: null,
    startedAt: null,
  } as const;
  async function queue(kind: 'engine' | 'external'): Promise<number> {
    const { flowId, personId: creatorId } = world;
    const [id] = await world.db.transaction((tx) => queueJobs(tx, [{ ...job, kind, flowId, creatorId }]));
    return id!;
  }

  async function claim(id: number): Promise<void> {
    const { db } = world;
    await db.transaction(async (tx) => {
      // Who holds it is away for so long that the lease runs out.
      await tx
        .updateTable('jobs')
        .set({ lease_until: 1 })
        .where('id', '=', id)
        .where('lease_until', 'is not', null)
        .execute();
      await claimJobs(tx, { nodeId: db.nodeId, max: 1000, leaseMs, underWay: [] });
    });
  }

  async function finish(id: number, event: JobEnd['event']): Promise<void> {
    const { attempt_count: attempt, lease_node: node } = await read(id);
    const { flowId } = world;
    // What no lease holds needs none: whether it ends is for the table alone to say.
    const right = node === null ? null : attempt;
    await world.db.transaction((tx) =>
      finishJobs(tx, world.finish, [{ ...nothingWritten, jobId: id, flowId, event, attempt: right }]),
    );
  }

  /** As the runner does: back into the queue, or else it ends there and then. */
  async function requeue(id: number): Promise<void> {
    const { db } = world;
    const { attempt_count: attempt } = await read(id);
    const went = await db.transaction((tx) =>
      requeueJob(tx, { id, attempt }, { nodeId: db.nodeId, planned: true }),
    );
    if (!went) await finish(id, 'requeue');
  }

  const machine: Machine<number> = {
    births: ['queued', 'reported'],
    make: (birth) => queue(birth === 'queued' ? 'engine' : 'external'),
    async apply(id, event) {
      if (event === 'claim') return claim(id);
      if (event === 'cancel') return world.db.transaction((tx) => cancelJobs(tx, world.finish, [id]));
      if (event === 'requeue') return requeue(id);
      return finish(id, event as JobEnd['event']);
    },
    async look(id) {
      const { updated_at: _, lease_until: __, ...row } = await read(id);
      return { state: readStanding(row), row };
    },
  };

  it('are moved as they are drawn, in each cell', () => proveEachCell(machine, grid));
  it('are moved as they are drawn over any life', () => proveLives(machine, grid, 60));

  it('are not moved by a lease that is another’s by now', async () => {
    const id = await queue('engine');
    await claim(id);
    const before = await read(id);
    const { flowId, db } = world;
    for (const event of ['complete', 'fail', 'stop', 'requeue'] as const)
      for (const attempt of [null, before.attempt_count - 1])
        await db.transaction((tx) =>
          finishJobs(tx, world.finish, [{ ...nothingWritten, jobId: id, flowId, event, attempt }]),
        );
    for (const [attempt, nodeId] of [
      [before.attempt_count - 1, db.nodeId] as const,
      [before.attempt_count, db.nodeId + 1] as const,
    ])
      await db.transaction((tx) => requeueJob(tx, { id, attempt }, { nodeId, planned: true }));
    await db.transaction((tx) => claimJobs(tx, { nodeId: db.nodeId, max: 1000, leaseMs, underWay: [] }));
    assert.deepEqual(await read(id), before);
  });

  const claimAll = () =>
    world.db.transaction((tx) =>
      claimJobs(tx, { nodeId: world.db.nodeId, max: 1000, leaseMs, underWay: [] }),
    );

  it('are claimed anew when their lease ran out 10 s ago, not before its end and not at it', async () => {
    const id = await queue('engine');
    await claimAll();
    const left = async (endsIn: number) => {
      await world.db.transaction((tx) =>
        sql`update jobs set lease_until = ${tx.now} + ${sql.lit(endsIn)} where id = ${id}`.execute(tx),
      );
      return (await claimAll()).map((job) => job.id);
    };
    for (const endsIn of [9000, 0, -5000]) assert.deepEqual(await left(endsIn), [], `${endsIn} ms`);
    assert.deepEqual(await left(-10_000), [id]);
  });

  it('count an attempt that was cut off, unless it was planned that its node ends', async () => {
    const id = await queue('engine');
    await claimAll();
    assert.equal((await read(id)).crash_count, 0, 'the first claim cuts off nothing');
    const takenFrom = async (name: string, ends: { stopping_at?: number; stopped_at?: number }) => {
      await world.db.transaction(async (tx) => {
        const node = { name, started_at: 1, ...ends };
        const { id: gone } = await tx
          .insertInto('nodes')
          .values(node)
          .returning('id')
          .executeTakeFirstOrThrow();
        await tx.updateTable('jobs').set({ lease_node: gone, lease_until: 1 }).where('id', '=', id).execute();
      });
      const [claimed] = await claimAll();
      assert.equal(claimed?.id, id);
      return claimed.crashes;
    };
    assert.equal(await takenFrom('killed', {}), 1);
    assert.equal(await takenFrom('told to end', { stopping_at: 2 }), 1);
    assert.equal(await takenFrom('ended', { stopping_at: 2, stopped_at: 3 }), 1);
    assert.equal(await takenFrom('killed, too', {}), 2);
    assert.equal((await read(id)).crash_count, 2);
  });

  it('begin in the order in which they are given', async () => {
    const { flowId, personId: creatorId, db } = world;
    const names = Array.from({ length: 50 }, (_, index) => `job ${index}`);
    const ids = await db.transaction((tx) =>
      queueJobs(
        tx,
        names.map((name) => ({ ...job, name, flowId, creatorId })),
      ),
    );
    const rows = await db.read
      .selectFrom('jobs')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .orderBy('id')
      .execute();
    assert.deepEqual(
      rows.map(({ name }) => name),
      names,
    );
    assert.deepEqual(
      rows.map(({ id }) => id),
      ids,
    );
  });
});
