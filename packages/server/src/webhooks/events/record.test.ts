// Events of every kind on both databases: one decision for each task, conditions judged by what the output's jobs came to before.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import type { Database } from '../../db/database.ts';
import { finishJobs, type JobEnd } from '../../jobs/finish.ts';
import type { FinalState } from '../../jobs/job-state.ts';
import { runAudit } from '../ledger/audit.ts';
import { readFacts } from '../messages/fact.ts';

describeOnBoth('Events', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
  });
  after(async () => {
    assert.deepEqual((await runAudit(db.read)).findings, []);
    await db.close();
    await test.remove();
  });

  const none = { attempt: null, bytes: null, columns: 3, resultFolder: null, error: null, files: [] };
  const events = { complete: 'complete', failed: 'fail', canceled: 'cancel' } as const;
  const end = async (ends: readonly (readonly [FinalState, number | null])[]) => {
    const { flowId } = world;
    const given: JobEnd[] = [];
    for (const [state, rows] of ends)
      given.push({ jobId: await world.addExternalJob(), flowId, event: events[state], rows, ...none });
    await db.transaction((tx) => finishJobs(tx, world.finish, given));
    return given.map(({ jobId }) => jobId);
  };
  const readDecisions = async (jobId: number) => {
    const { rows } = await sql<{ task_id: number; fires: number; detail: string }>`
      select d.task_id, d.fires, d.detail from decisions d join events e on e.id = d.event_id where e.job_id = ${jobId}`.execute(
      db.read,
    );
    return new Map(rows.map(({ task_id, fires, detail }) => [task_id, { fires: fires === 1, detail }]));
  };
  const readHistory = async (jobId: number) => {
    const { facts } = await db.read
      .selectFrom('events')
      .select('facts')
      .where('job_id', '=', jobId)
      .executeTakeFirstOrThrow();
    return readFacts(facts).history;
  };

  it('know what came before, also where jobs end in one transaction', async () => {
    const recovered = await world.addTask({ condition: { kind: 'recovered' } });
    const third = await world.addTask({
      condition: { kind: 'failuresInRow', count: 3, andFurther: false },
    });
    const changed = await world.addTask({
      condition: { kind: 'changed', of: 'rows', percent: 10, direction: 'either' },
    });
    const plain = await world.addTask();
    const [first] = await end([['complete', 100]]);
    await end([['failed', null]]);
    const batch = await end([
      ['failed', null],
      ['canceled', null],
      ['failed', null],
      ['complete', 150],
      ['complete', 151],
    ]);
    const fired = [];
    for (const jobId of [first!, ...batch]) {
      const decisions = await readDecisions(jobId);
      assert.deepEqual(new Set(decisions.keys()), new Set([recovered, third, changed, plain]));
      fired.push([recovered, third, changed, plain].filter((id) => decisions.get(id)!.fires));
    }
    assert.deepEqual(fired, [[plain], [plain], [], [third, plain], [recovered, changed, plain], [plain]]);
    const decisions = await readDecisions(batch[3]!);
    assert.equal(decisions.get(recovered)!.detail, 'The job succeeded after 3 failures in a row.');
    assert.equal(decisions.get(changed)!.detail, 'The rows went from 100 to 150 (+50 %).');
    const history = await readHistory(batch[3]!);
    assert.deepEqual(
      [history!.failuresInRow, history!.previous!.jobId, history!.previous!.rows, history!.previous!.columns],
      [3, first, 100, 3],
    );
    assert.equal((await readHistory(batch[4]!))!.previous!.jobId, batch[3]);
  });

  it('keep the histories of different outputs apart', async () => {
    const other = await makeWorld(db);
    const task = await other.addTask({ condition: { kind: 'recovered' } });
    await end([['failed', null]]);
    const jobId = await other.addExternalJob();
    const given = { jobId, flowId: other.flowId, event: 'complete' as const, rows: 1, ...none };
    await db.transaction((tx) => finishJobs(tx, other.finish, [given]));
    assert.equal((await readDecisions(jobId)).get(task)!.fires, false);
    assert.deepEqual(await readHistory(jobId), { previous: null, failuresInRow: 0 });
  });

  it('of a flow run are told once to the tasks that wait for it, and explained to the others', async () => {
    const waits = await world.addTask({
      condition: { kind: 'flowRunEnded' },
      body: '{"run":$flowRunId,"jobs":$flowRunJobs}',
    });
    const plain = await world.addTask();
    const { flowId, personId } = world;
    const run = {
      flow_id: flowId,
      ran_from: 'api',
      started_by: 'person',
      creator_id: personId,
      state: 'running',
      created_at: 1000,
      updated_at: 1000,
    } as const;
    const { id } = await db.transaction((tx) =>
      tx.insertInto('flow_runs').values(run).returning('id').executeTakeFirstOrThrow(),
    );
    const jobs = [await world.addExternalJob(), await world.addExternalJob()];
    await db.transaction((tx) =>
      tx.updateTable('jobs').set({ flow_run_id: id }).where('id', 'in', jobs).execute(),
    );
    const given = jobs.map((jobId) => ({ jobId, flowId, event: 'complete' as const, rows: 5, ...none }));
    await db.transaction((tx) => finishJobs(tx, world.finish, given));
    const { rows } = await sql<{ task_id: number; fires: number; kind: string; body: string | null }>`
      select d.task_id, d.fires, e.kind, b.body from events e join decisions d on d.event_id = e.id
      left join deliveries x on x.event_id = e.id and x.task_id = d.task_id left join delivery_bodies b on b.delivery_id = x.id
      where e.flow_run_id = ${id} and d.task_id in (${waits}, ${plain}) order by d.task_id`.execute(db.read);
    assert.deepEqual(
      rows.map(({ task_id, fires, kind }) => [task_id, fires, kind]),
      [
        [waits, 1, 'flowRun.success'],
        [plain, 0, 'flowRun.success'],
      ],
    );
    assert.deepEqual(JSON.parse(rows[0]!.body!), {
      run: id,
      jobs: jobs.map((job) => ({ id: job, status: 'Complete', recipe: null, rows: 5 })),
    });
    assert.match(
      (await readDecisions(jobs[0]!)).get(waits)!.detail,
      /waits for the end of a flow run, and this is the end of a job/u,
    );
  });

  it('that nobody could have recorded are found by the audit', async () => {
    const [jobId] = await end([['complete', 1]]);
    const task = await world.addTask();
    const find = async (change: string, ...names: string[]) => {
      const found = await db
        .transaction(async (tx) => {
          await sql.raw(change).execute(tx);
          const { findings } = await runAudit(tx);
          throw Object.assign(new Error('undone'), { rules: findings.map(({ rule }) => rule) });
        })
        .catch((error: { rules?: string[] }) => error.rules ?? Promise.reject(error as Error));
      for (const name of names) assert.ok(found.includes(name), `${change}: ${found.join(', ')}`);
    };
    await find(
      `update events set occurrence_key = 'job:0' where job_id = ${jobId}`,
      'event_is_its_occurrence',
    );
    await find(
      `update events set kind = 'job.slow', about_task_id = ${task}, occurrence_key = 'slow:${jobId}:${task}' where job_id = ${jobId}`,
      'job_has_event',
      'told_alone',
    );
    await find('delete from decisions; ', 'decision_for_each_task');
    await find(
      `insert into flow_runs (flow_id, ran_from, started_by, state, created_at, updated_at, finished_at)
       values (${world.flowId}, 'api', 'person', 'complete', 1, 1, 1)`,
      'flow_run_has_event',
    );
    await find(`update webhook_tasks set bound_job_id = ${jobId}`, 'decision_of_its_time');
  });
});
