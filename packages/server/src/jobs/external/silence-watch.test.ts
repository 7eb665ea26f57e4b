// Silence of external jobs: noticed, but not held against them for the time that the server itself was away.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { until } from '../../../test/wait.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { createExternalJobs, type ExternalJobs } from './external-job.ts';
import { createSilenceWatch } from './silence-watch.ts';

describeOnBoth('the watch for silence', (make) => {
  let database: TestDatabase;
  let world: World;
  let external: ExternalJobs;
  before(async () => {
    database = await make();
    world = await makeWorld(await database.open());
    external = createExternalJobs(world.db, world.finish);
    await external.open();
  });
  after(async () => {
    await world.db.close();
    await database.remove();
  });

  /** A job whose heartbeat was due long ago. */
  async function addSilent(): Promise<number> {
    const id = await world.addExternalJob();
    await expire(id);
    return id;
  }
  const expire = (id: number) =>
    world.db.transaction((tx) =>
      tx
        .updateTable('jobs')
        .set({ heartbeat_seconds: 60, heartbeat_due_at: 1 })
        .where('id', '=', id)
        .execute(),
    );
  const read = (id: number) =>
    world.db.read.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  it('gives each job its time again when it begins, and when it was away; else it fails what is due', async () => {
    const id = await addSilent();
    const quiet = await world.addExternalJob();
    let now = 1_000_000;
    const watch = createSilenceWatch(
      external,
      () => now,
      (error) => assert.fail(String(error)),
    );
    watch.start();
    try {
      await until(async () => (await read(id)).heartbeat_due_at! > Date.now() + 50_000, 'it is forgiven');
      await until(() => watch.lastRoundAt() !== null, 'the round has ended');
      // As after a broken database, or a machine that slept.
      now += 5001;
      await expire(id);
      watch.wake();
      await until(async () => (await read(id)).heartbeat_due_at !== 1, 'it is forgiven again');
      await until(() => watch.lastRoundAt() === now, 'the round has ended');
      now += 1000;
      await expire(id);
      watch.wake();
      await until(async () => (await read(id)).state === 'failed', 'it is failed');
    } finally {
      await watch.stop();
    }
    assert.equal((await read(id)).error_reason, 'lost');
    const { state, heartbeat_due_at } = await read(quiet);
    assert.deepEqual([state, heartbeat_due_at], ['running', null]);
  });

  it('never shortens the time that a job has', async () => {
    const id = await addSilent();
    const later = Date.now() + 3_600_000;
    await world.db.transaction((tx) =>
      sql`update jobs set heartbeat_due_at = ${later} where id = ${id}`.execute(tx),
    );
    await external.forgiveSilence();
    assert.equal((await read(id)).heartbeat_due_at, later);
  });

  it('holds no silence against a job while no node is there that takes reports', async () => {
    const { db } = world;
    const reports = (flag: 0 | 1) =>
      db.transaction((tx) =>
        tx.updateTable('nodes').set({ takes_reports: flag }).where('id', '=', db.nodeId).execute(),
      );
    await reports(0);
    // A node that took them, and was killed.
    await db.transaction((tx) =>
      tx.insertInto('nodes').values({ name: 'gone', started_at: 1, takes_reports: 1 }).execute(),
    );
    const id = await addSilent();
    assert.equal(await external.failSilent(), 0);
    const { state, heartbeat_due_at: due } = await read(id);
    assert.deepEqual([state, due! > Date.now() + 50_000], ['running', true]);
    await expire(id);
    await external.open();
    assert.ok(
      (await read(id)).heartbeat_due_at! > Date.now() + 50_000,
      'whoever comes back gives time again',
    );
    assert.equal(await external.failSilent(), 0);
    await expire(id);
    assert.equal(await external.failSilent(), 1);
  });
});
