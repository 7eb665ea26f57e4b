// What is too old is removed whole and the account still closes, on both databases, with the time passed in.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { endJob } from '../../../test/webhook-job.ts';
import { dayMs, makeWorld, type World } from '../../../test/webhook-world.ts';
import type { Database } from '../../db/database.ts';
import { runAudit } from './audit.ts';
import { createWalk, listRemovals } from './retention.ts';

describeOnBoth('Retention', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let taskId: number;
  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    taskId = await world.addTask();
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  /** Runs until there is nothing more to do, as if it were so many days later. */
  const retain = async (days: number, max = 2) => {
    const time = Date.now() + days * dayMs;
    let rounds = 0;
    for (const removal of listRemovals({ db, keepMs: () => 90 * dayMs })) {
      const step = removal(time);
      do rounds += 1;
      while ((await step(max)) !== null);
    }
    return rounds;
  };
  const count = async (
    table: 'events' | 'decisions' | 'deliveries' | 'delivery_bodies' | 'attempts' | 'attempt_exchanges',
  ) => {
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
      db.read,
    );
    return rows[0]!.count;
  };
  const deliver = (jobId: number, endedAt = Date.now()) =>
    db.transaction(async (tx) => {
      const rows = await tx.selectFrom('deliveries').select('id').where('job_id', '=', jobId).execute();
      for (const { id } of rows) {
        const attempt = {
          delivery_id: id,
          number: 1,
          started_at: 1,
          outcome: 'response' as const,
          status_code: 200,
        };
        await tx.insertInto('attempts').values(attempt).execute();
        await tx
          .insertInto('attempt_exchanges')
          .values({ delivery_id: id, number: 1, exchange: '{}' })
          .execute();
        const ended = { state: 'delivered' as const, due_at: null, ended_at: endedAt, attempt_count: 1 };
        await tx.updateTable('deliveries').set(ended).where('id', '=', id).execute();
      }
    });
  /** The delivery again, as new. */
  const repeat = (jobId: number) =>
    db.transaction((tx) =>
      sql`
        insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, state, due_at, host, created_at, updated_at, expires_at)
        select public_id || '-again', event_id, task_id, flow_id, job_id, id, 'pending', 1, host, created_at, updated_at, expires_at
        from deliveries where job_id = ${jobId} and repeats_id is null`.execute(tx),
    );
  const eventsOf = async (jobId: number) =>
    (await db.read.selectFrom('events').select('id').where('job_id', '=', jobId).execute()).length;

  it('removes nothing that is young, pending, held or lately ended, and all else whole', async () => {
    const old = [await endJob(world), await endJob(world), await endJob(world)];
    const [pending, held, late, asNew] = [
      await endJob(world),
      await endJob(world),
      await endJob(world),
      await endJob(world),
    ];
    for (const jobId of [...old, asNew]) await deliver(jobId);
    await deliver(late, Date.now() + 50 * dayMs);
    await repeat(asNew);
    await repeat(old[0]!);
    await db.transaction((tx) =>
      sql`update deliveries set state = 'canceled', end_reason = 'by_hand', due_at = null, ended_at = 5
        where job_id = ${old[0]} and repeats_id is not null`.execute(tx),
    );
    await db.transaction(async (tx) => {
      await sql`update webhook_tasks set enabled = 0 where id = ${taskId}`.execute(tx);
      await sql`update deliveries set held = 1, due_at = null where state = 'pending'`.execute(tx);
    });
    const before = await count('events');
    await retain(80);
    assert.equal(await count('events'), before, 'nothing is that old');
    await retain(100);
    for (const jobId of old) assert.equal(await eventsOf(jobId), 0);
    for (const jobId of [pending, held, late, asNew]) assert.equal(await eventsOf(jobId), 1);
    assert.deepEqual((await runAudit(db.read)).findings, []);
    // One of the five was sent as new by SQL, without a body.
    assert.deepEqual([await count('deliveries'), await count('delivery_bodies')], [5, 4]);
    assert.deepEqual([await count('attempts'), await count('attempt_exchanges')], [2, 2]);
  });

  it('keeps every job, and notes which of them have lost their history', async () => {
    const jobs = await db.read.selectFrom('jobs').select(['id', 'state', 'history_removed_at']).execute();
    assert.equal(jobs.length, 7);
    assert.equal(jobs.filter(({ history_removed_at }) => history_removed_at !== null).length, 3);
    assert.ok(jobs.every(({ state }) => state === 'complete'));
  });

  it('goes on through any number in batches, and removes ended idempotency keys', async () => {
    for (let index = 0; index < 9; index += 1) await endJob(world);
    await db.transaction((tx) =>
      sql`update deliveries set state = 'dead', held = 0, due_at = null, end_reason = 'expired', ended_at = 5
        where state = 'pending'`.execute(tx),
    );
    const key = { person_id: world.personId, route: '/v4/flows', body_hash: '', created_at: 1 };
    await db.transaction((tx) =>
      tx
        .insertInto('idempotency_keys')
        .values([
          { ...key, key: 'ended', expires_at: 2 },
          { ...key, key: 'young', expires_at: Date.now() + 200 * dayMs },
        ])
        .execute(),
    );
    assert.ok((await retain(150, 3)) > 3);
    assert.deepEqual((await runAudit(db.read)).findings, []);
    assert.equal(await count('deliveries'), await count('delivery_bodies'));
    for (const table of ['events', 'decisions', 'deliveries', 'attempts'] as const)
      assert.ok((await count(table)) <= 1, `${table}: ${await count(table)}`);
    const keys = await db.read.selectFrom('idempotency_keys').select('key').execute();
    assert.deepEqual(keys, [{ key: 'young' }]);
  });

  it('is not ended by a young event among old ones', async () => {
    const jobs = [await endJob(world), await endJob(world), await endJob(world), await endJob(world)];
    for (const jobId of jobs) await deliver(jobId);
    const young = Date.now() + 200 * dayMs;
    await db.transaction((tx) =>
      sql`update events set created_at = ${young} where job_id = ${jobs[0]}`.execute(tx),
    );
    await retain(150, 2);
    assert.deepEqual(
      await Promise.all(jobs.map(eventsOf)),
      // The last of a series stays, where no later one succeeded.
      [1, 0, 0, 1],
    );
  });

  it('asks indexes at every step, whatever the size', async () => {
    const statements = [
      `select id, created_at from events where created_at < 5 and (created_at, id) > (1, 1) order by created_at, id limit 9`,
      `select id from deliveries where event_id in (1, 2)`,
      `delete from attempt_exchanges where delivery_id in (1, 2)`,
      `delete from deliveries where event_id in (1, 2)`,
      `select 1 from deliveries d where d.event_id = 1 and d.ended_at is null`,
      `select id from jobs where finished_at is not null and finished_at < 5 and (finished_at, id) > (1, 1) order by finished_at, id limit 9`,
      `select id from flow_runs where finished_at is not null and finished_at < 5 and (finished_at, id) > (1, 1) order by finished_at, id limit 9`,
      `select 1 from jobs where lease_node = 1`,
      `select id from audit_log where at < 5 order by at, id limit 9`,
    ];
    const wholeTable = db.read.dialect === 'sqlite' ? /\bSCAN (?!.*USING)/u : /Seq Scan/u;
    for (const statement of statements) assert.match(await explain(statement), /index/iu, statement);
    for (const statement of statements) assert.doesNotMatch(await explain(statement), wholeTable, statement);
  });

  /** The plan that the database would choose for many rows. */
  async function explain(statement: string): Promise<string> {
    if (db.read.dialect === 'sqlite') {
      const { rows } = await sql<{ detail: string }>`${sql.raw(`explain query plan ${statement}`)}`.execute(
        db.read,
      );
      return rows.map(({ detail }) => detail).join('\n');
    }
    return db.transaction(async (tx) => {
      // A table of few rows is read whole: the question is whether there is an index at all.
      await sql`set local enable_seqscan = off`.execute(tx);
      const { rows } = await sql<Record<string, string>>`${sql.raw(`explain ${statement}`)}`.execute(tx);
      return rows.flatMap((row) => Object.values(row)).join('\n');
    });
  }

  it('takes smaller steps where they take long, and gives others as much time', async () => {
    const asked: number[] = [];
    let left = 12;
    const slow = async (max: number) => {
      asked.push(max);
      const until = performance.now() + (asked.length < 4 ? 60 : 0);
      while (performance.now() < until);
      left -= 1;
      return left === 0 ? null : undefined;
    };
    const walk = createWalk(async () => [slow], { aimMs: 20, leastRows: 1, maxRows: 500, rest: 1 });
    const waits: (number | false)[] = [];
    do waits.push(await walk());
    while (waits.at(-1) !== false);
    assert.ok(asked[3]! < asked[2]! && asked[2]! < asked[1]! && asked[1]! < asked[0]!, asked.join());
    assert.ok(asked.at(-1)! > asked[3]!, asked.join());
    assert.ok(Number(waits[0]) >= 60 && Number(waits[4]) < 60, waits.join());
  });
});
