// Deliveries that are born under a lease: the same claim as from the queue, given back or taken over where it must be.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { until } from '../../../test/wait.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { systemClock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import type { Database } from '../../db/database.ts';
import { finishJobs, type FinishContext } from '../../jobs/finish.ts';
import { runAudit } from '../ledger/audit.ts';
import type { Claim } from './delivery-claim.ts';
import { createWorker, type Worker } from './worker.ts';

const end = { event: 'complete', attempt: null, rows: 7, bytes: null, columns: null } as const;

describeOnBoth('A delivery that is born under a lease', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let worker: Worker;
  let finish: FinishContext;
  let claims: Claim[];
  /** Attempts wait for it. */
  let gate: Promise<unknown> = Promise.resolve();
  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    await world.addTask();
    claims = [];
    worker = createWorker({
      db,
      clock: systemClock,
      log: createLog('silent'),
      slots: 8,
      slotsOfHost: 8,
      leaseMs: () => 60_000,
      onSettled: () => undefined,
      onEndedAside: () => undefined,
      async attempt(claim) {
        claims.push(claim);
        await gate;
        return {
          claim,
          outcome: { kind: 'response', statusCode: 200 },
          startedAt: Date.now(),
          durationMs: 1,
          address: null,
          retryAfter: null,
          retryOnFailure: true,
          schedule: [1],
          random: 0,
          exchange: '{}',
        };
      },
    });
    finish = { ...world.finish, record: { ...world.finish.record, direct: () => worker.direct } };
    worker.start();
    await until(() => worker.loop.lastRoundAt() !== null, 'a first round');
  });
  after(async () => {
    await worker.stop(5000);
    assert.deepEqual((await runAudit(db.read)).findings, []);
    await db.close();
    await test.remove();
  });

  const endJob = (jobId: number, then?: () => void) =>
    db.transaction(async (tx) => {
      const { flowId } = world;
      await finishJobs(tx, finish, [{ ...end, jobId, flowId, resultFolder: null, error: null, files: [] }]);
      then?.();
    });
  const read = async (jobId: number) => {
    const all = await db.read.selectFrom('deliveries').selectAll().where('job_id', '=', jobId).execute();
    assert.equal(all.length, 1);
    return all[0]!;
  };
  const settled = (jobId: number) =>
    until(async () => (await read(jobId)).state === 'delivered', `delivery of job ${jobId}`);

  it('is what a claim from the queue would have given', async () => {
    const jobId = await world.addExternalJob();
    const release = Promise.withResolvers<void>();
    gate = release.promise;
    await endJob(jobId);
    const row = await read(jobId);
    assert.deepEqual(
      [row.state, row.attempt_count, row.lease_node, row.claimed_at],
      ['sending', 1, db.nodeId, row.created_at],
    );
    assert.equal(row.due_at, row.created_at + 60_000);
    const { body } = await db.read
      .selectFrom('delivery_bodies')
      .select('body')
      .where('delivery_id', '=', row.id)
      .executeTakeFirstOrThrow();
    const event = await db.read
      .selectFrom('events')
      .select('kind')
      .where('id', '=', row.event_id)
      .executeTakeFirstOrThrow();
    const task = await db.read
      .selectFrom('webhook_tasks')
      .select('version')
      .where('id', '=', row.task_id)
      .executeTakeFirstOrThrow();
    assert.deepEqual(claims.at(-1), {
      id: row.id,
      publicId: row.public_id,
      taskId: row.task_id,
      taskVersion: task.version,
      eventId: row.event_id,
      eventKind: event.kind,
      flowId: world.flowId,
      jobId,
      hop: 0,
      host: row.host,
      attemptCount: 1,
      roundStart: row.round_start,
      interruptedInRow: row.interrupted_in_row,
      crashesInRow: 0,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      body,
      claimedUntil: row.due_at,
    } satisfies Claim);
    release.resolve();
    await settled(jobId);
  });

  it('leaves slot and receiver alone where its transaction is rolled back', async () => {
    const before = claims.length;
    // More often than there are slots.
    for (let time = 0; time < 12; time += 1) {
      const jobId = await world.addExternalJob();
      const broken = endJob(jobId, () => {
        throw new Error('the power fails here');
      });
      await assert.rejects(broken, /power/u);
      await assert.rejects(read(jobId));
    }
    assert.equal(claims.length, before);
    const jobId = await world.addExternalJob();
    await endJob(jobId);
    const row = await read(jobId);
    assert.equal(row.claimed_at, row.created_at, 'a slot is free');
    await settled(jobId);
  });

  it('waits in the queue where slots are short, and is not forgotten there', async () => {
    const release = Promise.withResolvers<void>();
    gate = release.promise;
    const jobIds: number[] = [];
    for (let time = 0; time < 6; time += 1) jobIds.push(await world.addExternalJob());
    await db.transaction((tx) =>
      finishJobs(
        tx,
        finish,
        jobIds.map((jobId) => ({
          ...end,
          jobId,
          flowId: world.flowId,
          resultFolder: null,
          error: null,
          files: [],
        })),
      ),
    );
    const rows = await Promise.all(jobIds.map(read));
    const direct = rows.filter(({ claimed_at, created_at }) => claimed_at === created_at);
    assert.ok(direct.length >= 4, `${direct.length} of 6 at once`);
    release.resolve();
    for (const jobId of jobIds) await settled(jobId);
    assert.equal(new Set(claims.map(({ publicId }) => publicId)).size, claims.length);
  });

  it('is taken over soon where its commit came through and nobody here knows', async () => {
    const jobId = await world.addExternalJob();
    // As when the connection breaks while the commit is answered: the transaction fails, what it wrote is there.
    const lost = { ...finish, record: { ...finish.record, db: { ...db, afterCommit: () => undefined } } };
    let publicId = '';
    await db.transaction(async (tx) => {
      const { flowId } = world;
      await finishJobs(tx, lost, [{ ...end, jobId, flowId, resultFolder: null, error: null, files: [] }]);
    });
    ({ public_id: publicId } = await read(jobId));
    const before = claims.length;
    const row = await read(jobId);
    assert.deepEqual([row.state, row.lease_node], ['sending', db.nodeId]);
    worker.direct.give(publicId, row.host);
    worker.loop.wake();
    await settled(jobId);
    assert.deepEqual(
      claims.slice(before).map((claim) => [claim.publicId, claim.attemptCount]),
      [[publicId, 2]],
    );
    const attempts = await db.read
      .selectFrom('attempts')
      .select(['number', 'reason'])
      .where('delivery_id', '=', row.id)
      .orderBy('number')
      .execute();
    assert.deepEqual(
      attempts.map(({ number, reason }) => [number, reason]),
      [
        [1, 'interrupted'],
        [2, null],
      ],
    );
  });
});
