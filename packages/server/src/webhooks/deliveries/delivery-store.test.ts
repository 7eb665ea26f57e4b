// From the end of a job to a settled delivery, on both databases: nothing lost, nothing twice, the account closes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CompiledQuery } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { explainPlan, recordStatements } from '../../../test/statement-plan.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import type { Database } from '../../db/database.ts';
import { createExternalJobs } from '../../jobs/external/external-job.ts';
import type { Caller } from '../../people/caller.ts';
import { runAudit } from '../ledger/audit.ts';
import { claimDue, type Claim } from './delivery-claim.ts';
import { settleAttempts, type EndedAttempt } from './delivery-settle.ts';
import { endGoneLeases } from './cut-off.ts';
import type { Outcome } from '../sending/outcome.ts';
import { interruptedWaits } from './retry.ts';

const ok: Outcome = { kind: 'response', statusCode: 200 };
const broken: Outcome = { kind: 'response', statusCode: 503 };

describeOnBoth('Deliveries', (make, dialect) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let caller: Caller;
  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    caller = {
      personId: world.personId,
      email: '',
      name: '',
      role: 'author',
      via: 'token',
      readOnly: false,
      flowIds: null,
    };
  });
  after(async () => {
    assert.deepEqual((await runAudit(db.read)).findings, []);
    await db.close();
    await test.remove();
  });

  const claim = (max = 100) =>
    db.transaction((tx) =>
      claimDue(tx, {
        nodeId: db.nodeId,
        max,
        maxOfHost: () => max,
        leastOfHost: max,
        leaseMs: 60_000,
      }),
    );
  const end = (claimed: Claim, outcome: Outcome): EndedAttempt => ({
    claim: claimed,
    outcome,
    startedAt: 1,
    durationMs: 2.5,
    address: '127.0.0.1:1',
    retryAfter: null,
    retryOnFailure: true,
    schedule: [5000],
    random: 0.5,
    exchange: '{}',
  });
  const settle = (attempts: EndedAttempt[]) =>
    db.transaction((tx) => settleAttempts(tx, db.nodeId, attempts));
  const read = (id: number) =>
    db.read.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const report = async (state: 'complete' | 'failed' | 'canceled') => {
    const jobId = await world.addExternalJob();
    const external = createExternalJobs(db, world.finish);
    await external.report({
      caller,
      jobId,
      state,
      percent: null,
      facts: { rows: 7 },
      errorMessage: null,
      logTail: null,
    });
    return jobId;
  };

  describe('recorded', () => {
    it('gives every task a decision and every firing one a delivery with its frozen body', async () => {
      const fires = await world.addTask({ triggerEvent: 'onJobSuccess' });
      const waits = await world.addTask({ triggerEvent: 'onJobFailure' });
      const disabled = await world.addTask({ enabled: false });
      const jobId = await report('complete');
      const decisions = await db.read
        .selectFrom('decisions')
        .select(['task_id', 'reason'])
        .orderBy('task_id')
        .execute();
      assert.deepEqual(decisions, [
        { task_id: fires, reason: 'fired' },
        { task_id: waits, reason: 'waits_for_failure' },
        { task_id: disabled, reason: 'disabled' },
      ]);
      const { claims } = await claim();
      assert.equal(claims.length, 1);
      assert.equal(claims[0]!.body, `{"job":${jobId},"status":"Complete"}`);
      assert.equal(claims[0]!.attemptCount, 1);
      await settle([end(claims[0]!, ok)]);
      const settled = await read(claims[0]!.id);
      assert.equal(settled.state, 'delivered');
      assert.equal(settled.last_status_code, 200);
    });

    it('fires nothing for a canceled job and says so', async () => {
      const jobId = await report('canceled');
      const { rows } = await db.read
        .selectFrom('decisions')
        .innerJoin('events', 'events.id', 'decisions.event_id')
        .select('reason')
        .where('events.job_id', '=', jobId)
        .where('reason', '=', 'job_canceled')
        .execute()
        .then((found) => ({ rows: found }));
      assert.equal(rows.length, 2);
      assert.equal((await claim()).claims.length, 0);
    });

    it('ends a hundred jobs at once, each with its own event', async () => {
      const ids = await Promise.all(Array.from({ length: 100 }, () => world.addExternalJob()));
      const external = createExternalJobs(db, world.finish);
      const say = (jobId: number, state: 'complete' | 'failed') =>
        external.report({
          caller,
          jobId,
          state,
          percent: null,
          facts: null,
          errorMessage: null,
          logTail: null,
        });
      await Promise.all(ids.map((jobId) => say(jobId, 'complete')));
      await assert.rejects(say(ids[0]!, 'failed'), /already ended/);
      await say(ids[0]!, 'complete');
      const { claims } = await claim(1000);
      assert.equal(claims.length, 100);
      await settle(claims.map((each) => end(each, ok)));
    });
  });

  describe('claimed and settled', () => {
    it('waits after a failure and dies when the schedule is over', async () => {
      await report('complete');
      const { claims } = await claim();
      await settle(claims.map((each) => end(each, broken)));
      const waiting = await read(claims[0]!.id);
      assert.equal(waiting.state, 'pending');
      assert.ok(waiting.due_at! > Date.now() + 3000, String(waiting.due_at! - Date.now()));
      assert.equal((await claim()).claims.length, 0);
      await db.transaction((tx) =>
        tx.updateTable('deliveries').set({ due_at: 1 }).where('id', '=', waiting.id).execute(),
      );
      const again = await claim();
      assert.equal(again.claims[0]!.attemptCount, 2);
      await settle(again.claims.map((each) => end(each, broken)));
      const dead = await read(waiting.id);
      assert.deepEqual([dead.state, dead.end_reason, dead.attempt_count], ['dead', 'out_of_attempts', 2]);
    });

    it('claims an expired lease again, writes down the attempt that was cut off, and lets the late one settle nothing', async () => {
      await report('complete');
      const first = await claim();
      const { id } = first.claims[0]!;
      await db.transaction((tx) =>
        tx.updateTable('deliveries').set({ due_at: 1 }).where('id', '=', id).execute(),
      );
      const second = await claim();
      assert.deepEqual(
        [second.claims[0]!.id, second.claims[0]!.attemptCount, second.claims[0]!.interruptedInRow],
        [id, 2, 1],
      );
      const late = await settle(first.claims.map((each) => end(each, ok)));
      assert.deepEqual([late.kept.length, late.lost.length], [0, 1]);
      await settle(second.claims.map((each) => end(each, ok)));
      const attempts = await db.read
        .selectFrom('attempts')
        .select(['number', 'reason', 'status_code'])
        .where('delivery_id', '=', id)
        .orderBy('number')
        .execute();
      assert.deepEqual(attempts, [
        { number: 1, reason: 'interrupted', status_code: null },
        { number: 2, reason: null, status_code: 200 },
      ]);
    });

    it('puts off what is cut off again and again, and ends it at the fourteenth time', async () => {
      await report('complete');
      let claims = [...(await claim()).claims];
      const { id } = claims[0]!;
      const makeDue = () =>
        db.transaction((tx) =>
          tx.updateTable('deliveries').set({ due_at: 1 }).where('id', '=', id).execute(),
        );
      for (let cut = 1; cut <= 9; cut += 1) {
        await makeDue();
        claims = [...(await claim()).claims];
        assert.equal(claims.length, 1, `cut off ${cut} times`);
      }
      // Others have their turn meanwhile.
      for (let cut = 10; cut <= 13; cut += 1) {
        await makeDue();
        const before = Date.now();
        assert.equal((await claim()).claims.length, 0, `cut off ${cut} times`);
        const waiting = await read(id);
        assert.deepEqual([waiting.state, waiting.held, waiting.interrupted_in_row], ['pending', 0, cut]);
        assert.deepEqual([waiting.last_reason, waiting.last_status_code], ['interrupted', null]);
        assert.ok(waiting.due_at! >= before + interruptedWaits[cut - 1]!, String(waiting.due_at));
        await makeDue();
        claims = [...(await claim()).claims];
        assert.equal(claims.length, 1);
      }
      await makeDue();
      assert.equal((await claim()).claims.length, 0);
      const dead = await read(id);
      assert.deepEqual([dead.state, dead.end_reason, dead.attempt_count], ['dead', 'interrupted', 14]);
    });

    it('holds what was cut off where its task is disabled by now', async () => {
      await report('complete');
      const { id, taskId } = (await claim()).claims[0]!;
      const setTask = (enabled: 0 | 1) =>
        db.transaction((tx) =>
          tx.updateTable('webhook_tasks').set({ enabled }).where('id', '=', taskId).execute(),
        );
      await setTask(0);
      await db.transaction((tx) =>
        tx.updateTable('deliveries').set({ due_at: 1 }).where('id', '=', id).execute(),
      );
      assert.equal((await claim()).claims.length, 0);
      const held = await read(id);
      assert.deepEqual([held.state, held.held, held.due_at, held.attempt_count], ['pending', 1, null, 1]);
      await setTask(1);
      await db.transaction((tx) =>
        tx.updateTable('deliveries').set({ held: 0, due_at: 1 }).where('id', '=', id).execute(),
      );
      const released = await claim();
      await settle(released.claims.map((each) => end(each, ok)));
    });

    it('holds what comes back to a disabled task', async () => {
      await report('complete');
      const { claims } = await claim();
      const { id, taskId } = claims[0]!;
      const setEnabled = (enabled: 0 | 1) =>
        db.transaction((tx) =>
          tx.updateTable('webhook_tasks').set({ enabled }).where('id', '=', taskId).execute(),
        );
      await setEnabled(0);
      await settle(claims.map((each) => end(each, broken)));
      const held = await read(id);
      assert.deepEqual([held.state, held.held, held.due_at], ['pending', 1, null]);
      await setEnabled(1);
      await db.transaction((tx) =>
        tx.updateTable('deliveries').set({ held: 0, due_at: 1 }).where('id', '=', id).execute(),
      );
      const released = await claim();
      await settle(released.claims.map((each) => end(each, ok)));
    });

    it('honours the mark of a cancel when an attempt fails, not when it succeeds', async () => {
      for (const [outcome, state] of [
        [broken, 'canceled'],
        [ok, 'delivered'],
      ] as const) {
        await report('complete');
        const { claims } = await claim();
        const { id } = claims[0]!;
        await db.transaction((tx) =>
          tx
            .updateTable('deliveries')
            .set({ cancel_requested: 1, end_reason: 'by_hand' })
            .where('id', '=', id)
            .execute(),
        );
        await settle(claims.map((each) => end(each, outcome)));
        assert.equal((await read(id)).state, state);
      }
    });

    it('ends the leases of a node that is gone', async () => {
      await report('complete');
      const { claims } = await claim();
      const gone = await db.transaction((tx) =>
        tx
          .insertInto('nodes')
          .values({ name: 'gone', started_at: 1 })
          .returning('id')
          .executeTakeFirstOrThrow(),
      );
      await db.transaction((tx) =>
        tx.updateTable('deliveries').set({ lease_node: gone.id }).where('id', '=', claims[0]!.id).execute(),
      );
      assert.equal(await endGoneLeases(db), 1);
      const again = await claim();
      assert.equal(again.claims[0]!.attemptCount, 2);
      await settle(again.claims.map((each) => end(each, ok)));
    });
  });

  it('reads a batch once, and finds each of its rows by a key', async () => {
    await world.addTask({});
    for (let count = 0; count < 3; count += 1) await report('complete');
    const statements: CompiledQuery[] = [];
    const options = { nodeId: db.nodeId, max: 100, maxOfHost: () => 100, leastOfHost: 100, leaseMs: 60_000 };
    const { claims } = await db.transaction((tx) => claimDue(recordStatements(tx, statements), options));
    const outcomes = [ok, broken, { kind: 'failure', reason: 'timeout', detail: '' }] as const;
    const attempts = claims.map((claimed, index) => end(claimed, outcomes[index % 3]!));
    await db.transaction((tx) => settleAttempts(recordStatements(tx, statements), db.nodeId, attempts));
    const batches = statements.filter(({ sql }) => /json_each|unnest/u.test(sql));
    assert.ok(batches.length >= 6, `${batches.length} statements with a batch`);
    for (const statement of batches) {
      const steps = await db.transaction((tx) => explainPlan(tx, statement));
      const told = `${statement.sql}\n${steps.join('\n')}`;
      if (dialect === 'postgres') {
        const scans = steps.filter((step) => step.includes('Seq Scan'));
        assert.deepEqual(scans, [], told);
      } else {
        const first = steps.find((step) => /^(?:SCAN|SEARCH) /u.test(step));
        assert.match(first ?? '', /^SCAN json_each /u, told);
      }
    }
  });
});
