// What waits for a webhook task follows it, on both databases: held, sent on, moved, canceled.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { initialFields } from '@flowhook/contract/webhook/task-field';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { createSecretBox } from '../../base/secret.ts';
import { keepNothing } from '../../db/kept-answer.ts';
import type { Database } from '../../db/database.ts';
import { createExternalJobs } from '../../jobs/external/external-job.ts';
import type { Caller } from '../../people/caller.ts';
import { runAudit } from '../ledger/audit.ts';
import { cancelDelivery } from './delivery.ts';
import { claimDue, type Claim } from './delivery-claim.ts';
import { settleAttempts } from './delivery-settle.ts';
import { compilePolicy } from '../sending/egress/policy.ts';
import { findTask } from '../tasks/stored-task.ts';
import { disableTasksOfRecipe, removeTasksOfFlow } from '../tasks/task-deletion.ts';
import { createTask, removeTask, updateTaskOf, type TaskContext } from '../tasks/task-editing.ts';
import type { TaskDefinition } from '../tasks/task-rule.ts';

const plain: TaskDefinition = {
  ...initialFields,
  name: 'Tell the receiver',
  url: 'https://example.com/hook',
  method: 'post',
  triggerEvent: 'onJobDone',
  triggerObject: 'any',
  recipeIds: [],
  headers: {},
  body: '{"job":$jobId}',
  secretKey: null,
  secrets: {},
};
describeOnBoth('A task', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let context: TaskContext;
  let caller: Caller;
  const box = createSecretBox(['a key for the tests of tasks']);
  before(async () => {
    test = await make();
    db = await test.open();
  });
  after(async () => {
    assert.deepEqual((await runAudit(db.read)).findings, []);
    await db.close();
    await test.remove();
  });

  /** A flow of its own, so that no test sees another's tasks. */
  const start = async () => {
    world = await makeWorld(db);
    const policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
    context = { db, box, policy: () => policy, maxTasks: () => 50 };
    const { personId } = world;
    caller = {
      personId,
      email: '',
      name: '',
      role: 'author',
      via: 'token',
      readOnly: false,
      flowIds: null,
    };
  };
  const add = async (task: Partial<TaskDefinition> = {}): Promise<number> => {
    const keeping = { ...context, keep: keepNothing };
    return (await createTask(keeping, caller, world.flowId, { ...plain, ...task })).id;
  };
  const change = (id: number, wanted: Parameters<typeof updateTaskOf>[3]) =>
    updateTaskOf(context, caller, id, wanted);
  const endJob = async () => {
    const jobId = await world.addExternalJob();
    const end = { state: 'complete', percent: null, facts: null, errorMessage: null, logTail: null } as const;
    await createExternalJobs(db, world.finish).report({ caller, jobId, ...end });
    return jobId;
  };
  const deliveryOf = (taskId: number) =>
    db.read
      .selectFrom('deliveries')
      .selectAll()
      .where('task_id', '=', taskId)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
  const claimAll = () =>
    db.transaction((tx) =>
      claimDue(tx, {
        nodeId: db.nodeId,
        max: 100,
        maxOfHost: () => 100,
        leastOfHost: 100,
        leaseMs: 60_000,
      }),
    );
  /** As failures that are worth another attempt. */
  const settle = (claims: readonly Claim[]) =>
    db.transaction((tx) =>
      settleAttempts(
        tx,
        db.nodeId,
        claims.map((claim) => ({
          claim,
          outcome: { kind: 'response', statusCode: 503 },
          startedAt: 1,
          durationMs: 1,
          address: null,
          retryAfter: null,
          retryOnFailure: true,
          schedule: [5000],
          random: 0.5,
          exchange: '{}',
        })),
      ),
    );
  const addRecipe = (name: string) =>
    db.transaction(async (tx) => {
      const { id } = await tx
        .insertInto('flow_nodes')
        .values({ flow_id: world.flowId, kind: 'recipe', created_at: 1 })
        .returning('id')
        .executeTakeFirstOrThrow();
      const row = { id, flow_id: world.flowId, name, created_at: 1, updated_at: 1 };
      await tx.insertInto('recipes').values(row).execute();
      return id;
    });

  describe('with something that waits', () => {
    before(() => start());

    it('holds it when the task is disabled, and sends it on when enabled, but for what is too old', async () => {
      const id = await add();
      await endJob();
      const old = await deliveryOf(id);
      await endJob();
      const young = await deliveryOf(id);
      await change(id, { enabled: false });
      const held = await deliveryOf(id);
      assert.deepEqual([held.state, held.held, held.due_at], ['pending', 1, null]);
      await db.transaction((tx) =>
        tx.updateTable('deliveries').set({ expires_at: 1 }).where('id', '=', old.id).execute(),
      );
      await change(id, { enabled: true });
      const released = await deliveryOf(id);
      assert.deepEqual([released.id, released.held, released.due_at === null], [young.id, 0, false]);
      const expired = await db.read
        .selectFrom('deliveries')
        .select(['state', 'end_reason', 'held'])
        .where('id', '=', old.id)
        .executeTakeFirstOrThrow();
      assert.deepEqual(expired, { state: 'dead', end_reason: 'expired', held: 0 });
    });

    it('moves it with the URL to the other host', async () => {
      const id = await add();
      await endJob();
      await change(id, { url: 'https://example.org:444/hook' });
      assert.equal((await deliveryOf(id)).host, 'example.org:444');
    });

    it('cancels it with the task, and marks what is being sent', async () => {
      const sent = await add();
      await endJob();
      await claimAll();
      const id = await add();
      await endJob();
      await removeTask(context, caller, id);
      const gone = await deliveryOf(id);
      assert.deepEqual([gone.state, gone.end_reason, gone.due_at], ['canceled', 'task_deleted', null]);
      const { rows } = await sql<{ id: number }>`
        select id from deliveries where task_id = ${sent} and state = 'sending'`.execute(db.read);
      await removeTask(context, caller, sent);
      const marked = await sql<{ id: number; cancel_requested: number }>`
        select id, cancel_requested from deliveries where task_id = ${sent} and state = 'sending'`.execute(
        db.read,
      );
      assert.deepEqual(
        marked.rows.map((row) => row.cancel_requested),
        rows.map(() => 1),
      );
      assert.ok(rows.length > 0);
    });

    for (const [how, reason] of [
      ['the task', 'task_deleted'],
      ['the flow', 'flow_deleted'],
      ['nothing but a person', 'by_hand'],
    ] as const)
      it(`says ${reason} of what was being sent while ${how} ended it`, async () => {
        await start();
        const [sent, cut] = [await add(), await add()];
        await endJob();
        const { claims } = await claimAll();
        if (reason === 'task_deleted') for (const id of [sent, cut]) await removeTask(context, caller, id);
        else if (reason === 'flow_deleted')
          await db.transaction((tx) => removeTasksOfFlow(tx, context, world.flowId, world.personId));
        else
          for (const { id } of claims)
            await cancelDelivery({ db, makePublicId: () => '', maximumAgeMs: () => 1 }, id);
        await settle(claims.filter(({ taskId }) => taskId === sent));
        await db.transaction((tx) =>
          tx.updateTable('deliveries').set({ due_at: 0 }).where('task_id', '=', cut).execute(),
        );
        await claimAll();
        for (const id of [sent, cut]) {
          const { state, end_reason, cancel_requested } = await deliveryOf(id);
          assert.deepEqual([state, end_reason, cancel_requested], ['canceled', reason, 0]);
        }
      });

    it('cancels it with the flow', async () => {
      await start();
      const id = await add();
      await endJob();
      await db.transaction((tx) => removeTasksOfFlow(tx, context, world.flowId, world.personId));
      const gone = await deliveryOf(id);
      assert.deepEqual([gone.state, gone.end_reason], ['canceled', 'flow_deleted']);
      assert.notEqual((await findTask(db.read, box, id))!.deletedAt, null);
    });
  });

  describe('that watches recipes', () => {
    before(() => start());
    const deleteRecipe = (recipeId: number) =>
      db.transaction(async (tx) => {
        await disableTasksOfRecipe(tx, context, { recipeId, personId: world.personId });
        await tx.updateTable('recipes').set({ deleted_at: 2 }).where('id', '=', recipeId).execute();
      });

    it('is disabled with the last of them, and says why', async () => {
      const [first, last] = [await addRecipe('first'), await addRecipe('last')];
      const id = await add({ triggerObject: 'some', recipeIds: [first, last] });
      await deleteRecipe(first);
      assert.equal((await findTask(db.read, box, id))!.enabled, true);
      await deleteRecipe(last);
      const task = (await findTask(db.read, box, id))!;
      assert.equal(task.enabled, false);
      assert.match(task.disabledReason!, /recipe .* deleted/u);
    });

    it('can be changed after one of them was deleted', async () => {
      const [gone, stays] = [await addRecipe('gone'), await addRecipe('stays')];
      const id = await add({ triggerObject: 'some', recipeIds: [gone, stays] });
      await deleteRecipe(gone);
      await change(id, { name: 'Another name' });
      assert.deepEqual((await findTask(db.read, box, id))!.recipeIds, [stays]);
    });
  });
});
