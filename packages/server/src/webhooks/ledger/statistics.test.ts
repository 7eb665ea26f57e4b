// Statistics on both databases: what settles is counted, merging changes no figure, and no read passes over all attempts.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import type { Database } from '../../db/database.ts';
import { createExternalJobs } from '../../jobs/external/external-job.ts';
import type { Caller } from '../../people/caller.ts';
import { claimDue, type Claim } from '../deliveries/delivery-claim.ts';
import { settleAttempts } from '../deliveries/delivery-settle.ts';
import type { Outcome } from '../sending/outcome.ts';
import {
  countStates,
  readFailingReceivers,
  readOldestPending,
  readSeries,
  readTimeToReceive,
  sumPoints,
  type StatisticsScope,
} from './statistics.ts';
import { hourMs, minuteMs, tenMinutesMs } from '../deliveries/tally.ts';
import { insertTallies, mergeOldTallies } from '../deliveries/tally-store.ts';

describeOnBoth('Statistics', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let taskId: number;
  const all = sql<boolean>`1 = 1`;

  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    taskId = await world.addTask({ url: 'http://receiver.test/x' });
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  async function endJob(): Promise<void> {
    const { personId } = world;
    const rest = {
      email: '',
      name: '',
      role: 'author',
      via: 'token',
      readOnly: false,
      flowIds: null,
    } as const;
    const caller: Caller = { personId, ...rest };
    const none = { percent: null, facts: null, errorMessage: null, logTail: null };
    const jobId = await world.addExternalJob();
    await createExternalJobs(db, world.finish).report({ caller, jobId, state: 'complete', ...none });
  }

  async function settle(outcome: Outcome): Promise<void> {
    const lease = { nodeId: db.nodeId, max: 100, maxOfHost: () => 100, leastOfHost: 1000, leaseMs: 60_000 };
    const { claims } = await db.transaction((tx) => claimDue(tx, lease));
    const end = (claim: Claim) => ({
      claim,
      outcome,
      startedAt: claim.createdAt + 100,
      durationMs: 100,
      address: null,
      retryAfter: null,
      retryOnFailure: true,
      schedule: [5000],
      random: 0.5,
      exchange: '{}',
    });
    await db.transaction((tx) => settleAttempts(tx, db.nodeId, claims.map(end)));
  }

  const lastHour = (): StatisticsScope => {
    const to = Math.ceil((Date.now() + 1) / minuteMs) * minuteMs;
    return { range: { from: to - hourMs, to, stepMs: minuteMs }, where: all };
  };
  const readAll = async () => {
    const scope = lastHour();
    const series = await readSeries(db.read, scope, true);
    return {
      counts: sumPoints(series.get(taskId) ?? []),
      time: await readTimeToReceive(db.read, scope),
      failing: (await readFailingReceivers(db.read, scope)).map(({ host, attempts, failed, tasks }) => [
        host,
        attempts,
        failed,
        tasks
          .map((each) => [each.task_id, each.task_name, each.reason])
          .sort((a, b) => String(a).localeCompare(String(b))),
      ]),
      states: await countStates(db.read, scope),
    };
  };

  it('counts each settled attempt with the transaction that settles it', async () => {
    await endJob();
    await settle({ kind: 'response', statusCode: 200 });
    await endJob();
    await endJob();
    await settle({ kind: 'response', statusCode: 503 });
    const found = await readAll();
    assert.deepEqual(found.counts, { delivered: 1, retried: 2, dead: 0, blocked: 0, canceled: 0 });
    assert.equal(found.time.count, 1);
    assert.ok(found.time.p50Ms! >= 190 && found.time.p50Ms! <= 210, String(found.time.p50Ms));
    assert.deepEqual(found.failing, [['receiver.test', 3, 2, [[taskId, 'A task', '503']]]]);
    assert.deepEqual(found.states, {
      pending: 2,
      held: 0,
      heldForCrashes: 0,
      sending: 0,
      dead: 0,
      canceled: 0,
    });
    const oldest = await db.read
      .selectFrom('deliveries')
      .select(({ fn }) => fn.min('created_at').as('at'))
      .where('state', '=', 'pending')
      .executeTakeFirstOrThrow();
    assert.equal(await readOldestPending(db.read, lastHour()), oldest.at);
  });

  it('counts what the egress policy refused, and what was cut off', async () => {
    await endJob();
    await settle({ kind: 'failure', reason: 'blocked', detail: 'no' });
    await endJob();
    const lease = { nodeId: db.nodeId, max: 1, maxOfHost: () => 1, leastOfHost: 1000, leaseMs: 60_000 };
    await db.transaction((tx) => claimDue(tx, lease));
    await db.transaction((tx) =>
      tx.updateTable('deliveries').set({ due_at: 1 }).where('state', '=', 'sending').execute(),
    );
    await settle({ kind: 'response', statusCode: 200 });
    const { counts, states } = await readAll();
    assert.deepEqual(counts, { delivered: 2, retried: 3, dead: 0, blocked: 1, canceled: 0 });
    assert.equal(states.dead, 1);
  });

  it('keeps every figure when tallies are merged to longer and longer spans', async () => {
    const before = await readAll();
    const count = async () => (await db.read.selectFrom('attempt_tallies').selectAll().execute()).length;
    const rows = await count();
    await mergeOldTallies(db, Date.now() + 3 * minuteMs);
    assert.deepEqual(await readAll(), before);
    assert.ok((await count()) <= rows);
    const spans = async () =>
      (await db.read.selectFrom('attempt_tallies').select('span').distinct().execute()).map(
        ({ span }) => span,
      );
    assert.deepEqual(await spans(), [minuteMs]);
    const whole = { from: 0, to: Date.now() + hourMs, stepMs: Date.now() + hourMs };
    const sums = async () => {
      const points = await readSeries(db.read, { range: whole, where: all });
      return sumPoints(points.get(0)!);
    };
    const exact = await sums();
    await mergeOldTallies(db, Date.now() + 5 * hourMs);
    assert.deepEqual(await spans(), [tenMinutesMs]);
    await mergeOldTallies(db, Date.now() + 60 * hourMs);
    assert.deepEqual(await spans(), [hourMs]);
    assert.deepEqual(await sums(), exact);
    await mergeOldTallies(db, Date.now() + 40 * 24 * hourMs);
    assert.equal(await count(), 0);
  });

  describe('read', () => {
    it('uses an index for every figure', async () => {
      const base = {
        flow_id: world.flowId,
        task_id: taskId,
        host: 'h',
        result: 'retried',
        reason: '503',
      } as const;
      const now = Date.now();
      const tally = (index: number) =>
        ({ ...base, at: now - index * 1000, span: 0, count: 1, latencies: '' }) as const;
      const tallies = Array.from({ length: 20_000 }, (_, index) => tally(index));
      await db.transaction((tx) => insertTallies(tx, tallies));
      const explain = db.read.dialect === 'sqlite' ? sql`explain query plan` : sql`explain`;
      if (db.read.dialect === 'postgres') await sql`analyze`.execute(db.read);
      const statements = [
        sql`select sum(x.count) from attempt_tallies x where x.span in (0, 60000, 600000, 3600000) and x.at >= ${now - 60_000} and x.at < ${now} group by (x.at - 1) / 60000`,
        sql`select count(*) from (select 1 from deliveries x where x.state in ('dead', 'canceled') and x.state = 'dead' and x.ended_at >= ${now} limit 10) c`,
        sql`select x.created_at from deliveries x where x.state = 'pending' order by x.expires_at limit 1`,
      ];
      for (const statement of statements) {
        const { rows } = await sql`${explain} ${statement}`.execute(db.read);
        const plan = JSON.stringify(rows);
        if (db.read.dialect === 'sqlite') assert.match(plan, /USING (?:COVERING )?INDEX/u, plan);
        else if (statement === statements[0]) assert.doesNotMatch(plan, /Seq Scan on attempt_tallies/u, plan);
      }
    });
  });
});
