// A server that is killed around a due time: schedules and deadlines fire once after the restart, or are missed by choice.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { webhookDecisionEndpoints as decisions } from '@flowhook/contract/webhook/webhook-decision';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { byFullness } from '../../test/full.ts';
import { makeProcessWorld, type ProcessWorld } from '../../test/process-world.ts';
import { until } from '../../test/wait.ts';
import type { Tx } from '../db/database.ts';
import { openDatabase } from '../db/open-database.ts';

const patience = 60_000;
const hourMs = 3_600_000;
/** Milliseconds after the due time at which the server is killed: before, while and after it fires. */
const kills = byFullness([-200, 5, 30], [-200, 5]);
const several = byFullness(6, 3);

interface Scheduled {
  readonly id: number;
  readonly flowId: number;
}

describeOnBoth('kill -9 of the server around a due time', (make) => {
  let database: TestDatabase;
  let world: ProcessWorld;
  before(async () => {
    database = await make();
    world = await makeProcessWorld(database.url);
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  /** Changes the database while no server runs on it. */
  async function whileDown(change: (tx: Tx) => Promise<unknown>): Promise<void> {
    const dataDir = join(world.folder, 'data');
    const options = { url: database.url, dataDir, nodeName: 'test', onError: console.error };
    const db = await openDatabase(options);
    await db.transaction(async (tx) => void (await change(tx)));
    await db.close();
  }

  const setDue = (ids: readonly number[], at: number) => (tx: Tx) =>
    tx.updateTable('schedules').set({ next_at: at, enabled: 1 }).where('id', 'in', ids).execute();

  async function makeScheduled(missed: 'once' | 'skip' = 'once'): Promise<Scheduled> {
    const { client } = world;
    const { id: flowId } = await client.call(flows.create, { body: { name: 'Scheduled' } });
    const recipe = await client.call(recipes.create, {
      body: { name: 'r', flow: { id: flowId }, sql: 'select 1 as a' },
    });
    await client.call(outputs.create, { body: { flowNodeId: recipe.id, isAdhoc: false, profiler: false } });
    const { id } = await client.call(schedules.create, {
      body: {
        triggers: [{ timeBased: { cron: { expression: '0 * * * *' } } }],
        tasks: [{ runFlow: { flowId } }],
        missed,
        overlap: 'queue',
      },
    });
    return { id, flowId };
  }

  const occurrencesOf = async (id: number) =>
    (await world.client.call(schedules.occurrences, { params: { id }, query: { noLimit: true } })).data;
  const jobsOf = async (flowId: number) =>
    (await world.client.call(jobs.list, { query: { flowId, noLimit: true } })).data;

  async function untilFired(made: readonly Scheduled[], dueAt: number, about: string): Promise<void> {
    for (const { id, flowId } of made) {
      const fired = async () => (await occurrencesOf(id)).some((each) => Date.parse(each.dueAt) === dueAt);
      await until(fired, `schedule ${id} has fired, ${about}`, patience);
      const ended = async () => (await jobsOf(flowId)).every(({ status }) => status === 'Complete');
      await until(ended, 'its jobs end', patience);
    }
  }

  it('fires each schedule exactly once for its time, whenever the kill comes', async () => {
    const made: Scheduled[] = [];
    for (let count = 0; count < several; count += 1) made.push(await makeScheduled());
    const ids = made.map(({ id }) => id);
    const times: number[] = [];
    for (const offset of kills) {
      // A server that came too late has fired, too, and only once; the next one is given more time to start.
      let dueAt = 0;
      for (let lead = 3000; Date.now() > dueAt - 300; lead *= 2) {
        await world.kill();
        dueAt = Date.now() + lead;
        times.push(dueAt);
        await whileDown(setDue(ids, dueAt));
        await world.start();
        if (Date.now() > dueAt - 300) await untilFired(made, dueAt, 'late');
      }
      // The moment itself is what is waited for.
      await new Promise((resolve) => setTimeout(resolve, dueAt + offset - Date.now()));
      await world.kill();
      // Down at the time itself, where the kill came before it.
      if (offset < 0) await new Promise((resolve) => setTimeout(resolve, dueAt + 100 - Date.now()));
      await world.start();
      await untilFired(made, dueAt, `killed at ${offset} ms`);
    }
    for (const { id, flowId } of made) {
      const all = await occurrencesOf(id);
      assert.deepEqual(
        all.map(({ dueAt, state }) => [Date.parse(dueAt), state]),
        times.toReversed().map((time) => [time, 'launched']),
      );
      assert.equal((await jobsOf(flowId)).length, times.length);
    }
  });

  it('makes up for a time that was missed while it was down once, or not at all, by choice', async () => {
    const [once, skip] = [await makeScheduled('once'), await makeScheduled('skip')];
    await world.kill();
    const hour = Math.floor(Date.now() / hourMs) * hourMs;
    // A minute later than the hour it would be on time still.
    const dueAt = hour - 3 * hourMs;
    await whileDown(setDue([once.id, skip.id], dueAt));
    await world.start();
    for (const { id } of [once, skip])
      await until(async () => (await occurrencesOf(id)).length > 0, 'what came of it is on record', patience);
    await world.kill();
    await world.start();
    await until(async () => (await jobsOf(once.flowId))[0]?.status === 'Complete', 'the job ends', patience);
    const [[made, ...more], missed] = [await occurrencesOf(once.id), await occurrencesOf(skip.id)];
    assert.deepEqual([made?.state, made?.dueAt, more.length], ['launched', new Date(hour).toISOString(), 0]);
    assert.equal(made!.passedOver, 3);
    const onTime = Date.now() - hour < 90_000;
    if (!onTime)
      assert.deepEqual(
        missed.map(({ state }) => state),
        ['missed'],
      );
    assert.equal((await jobsOf(skip.flowId)).length, onTime ? 1 : 0);
    assert.equal((await jobsOf(once.flowId)).length, 1);
  });

  it('tells of each overdue period once, whenever the kill comes', async () => {
    const { client, flowId } = world;
    const task = await client.call(tasks.create, {
      body: {
        name: 'late',
        flowId,
        url: world.hook,
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
        condition: { kind: 'notRefreshedWithin', seconds: 86_400 },
        body: 'overdue $overdueAt',
      },
    });
    const times: string[] = [];
    const told = async () =>
      (
        await client.call(decisions.list, {
          query: { webhookFlowTaskId: task.id, event: 'output.overdue', noLimit: true },
        })
      ).data;
    for (const offset of kills) {
      await world.kill();
      const dueAt = Date.now() + 4000;
      times.push(new Date(dueAt).toISOString());
      await whileDown((tx) =>
        sql`update webhook_deadlines set due_at = ${sql.lit(dueAt)}, window_start = ${sql.lit(dueAt - 86_400_000)}
          where task_id = ${sql.lit(task.id)}`.execute(tx),
      );
      await world.start();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt + offset - Date.now())));
      await world.kill();
      await world.start();
      await until(
        async () => (await told()).length === times.length,
        `it is told, killed at ${offset} ms`,
        patience,
      );
    }
    const all = await told();
    assert.deepEqual(all.map(({ at }) => at).toReversed(), times);
    assert.ok(all.every(({ fired, webhookDelivery }) => fired && webhookDelivery !== null));
    assert.equal(new Set(all.map(({ webhookDelivery }) => webhookDelivery!.id)).size, times.length);
    for (const time of times)
      await until(() => world.told.includes(`overdue ${time}`), `the receiver was told of ${time}`, patience);
  });
});
