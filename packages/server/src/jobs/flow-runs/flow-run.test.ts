// A flow run ends once, with its last job, whoever ends that one; which recipes are run together.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import type { Database } from '../../db/database.ts';
import { finishJobs, nothingWritten, type FinishContext } from '../finish.ts';
import { chooseRecipes } from './flow-run-choice.ts';
import type { EndedFlowRun } from './flow-run-end.ts';
import { judgeFlowRun, type FlowRunEvent } from './flow-run-state.ts';
import type { JobEvent, JobState } from '../job-state.ts';

describe('the state of a flow run', () => {
  const table: [JobState[], FlowRunEvent | null][] = [
    [['complete', 'complete'], 'complete'],
    [['complete', 'running'], null],
    [['failed', 'queued'], null],
    [['complete', 'failed'], 'fail'],
    [['canceled', 'failed'], 'fail'],
    [['complete', 'canceled'], 'cancel'],
  ];
  for (const [jobs, expected] of table)
    it(`${jobs.join(', ')} ${expected ?? 'let it run'}`, () => {
      assert.equal(judgeFlowRun(jobs), expected);
      assert.equal(judgeFlowRun(jobs.toReversed()), expected);
    });
});

describe('the recipes of a flow run', () => {
  const recipes = [
    { id: 1, name: 'a' },
    { id: 2, name: 'b' },
    { id: 3, name: 'twin' },
    { id: 4, name: 'twin' },
  ];
  const choose = (chosen: number[] | undefined, overridden: string[] = []) => {
    const overrides = new Map(overridden.map((name) => [name, { writeSettings: undefined }]));
    const choice = chooseRecipes({ recipes, withOutput: [1, 3], chosen, overrides });
    return choice.ok ? choice.recipes.map(({ id }) => id) : choice.field;
  };
  const table: [string, number[] | undefined, string[], number[] | string][] = [
    ['are all with an output', undefined, [], [1, 3]],
    ['are those that were chosen', [2, 1], [], [1, 2]],
    ['are of the flow', [1, 9], [], 'wrangledDatasetIds[1]'],
    ['take overrides by name', undefined, ['a'], [1, 3]],
    ['refuse an override of none', undefined, ['c'], 'overrides.c'],
    ['refuse an override of one that is not run', undefined, ['b'], 'overrides.b'],
    ['refuse an override of two', undefined, ['twin'], 'overrides.twin'],
  ];
  for (const [title, chosen, overridden, expected] of table)
    it(title, () => assert.deepEqual(choose(chosen, overridden), expected));
});

describeOnBoth('the end of a flow run', (make, dialect) => {
  let database: TestDatabase;
  let db: Database;
  let other: Database;
  let world: World;
  let ended: EndedFlowRun[];
  before(async () => {
    database = await make();
    db = await database.open();
    world = await makeWorld(db);
    // Two nodes where there may be two.
    other = dialect === 'sqlite' ? db : await database.open();
  });
  after(async () => {
    if (other !== db) await other.close();
    await db.close();
    await database.remove();
  });

  const contextOf = (node: Database): FinishContext => ({
    ...world.finish,
    db: node,
    flowRunEnded: async (_, run) => void ended.push(run),
  });
  const makeRun = async (count: number) => {
    ended = [];
    const { flowId, personId } = world;
    const times = { created_at: 1000, updated_at: 1000 };
    const state = 'running' as const;
    const run = { flow_id: flowId, ran_from: 'api', started_by: 'person', creator_id: personId } as const;
    const { id } = await db.transaction((tx) =>
      tx
        .insertInto('flow_runs')
        .values({ ...run, ...times, state })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    const jobs: number[] = [];
    for (let made = 0; made < count; made += 1) jobs.push(await world.addExternalJob());
    await db.transaction((tx) =>
      tx.updateTable('jobs').set({ flow_run_id: id }).where('id', 'in', jobs).execute(),
    );
    return { id, jobs };
  };
  const end = (node: Database, jobId: number, event: JobEvent = 'complete') => {
    return node.transaction((tx) =>
      finishJobs(tx, contextOf(node), [{ ...nothingWritten, jobId, flowId: world.flowId, event, rows: 7 }]),
    );
  };
  const readRun = (id: number) =>
    db.read.selectFrom('flow_runs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  it('comes with its last job, with the facts of all', async () => {
    const { id, jobs } = await makeRun(2);
    await end(db, jobs[1]!, 'fail');
    assert.deepEqual([ended.length, (await readRun(id)).state], [0, 'running']);
    await end(db, jobs[0]!);
    const run = await readRun(id);
    assert.deepEqual([run.state, ended.length], ['failed', 1]);
    const [facts] = ended;
    assert.deepEqual(
      [facts!.id, facts!.flow, facts!.status, facts!.startedAt, facts!.finishedAt],
      [id, { id: world.flowId, name: 'A flow' }, 'Failed', 1000, run.finished_at],
    );
    assert.deepEqual(
      facts!.jobs.map(({ id: jobId, status, rows }) => [jobId, status, rows]),
      [
        [jobs[0], 'Complete', 7],
        [jobs[1], 'Failed', 7],
      ],
    );
    await end(db, jobs[0]!);
    assert.equal(ended.length, 1, 'a job that has ended ends nothing again');
  });

  it('comes once where the last two jobs end at the same moment on two nodes', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { id, jobs } = await makeRun(2);
      await Promise.all([end(db, jobs[0]!), end(other, jobs[1]!)]);
      assert.deepEqual([ended.length, (await readRun(id)).state], [1, 'complete']);
    }
  });

  it('stands or falls with the transaction that ends the last job', async () => {
    const { id, jobs } = await makeRun(1);
    const broken = { ...contextOf(db), flowRunEnded: () => Promise.reject(new Error('the hook fails')) };
    const { flowId } = world;
    const failing = db.transaction((tx) =>
      finishJobs(tx, broken, [{ jobId: jobs[0]!, flowId, event: 'complete', ...nothingWritten }]),
    );
    await assert.rejects(failing, /the hook fails/u);
    assert.equal((await readRun(id)).state, 'running');
    await end(db, jobs[0]!);
    assert.deepEqual([ended.length, (await readRun(id)).state], [1, 'complete']);
  });

  it('is told though the end of another run that came with it was set aside', async () => {
    const runs = [await makeRun(1), await makeRun(1)];
    const taskId = await world.addTask({ condition: { kind: 'flowRunEnded' } });
    const { flowId } = world;
    const ends = runs.map(({ jobs: [jobId] }, at) => ({
      jobId: jobId!,
      flowId,
      event: 'complete' as const,
      setAside: at === 0,
      ...nothingWritten,
    }));
    await db.transaction((tx) => finishJobs(tx, contextOf(db), ends));
    const told = await db.read
      .selectFrom('decisions')
      .innerJoin('events', 'events.id', 'decisions.event_id')
      .select(['events.flow_run_id', 'decisions.reason'])
      .where('decisions.task_id', '=', taskId)
      .where('events.flow_run_id', 'is not', null)
      .orderBy('events.flow_run_id')
      .execute();
    assert.deepEqual(
      told.map(({ flow_run_id, reason }) => [flow_run_id, reason]),
      [
        [runs[0]!.id, 'set_aside'],
        [runs[1]!.id, 'fired'],
      ],
    );
  });
});
