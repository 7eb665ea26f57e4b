// The worker against what others and the database do to it: attempts are settled once each, and nothing else waits for one.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { until } from '../../../test/wait.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { systemClock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import type { Database } from '../../db/database.ts';
import { createExternalJobs } from '../../jobs/external/external-job.ts';
import { runAudit } from '../ledger/audit.ts';
import type { Claim } from './delivery-claim.ts';
import type { EndedAttempt } from './delivery-settle.ts';
import { createWorker, type Worker } from './worker.ts';

describeOnBoth('The worker', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let worker: Worker;
  let begun: Claim[];
  /** What each attempt waits for, by delivery and number. */
  let gates: Map<string, PromiseWithResolvers<void>>;
  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    await world.addTask();
  });
  beforeEach(() => {
    begun = [];
    gates = new Map();
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
        begun.push(claim);
        const gate = Promise.withResolvers<void>();
        gates.set(`${claim.id}.${claim.attemptCount}`, gate);
        await gate.promise;
        return answered(claim);
      },
    });
  });
  afterEach(() => worker.stop(5000));
  after(async () => {
    assert.deepEqual((await runAudit(db.read)).findings, []);
    await db.close();
    await test.remove();
  });

  const answered = (claim: Claim): EndedAttempt => ({
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
  });
  const owe = async (count: number) => {
    const person = { personId: world.personId, email: '', name: '', role: 'author', via: 'token' } as const;
    const caller = { ...person, readOnly: false, flowIds: null };
    const end = { state: 'complete', percent: null, facts: null, errorMessage: null, logTail: null } as const;
    const external = createExternalJobs(db, world.finish);
    for (let made = 0; made < count; made += 1)
      await external.report({ caller, jobId: await world.addExternalJob(), ...end });
  };
  const write = (text: ReturnType<typeof sql>) => db.transaction((tx) => text.execute(tx));
  const read = (id: number) =>
    db.read.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const attemptsOf = async (id: number) => {
    const made = db.read.selectFrom('attempts').select(['number', 'reason']).where('delivery_id', '=', id);
    return made.orderBy('number').execute();
  };
  const answer = (id: number, attempt = 1) => gates.get(`${id}.${attempt}`)!.resolve();
  const begins = async (count: number) => {
    worker.start();
    await until(() => begun.length === count, `${count} attempts are under way`);
  };

  it('does not make again what is under way here, though others took it for lost', async () => {
    await owe(1);
    await begins(1);
    const { id } = begun[0]!;
    await write(sql`update deliveries set due_at = 0 where id = ${id}`);
    worker.loop.wake();
    await until(async () => (await read(id)).due_at! > 0, 'its lease is renewed');
    assert.equal(begun.length, 1);
    answer(id);
    await until(async () => (await read(id)).state === 'delivered');
    assert.deepEqual(await attemptsOf(id), [{ number: 1, reason: null }]);
  });

  it('settles each attempt of a delivery for itself, where another has been made meanwhile', async () => {
    await owe(2);
    await begins(2);
    const [taken, other] = begun.map(({ id }) => id) as [number, number];
    // As another node does that takes this one for gone, and is asked for its answer at once.
    const first = { ...begun[0]! };
    await write(sql`
      insert into attempts (delivery_id, number, started_at, outcome, reason) values (${taken}, 1, 1, 'failure', 'interrupted')`);
    await write(sql`update deliveries set attempt_count = 2, round_start = 1 where id = ${taken}`);
    const second = { ...first, attemptCount: 2, roundStart: 1 };
    assert.ok(worker.direct.take(second.publicId, second.host));
    worker.direct.send([second]);
    await until(() => begun.length === 3);
    answer(taken, 1);
    answer(taken, 2);
    answer(other);
    await until(async () => (await read(other)).state === 'delivered');
    await until(async () => (await read(taken)).state === 'delivered');
    assert.deepEqual(await attemptsOf(taken), [
      { number: 1, reason: 'interrupted' },
      { number: 2, reason: null },
    ]);
  });

  describe('with an attempt that can not be written down', () => {
    it('settles all others of its batch, and goes on claiming', async () => {
      await owe(3);
      await begins(3);
      const [bad, ...good] = begun.map(({ id }) => id) as [number, number, number];
      // Its place is taken: writing it breaks a rule of the database, and with it the whole batch.
      await write(sql`
        insert into attempts (delivery_id, number, started_at, outcome, reason) values (${bad}, 1, 1, 'failure', 'interrupted')`);
      for (const { id } of begun) answer(id);
      for (const id of good) await until(async () => (await read(id)).state === 'delivered');
      assert.equal((await read(bad)).state, 'sending');
      await owe(1);
      worker.loop.wake();
      await until(() => begun.length === 4, 'the next one is begun');
      answer(begun[3]!.id);
      await until(async () => (await read(begun[3]!.id)).state === 'delivered');
      // What stood in its way is gone: it is written down without being made again.
      await write(sql`delete from attempts where delivery_id = ${bad}`);
      await until(async () => (await read(bad)).state === 'delivered');
      assert.equal(begun.length, 4);
    });
  });
});
