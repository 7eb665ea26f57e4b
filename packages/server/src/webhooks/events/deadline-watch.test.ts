// Outputs that are not refreshed, and jobs that run too long, on both databases: told once, by one node, never lost.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { initialFields } from '@flowhook/contract/webhook/task-field';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { createSecretBox } from '../../base/secret.ts';
import { keepNothing } from '../../db/kept-answer.ts';
import type { Database } from '../../db/database.ts';
import { finishJobs } from '../../jobs/finish.ts';
import { tellSlow } from '../../jobs/slow-watch.ts';
import type { Caller } from '../../people/caller.ts';
import { runAudit } from '../ledger/audit.ts';
import type { Condition } from './condition.ts';
import { tellOverdue } from './deadline-watch.ts';
import { compilePolicy } from '../sending/egress/policy.ts';
import { createTask, removeTask, updateTaskOf, type TaskContext } from '../tasks/task-editing.ts';

describeOnBoth('Deadlines', (make, dialect) => {
  let test: TestDatabase;
  let db: Database;
  let other: Database;
  let world: World;
  let context: TaskContext;
  let caller: Caller;
  before(async () => {
    test = await make();
    db = await test.open();
    other = dialect === 'sqlite' ? db : await test.open();
    world = await makeWorld(db);
    const policy = compilePolicy({ allowedUrlRegexes: ['^http://127\\.0\\.0\\.1:1/'], forbiddenIps: '' });
    context = { db, box: createSecretBox(['a key for tests']), policy: () => policy, maxTasks: () => 50 };
    const { personId } = world;
    caller = { personId, email: '', name: '', role: 'author', via: 'token', readOnly: false, flowIds: null };
  });
  after(async () => {
    assert.deepEqual((await runAudit(db.read)).findings, []);
    if (other !== db) await other.close();
    await db.close();
    await test.remove();
  });

  const addTask = async (condition: Condition): Promise<number> => {
    const made = await createTask({ ...context, keep: keepNothing }, caller, world.flowId, {
      ...initialFields,
      name: 'Tell me',
      url: 'http://127.0.0.1:1/x',
      method: 'post',
      triggerEvent: 'onJobDone',
      triggerObject: 'any',
      recipeIds: [],
      condition,
      headers: {},
      body: '{"since":"$overdueSince","at":"$overdueAt","job":$jobId}',
      secretKey: null,
      secrets: {},
    });
    return made.id;
  };
  /** As if the deadline had been set so long ago. */
  const age = (taskId: number, ms: number) =>
    db.transaction((tx) =>
      sql`update webhook_deadlines set due_at = due_at - ${sql.lit(ms)}, window_start = window_start - ${sql.lit(ms)} where task_id = ${taskId}`.execute(
        tx,
      ),
    );
  const readDeadline = (taskId: number) =>
    db.read.selectFrom('webhook_deadlines').selectAll().where('task_id', '=', taskId).executeTakeFirst();
  const readTold = async (taskId: number) => {
    const { rows } = await sql<{ kind: string; at: number; fires: number; body: string | null }>`
      select e.kind, e.created_at as at, d.fires, b.body from events e join decisions d on d.event_id = e.id and d.task_id = ${taskId}
      left join deliveries x on x.event_id = e.id and x.task_id = ${taskId} left join delivery_bodies b on b.delivery_id = x.id
      where e.about_task_id = ${taskId} order by e.id`.execute(db.read);
    return rows;
  };
  const tell = (node: Database = db) =>
    tellOverdue({ db: node, record: { ...world.finish.record, db: node } });
  const endJob = async (jobId: number) => {
    const none = {
      attempt: null,
      rows: 1,
      bytes: null,
      columns: null,
      resultFolder: null,
      error: null,
      files: [],
    };
    const { flowId } = world;
    await db.transaction((tx) =>
      finishJobs(tx, world.finish, [{ jobId, flowId, event: 'complete', ...none }]),
    );
  };

  it('are told of once where no job ran at all, also by two nodes at the same moment', async () => {
    const taskId = await addTask({ kind: 'notRefreshedWithin', seconds: 3600 });
    assert.equal(await tell(), 0, 'not before its time');
    await age(taskId, 3_600_000);
    const due = (await readDeadline(taskId))!.due_at;
    await Promise.all([tell(), tell(other), tell(), tell(other)]);
    const told = await readTold(taskId);
    assert.deepEqual(
      told.map(({ kind, at, fires }) => [kind, at, fires]),
      [['output.overdue', due, 1]],
    );
    assert.deepEqual(JSON.parse(told[0]!.body!), { since: '', at: new Date(due).toISOString(), job: null });
    assert.equal((await readDeadline(taskId))!.due_at, due + 3_600_000);
    await removeTask(context, caller, taskId);
    assert.equal(await readDeadline(taskId), undefined);
  });

  it('are told of for each period that a stopped server missed', async () => {
    const taskId = await addTask({ kind: 'notRefreshedWithin', seconds: 3600 });
    await age(taskId, 3 * 3_600_000);
    while ((await tell()) > 0);
    assert.equal((await readTold(taskId)).length, 3);
    await removeTask(context, caller, taskId);
  });

  it('stay as they were where the transaction does not come through', async () => {
    const taskId = await addTask({ kind: 'notRefreshedWithin', seconds: 3600 });
    await age(taskId, 3_600_000);
    const broken = {
      ...world.finish.record,
      makePublicId: () => {
        throw new Error('the power fails here');
      },
    };
    await assert.rejects(tellOverdue({ db, record: broken }), /power/u);
    assert.deepEqual(await readTold(taskId), []);
    assert.equal(await tell(), 1);
    assert.equal((await readTold(taskId)).length, 1);
    await removeTask(context, caller, taskId);
  });

  it('are kept by a success, moved by it, and wait while the task is disabled', async () => {
    const taskId = await addTask({ kind: 'notRefreshedWithin', seconds: 3600 });
    await endJob(await world.addExternalJob());
    // The window began before that success, and is over by now.
    await db.transaction((tx) =>
      sql`update webhook_deadlines set due_at = due_at - 3599000, window_start = window_start - 7200000 where task_id = ${taskId}`.execute(
        tx,
      ),
    );
    const deadline = (await readDeadline(taskId))!;
    await db.transaction((tx) =>
      sql`update webhook_deadlines set due_at = (select max(finished_at) from jobs) where task_id = ${taskId}`.execute(
        tx,
      ),
    );
    assert.equal(await tell(), 1);
    assert.deepEqual(await readTold(taskId), []);
    assert.ok((await readDeadline(taskId))!.due_at > deadline.due_at);
    await updateTaskOf(context, caller, taskId, { enabled: false });
    assert.equal(await readDeadline(taskId), undefined);
    await updateTaskOf(context, caller, taskId, { enabled: true, name: 'Again' });
    const again = (await readDeadline(taskId))!;
    await updateTaskOf(context, caller, taskId, { name: 'The same deadline' });
    assert.deepEqual(await readDeadline(taskId), again);
    await updateTaskOf(context, caller, taskId, { condition: { kind: 'recovered' } });
    assert.equal(await readDeadline(taskId), undefined);
  });

  it('are missed by the audit where they are lost', async () => {
    const taskId = await addTask({ kind: 'notRefreshedBy', cron: '0 7 * * *', timezone: 'Europe/Berlin' });
    const rules = await db
      .transaction(async (tx) => {
        await sql`delete from webhook_deadlines where task_id = ${taskId}`.execute(tx);
        const { findings } = await runAudit(tx);
        throw Object.assign(new Error('undone'), {
          rules: findings.map(({ rule, row }) => `${rule} ${row}`),
        });
      })
      .catch((error: { rules?: string[] }) => error.rules ?? Promise.reject(error as Error));
    assert.deepEqual(rules, [`deadline_of_task task ${taskId}`]);
  });

  it('of a running job are told once while it runs, and not again at its end', async () => {
    const taskId = await addTask({ kind: 'longerThan', seconds: 60, whileRunning: true });
    const [slow, quick] = [await world.addExternalJob(), await world.addExternalJob()];
    const start = (jobId: number, ms: number) =>
      db.transaction((tx) =>
        sql`update jobs set started_at = started_at - ${sql.lit(ms)} where id = ${jobId}`.execute(tx),
      );
    await start(slow, 61_000);
    const at = (node: Database) =>
      tellSlow({
        db: node,
        finish: { ...world.finish, db: node, record: { ...world.finish.record, db: node } },
      });
    await Promise.all([at(db), at(other), at(db), at(other)]);
    assert.equal(await at(db), 0);
    assert.deepEqual(
      (await readTold(taskId)).map(({ kind, fires, body }) => [kind, fires, JSON.parse(body!).job]),
      [['job.slow', 1, slow]],
    );
    await start(quick, 61_000);
    await endJob(slow);
    await endJob(quick);
    const readEnd = async (jobId: number) => {
      const { rows } = await sql<{ fires: number; detail: string }>`
        select d.fires, d.detail from decisions d join events e on e.id = d.event_id
        where e.job_id = ${jobId} and e.kind = 'job.success' and d.task_id = ${taskId}`.execute(db.read);
      return rows.map(({ fires, detail }) => [fires, detail.split(' ').slice(0, 3).join(' ')]);
    };
    assert.deepEqual(await readEnd(slow), [[0, 'The task had']]);
    assert.deepEqual(await readEnd(quick), [[1, 'The job took']]);
  });
});
