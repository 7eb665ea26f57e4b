// Deliveries redelivered, sent as new and canceled by hand, on both databases.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { randomUUID } from 'node:crypto';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { dayMs, makeWorld, type World } from '../../../test/webhook-world.ts';
import { Problem, type ProblemCode } from '../../base/error.ts';
import { keepNothing, type Keeping } from '../../db/kept-answer.ts';
import type { Database } from '../../db/database.ts';
import { createExternalJobs } from '../../jobs/external/external-job.ts';
import { runAudit } from '../ledger/audit.ts';
import { claimDue } from './delivery-claim.ts';
import { settleAttempts } from './delivery-settle.ts';
import { cancelDelivery, redeliver, sendAsNew, type ByHandContext } from './delivery.ts';

describeOnBoth('By hand', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let context: ByHandContext & Keeping;
  let taskId: number;
  let id: number;
  const heard: string[] = [];
  before(async () => {
    test = await make();
    db = await test.open();
    db.listen(({ topic, ids }) => heard.push(`${topic} ${ids.join()}`));
    context = { db, makePublicId: () => randomUUID(), maximumAgeMs: () => 3 * dayMs, keep: keepNothing };
  });
  beforeEach(async () => {
    world = await makeWorld(db);
    taskId = await world.addTask();
    id = await owe();
  });
  after(async () => {
    assert.deepEqual((await runAudit(db.read)).findings, []);
    await db.close();
    await test.remove();
  });

  /** A job ends; gives the delivery that is owed for it. */
  const owe = async () => {
    const jobId = await world.addExternalJob();
    const caller = { personId: world.personId, email: '', name: '', role: 'author', via: 'token' } as const;
    const end = { state: 'complete', percent: null, facts: null, errorMessage: null, logTail: null } as const;
    const report = { caller: { ...caller, readOnly: false, flowIds: null }, jobId, ...end };
    await createExternalJobs(db, world.finish).report(report);
    const made = db.read.selectFrom('deliveries').select('id').where('job_id', '=', jobId);
    return (await made.executeTakeFirstOrThrow()).id;
  };
  const read = (deliveryId = id) =>
    db.read.selectFrom('deliveries').selectAll().where('id', '=', deliveryId).executeTakeFirstOrThrow();
  const set = (columns: Record<string, unknown>, deliveryId = id) =>
    db.transaction((tx) => tx.updateTable('deliveries').set(columns).where('id', '=', deliveryId).execute());
  const setTask = (columns: Record<string, unknown>) =>
    db.transaction((tx) => tx.updateTable('webhook_tasks').set(columns).where('id', '=', taskId).execute());
  const claim = async () => {
    const max = 1000;
    const options = { nodeId: db.nodeId, max, maxOfHost: () => max, leastOfHost: max, leaseMs: 60_000 };
    const { claims } = await db.transaction((tx) => claimDue(tx, options));
    return claims.find((each) => each.id === id)!;
  };
  const attempt = async (statusCode: number, schedule: number[] = []) => {
    const ended = {
      claim: await claim(),
      outcome: { kind: 'response', statusCode } as const,
      startedAt: 1,
      durationMs: 1,
      address: null,
      retryAfter: null,
      retryOnFailure: true,
      schedule,
      random: 0.5,
      exchange: '{}',
    };
    await db.transaction((tx) => settleAttempts(tx, db.nodeId, [ended]));
  };
  const refusedWith = (code: ProblemCode) => (error: unknown) =>
    error instanceof Problem && error.code === code;

  describe('redelivered', () => {
    it('starts an ended one in a fresh round under its id, and says so', async () => {
      await attempt(503);
      const dead = await read();
      assert.deepEqual([dead.state, dead.end_reason], ['dead', 'out_of_attempts']);
      await set({ expires_at: 1, interrupted_in_row: 3 });
      heard.length = 0;
      await redeliver(context, id);
      const again = await read();
      assert.deepEqual([again.state, again.end_reason, again.ended_at], ['pending', null, null]);
      assert.deepEqual([again.attempt_count, again.round_start, again.interrupted_in_row], [1, 1, 0]);
      assert.equal(again.public_id, dead.public_id);
      assert.ok(again.expires_at > Date.now() + 2 * dayMs);
      assert.ok(again.due_at! <= Date.now() + 1000);
      assert.ok(
        heard.includes(`deliveries.changed ${id}`) && heard.includes('deliveries.due '),
        heard.join(),
      );
      await attempt(503, [5000]);
      assert.equal((await read()).state, 'pending');
    });

    it('is due now where it waits, in the same round', async () => {
      await attempt(503, [3_600_000]);
      const waiting = await read();
      assert.ok(waiting.due_at! > Date.now() + 60_000);
      await redeliver(context, id);
      const due = await read();
      assert.ok(due.due_at! <= Date.now() + 1000);
      assert.deepEqual([due.round_start, due.expires_at], [0, waiting.expires_at]);
    });

    it('is refused while it is being sent', async () => {
      await claim();
      await assert.rejects(redeliver(context, id), refusedWith('conflict'));
      assert.equal((await read()).state, 'sending');
    });

    it('is held for a disabled task', async () => {
      await attempt(200);
      await setTask({ enabled: 0 });
      await redeliver(context, id);
      const held = await read();
      assert.deepEqual([held.state, held.held, held.due_at], ['pending', 1, null]);
    });

    it('is refused where the task is deleted', async () => {
      await attempt(200);
      await setTask({ deleted_at: 1, died_revision: 1000 });
      await assert.rejects(redeliver(context, id), refusedWith('gone'));
      await assert.rejects(sendAsNew(context, id), refusedWith('gone'));
    });

    it('is refused where its body could not be made: it would go out without one', async () => {
      for (const reason of ['body_too_large', 'body_failed']) {
        await set({ state: 'dead', due_at: null, end_reason: reason, ended_at: 1 });
        await assert.rejects(redeliver(context, id), refusedWith('conflict'));
        await assert.rejects(sendAsNew(context, id), refusedWith('conflict'));
      }
    });

    it('counts against the host that the task calls now', async () => {
      await attempt(200);
      await setTask({ url: 'http://127.0.0.2:8080/x' });
      await redeliver(context, id);
      assert.equal((await read()).host, '127.0.0.2:8080');
      assert.equal((await read((await sendAsNew(context, id)).id)).host, '127.0.0.2:8080');
    });
  });

  describe('sent as new', () => {
    it('stands beside the first with an id of its own and the same body', async () => {
      await attempt(200);
      const { id: added } = await sendAsNew(context, id);
      const [first, second] = [await read(), await read(added)];
      assert.notEqual(second.public_id, first.public_id);
      assert.deepEqual(
        [second.state, second.repeats_id, second.event_id, second.attempt_count],
        ['pending', id, first.event_id, 0],
      );
      assert.equal(first.state, 'delivered');
      const bodies = await db.read
        .selectFrom('delivery_bodies')
        .select('body')
        .where('delivery_id', 'in', [id, added])
        .execute();
      assert.equal(bodies.length, 2);
      assert.ok(bodies[0]!.body!.includes('"status"'));
      assert.equal(bodies[0]!.body, bodies[1]!.body);
    });

    it('is held for a disabled task', async () => {
      await attempt(200);
      await setTask({ enabled: 0 });
      const held = await read((await sendAsNew(context, id)).id);
      assert.deepEqual([held.state, held.held, held.due_at], ['pending', 1, null]);
    });
  });

  describe('canceled', () => {
    it('ends what waits, also what is held', async () => {
      await cancelDelivery(context, id);
      const canceled = await read();
      assert.deepEqual([canceled.state, canceled.end_reason, canceled.due_at], ['canceled', 'by_hand', null]);
      id = await owe();
      await setTask({ enabled: 0 });
      await set({ held: 1, due_at: null });
      await cancelDelivery(context, id);
      assert.deepEqual([(await read()).state, (await read()).held], ['canceled', 0]);
    });

    it('marks what is being sent, and the mark ends what would go on', async () => {
      const claimed = await claim();
      await cancelDelivery(context, id);
      const marked = await read();
      assert.deepEqual([marked.state, marked.cancel_requested], ['sending', 1]);
      assert.equal(claimed.id, id);
    });

    it('is refused once it has ended', async () => {
      await attempt(200);
      await assert.rejects(cancelDelivery(context, id), refusedWith('conflict'));
      assert.equal((await read()).state, 'delivered');
    });
  });
});
