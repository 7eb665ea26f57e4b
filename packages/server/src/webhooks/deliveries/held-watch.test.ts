// What is held ends at its maximum age, on both databases: nobody else would look after it.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { endJob } from '../../../test/webhook-job.ts';
import { until } from '../../../test/wait.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import type { Announcement, Database } from '../../db/database.ts';
import { runAudit } from '../ledger/audit.ts';
import { createHeldWatch } from './held-watch.ts';
import { deliveriesChanged } from './new-delivery.ts';

describeOnBoth('What is held', (make) => {
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

  const hold = (taskId: number) =>
    db.transaction(async (tx) => {
      await sql`update webhook_tasks set enabled = 0 where id = ${taskId}`.execute(tx);
      await sql`update deliveries set held = 1, due_at = null where task_id = ${taskId}`.execute(tx);
    });
  const expire = (jobId: number) =>
    db.transaction((tx) => sql`update deliveries set expires_at = 1 where job_id = ${jobId}`.execute(tx));
  const deliveriesOf = (jobId: number) =>
    db.read
      .selectFrom('deliveries')
      .select(['id', 'state', 'held', 'due_at', 'end_reason'])
      .where('job_id', '=', jobId)
      .orderBy('id')
      .execute();

  it('ends when it is too old, and nothing else does', async () => {
    const taskId = await world.addTask();
    const [old, young] = [await endJob(world), await endJob(world)];
    const waiting = await world.addTask();
    const unheld = await endJob(world);
    await hold(taskId);
    await expire(old);
    await expire(unheld);
    const told: Announcement[] = [];
    const stopListening = db.listen((announcement) => void told.push(announcement));
    const errors: unknown[] = [];
    const loop = createHeldWatch(db, Date.now, (error) => errors.push(error));
    loop.start();
    await until(() => told.some(({ topic }) => topic === deliveriesChanged));
    await loop.stop();
    stopListening();
    assert.deepEqual(errors, []);
    const [ended] = await deliveriesOf(old);
    assert.deepEqual(
      [ended!.state, ended!.held, ended!.due_at, ended!.end_reason],
      ['dead', 0, null, 'expired'],
    );
    assert.ok(told.some(({ flowId, ids }) => flowId === world.flowId && ids.includes(ended!.id)));
    assert.deepEqual(
      (await deliveriesOf(young)).map(({ state, held }) => [state, held]),
      [['pending', 1]],
    );
    const ofUnheld = await db.read
      .selectFrom('deliveries')
      .select('state')
      .where('job_id', '=', unheld)
      .where('task_id', '=', waiting)
      .executeTakeFirstOrThrow();
    assert.equal(ofUnheld.state, 'pending');
  });

  it('ends, however much of it there is, in batches', async () => {
    const taskId = await world.addTask();
    const jobId = await endJob(world);
    await hold(taskId);
    await expire(jobId);
    await db.transaction((tx) =>
      sql`
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 1200)
        insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, state, held, host, created_at, updated_at, expires_at)
        select public_id || '-' || n.i, event_id, task_id, flow_id, job_id, id, state, held, host, created_at, updated_at, expires_at
        from deliveries, n where task_id = ${taskId} and job_id = ${jobId}`.execute(tx),
    );
    const loop = createHeldWatch(db, Date.now, (error) => assert.fail(String(error)));
    loop.start();
    await until(async () => (await deliveriesOf(jobId)).every(({ held }) => held === 0));
    await loop.stop();
  });
});
