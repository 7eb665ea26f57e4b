// Schedules that fire: once for each time, on two nodes, over kills, by their choices; what can't be launched says why.
import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { sql } from 'kysely';
import type { WriteSettingGiven } from '@flowhook/contract/flow/write-setting';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../../test/flow-world.ts';
import { until } from '../../test/wait.ts';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import type { Database } from '../db/database.ts';
import { readNow } from '../db/dialect.ts';
import { createOutput } from '../flows/output.ts';
import { createFlow, removeFlow } from '../flows/flow.ts';
import { cancelJobs } from '../jobs/job.ts';
import type { FinishContext } from '../jobs/finish.ts';
import { createTaskCache } from '../webhooks/events/task-cache.ts';
import { nextTime } from './cron.ts';
import { fireSchedules } from './firing.ts';
import { claimSchedules, readWait } from './schedule-claim.ts';
import {
  createSchedule,
  removeScheduleOfFlow,
  requireSchedule,
  switchSchedule,
  type NewSchedule,
} from './schedule.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';

const hourMs = 3_600_000;
const everyHour = { expression: '0 * * * *', timeZone: 'UTC' };
const log = createLog('silent');

describeOnBoth('schedules', (make, dialect) => {
  let database: TestDatabase;
  let world: FlowWorld;
  let db: Database;
  let other: Database;
  let datasetId: number;
  const running: Scheduler[] = [];
  before(async () => {
    database = await make();
    world = await makeFlowWorld(database, {
      flowDeleted: (tx, flowId, personId) => removeScheduleOfFlow(tx, world.db, flowId, personId),
    });
    ({ db } = world);
    // Two nodes where there may be two.
    other = dialect === 'sqlite' ? db : await database.open();
    datasetId = await world.addDataset('orders', 'city,amount\nBern,1\n');
  });
  afterEach(async () => {
    for (const scheduler of running.splice(0)) await scheduler.stop();
    await db.transaction((tx) =>
      tx.updateTable('schedules').set({ enabled: 0, next_at: null, waiting_at: null }).execute(),
    );
  });
  after(async () => {
    if (other !== db) await other.close();
    await world.close();
    await database.remove();
  });

  const contextOf = (node: Database) => ({
    db: node,
    room: { ...world.room, db: node },
    log,
    clock: systemClock,
  });
  const startScheduler = (node: Database) => {
    const scheduler = createScheduler(contextOf(node));
    running.push(scheduler);
    scheduler.start();
    return scheduler;
  };
  /** A flow with a recipe that has a scheduled output, and its schedule. */
  const makeScheduled = async (
    schedule: Partial<NewSchedule> = {},
    withOutput = true,
    writeSettings: readonly WriteSettingGiven[] = [],
  ) => {
    const { room, caller } = world;
    const { id: flowId } = await createFlow(room, caller, { name: 'Scheduled', description: null });
    const recipeId = await world.addRecipe({ flowId, input: { kind: 'dataset', id: datasetId } });
    const output = { recipeId, isAdhoc: false, execution: 'photon', profiler: false, writeSettings };
    if (withOutput) await createOutput(room, caller, output);
    const usual = {
      name: null,
      triggers: [everyHour],
      missed: 'once',
      overlap: 'skip',
      parameters: [],
    } as const;
    const { id } = await createSchedule({ ...room, db }, caller, {
      ...usual,
      flowId,
      enabled: true,
      ...schedule,
    });
    return { id, flowId };
  };
  /** Makes it due at the hour that began last; gives the time. */
  const makeDue = async (id: number) => {
    const dueAt = Math.floor((await readNow(db.read)) / hourMs) * hourMs;
    await db.transaction((tx) =>
      tx.updateTable('schedules').set({ next_at: dueAt }).where('id', '=', id).execute(),
    );
    return dueAt;
  };
  const occurrencesOf = (id: number) =>
    db.read
      .selectFrom('schedule_occurrences')
      .selectAll()
      .where('schedule_id', '=', id)
      .orderBy('due_at')
      .execute();
  const rowOf = (id: number) => requireSchedule(db.read, world.caller, id, 'viewer');
  const jobsOf = async (flowId: number) =>
    db.read.selectFrom('jobs').selectAll().where('flow_id', '=', flowId).execute();
  const claim = (node: Database, leaseMs = 30_000) =>
    node.transaction((tx) => claimSchedules(tx, { nodeId: node.nodeId, max: 10, leaseMs }, true));
  const fireAll = async (node = db) => {
    await fireSchedules(contextOf(node), await claim(node));
  };
  /** Fires what is due as if it were this time, and due at another where that is given. */
  const fireAllAt = async (now: number, nextAt?: number) => {
    const claimed = await claim(db);
    await fireSchedules(
      contextOf(db),
      claimed.map((each) => ({ ...each, now, nextAt: nextAt ?? each.nextAt })),
    );
  };
  const statesOf = async (id: number) =>
    (await occurrencesOf(id)).map(({ state, reason }) => [state, reason]);
  const finish = (): FinishContext => ({
    db,
    baseUrl: '',
    record: {
      db,
      tasks: createTaskCache(),
      makePublicId: () => crypto.randomUUID(),
      direct: () => null,
      settings: () => ({ switchedOn: true, maximumAgeMs: 1000 }),
    },
  });
  const endJobs = async (flowId: number) => {
    const ids = (await jobsOf(flowId)).map((job) => job.id);
    await db.transaction((tx) => cancelJobs(tx, finish(), ids));
  };

  it('run the scheduled outputs of their flow, with the rights of its owner', async () => {
    const { id, flowId } = await makeScheduled();
    const dueAt = await makeDue(id);
    startScheduler(db);
    await until(async () => (await occurrencesOf(id)).length === 1);
    const [occurrence] = await occurrencesOf(id);
    assert.deepEqual(
      [occurrence!.due_at, occurrence!.state, occurrence!.passed_over],
      [dueAt, 'launched', 0],
    );
    const [job] = await jobsOf(flowId);
    assert.deepEqual(
      [job!.ran_from, job!.started_by, job!.creator_id, job!.flow_run_id],
      ['schedule', 'schedule', world.caller.personId, occurrence!.flow_run_id],
    );
    const row = await rowOf(id);
    assert.deepEqual([row.next_at, row.enabled], [dueAt + hourMs, true]);
  });

  it('that would write where another flow does launch nothing, and say why; of two at one moment one is first', async () => {
    const format = { format: 'csv', compression: 'none', zstd: false, header: true, delim: ',' } as const;
    const setting = {
      ...format,
      path: 'scheduled/{run.date}.csv',
      action: 'append',
      hasQuotes: false,
      nullText: '',
    } as const;
    const make = () => makeScheduled({}, true, [{ ...setting, asSingleFile: true }]);
    const [one, two] = [await make(), await make()];
    for (const { id } of [one, two]) await makeDue(id);
    await fireAll();
    const states = [...(await statesOf(one.id)), ...(await statesOf(two.id))];
    const byState = states.toSorted(([a], [b]) => a!.localeCompare(b!));
    assert.deepEqual(byState, [
      ['failed', 'not_launchable'],
      ['launched', null],
    ]);
    const refused = states[0]![0] === 'failed' ? one : two;
    assert.match(
      (await rowOf(refused.id)).disabled_reason ?? '',
      /^The place scheduled\/.* belongs to another flow/u,
    );
    assert.equal((await jobsOf(refused.flowId)).length, 0);
  });

  it('fire one time once, on two nodes that race for it', async () => {
    const made: { id: number; flowId: number }[] = [];
    for (let count = 0; count < 8; count += 1) made.push(await makeScheduled());
    for (const { id } of made) await makeDue(id);
    startScheduler(db);
    startScheduler(other);
    const all = async () =>
      (await Promise.all(made.map(({ id }) => occurrencesOf(id)))).every((each) => each.length > 0);
    await until(all, 'each has fired', 30_000);
    for (const { id, flowId } of made) {
      assert.equal((await occurrencesOf(id)).length, 1);
      assert.equal((await jobsOf(flowId)).length, 1);
    }
  });

  it('fire together what is due at one moment, each once, and leave to itself what is not simply launched', async () => {
    const many: { id: number; flowId: number }[] = [];
    for (let count = 0; count < 40; count += 1) many.push(await makeScheduled());
    const [recorded, gone, ownerless] = many.splice(0, 3) as [
      (typeof many)[0],
      (typeof many)[0],
      (typeof many)[0],
    ];
    const empty = await makeScheduled({}, false);
    const wrong = await makeScheduled({ parameters: [{ key: 'none', value: 1 }] });
    const dueAt = await makeDue(recorded.id);
    await fireAll();
    await endJobs(recorded.flowId);
    const person = await world.addCaller();
    await db.transaction(async (tx) => {
      const owner = { owner_id: person.personId };
      await tx.updateTable('flows').set(owner).where('id', '=', ownerless.flowId).execute();
      await tx.updateTable('people').set({ role: 'viewer' }).where('id', '=', person.personId).execute();
    });
    const all = [recorded, gone, ownerless, empty, wrong, ...many];
    for (const { id } of all) await makeDue(id);
    const claimed = await db.transaction((tx) =>
      claimSchedules(tx, { nodeId: db.nodeId, max: 100, leaseMs: 30_000 }, true),
    );
    assert.equal(claimed.length, all.length);
    await removeFlow(world.room, world.caller, gone.flowId);
    // Another node holds the claim of one by now.
    const lost = many.at(-1)!;
    await db.transaction((tx) =>
      tx.updateTable('schedules').set({ claim_count: 99 }).where('id', '=', lost.id).execute(),
    );
    const launched = await fireSchedules(contextOf(db), claimed);
    const rest = claimed.filter(({ id }) => !launched.has(id));
    assert.deepEqual(
      rest.map(({ id }) => id).toSorted((a, b) => a - b),
      [gone.id, ownerless.id, empty.id, lost.id].toSorted((a, b) => a - b),
    );
    for (const each of rest) await fireSchedules(contextOf(db), [each]);
    await fireSchedules(contextOf(db), claimed);
    for (const { id, flowId } of [recorded, wrong, ...many.slice(0, -1)]) {
      const [occurrence, ...more] = await occurrencesOf(id);
      assert.deepEqual([occurrence!.due_at, occurrence!.state, more.length], [dueAt, 'launched', 0]);
      const [job, ...others] = await jobsOf(flowId);
      assert.deepEqual([job!.flow_run_id, others.length], [occurrence!.flow_run_id, 0]);
      const steps = db.read.selectFrom('job_steps').select('kind').where('job_id', '=', job!.id);
      assert.deepEqual(
        (await steps.orderBy('position').execute()).map(({ kind }) => kind),
        ['wrangle', 'filewriter'],
      );
      assert.equal((await rowOf(id)).next_at, dueAt + hourMs);
    }
    assert.match((await jobsOf(wrong.flowId))[0]!.warnings ?? '', /No parameter is named/u);
    assert.deepEqual(await statesOf(empty.id), [['failed', 'not_launchable']]);
    assert.deepEqual(await statesOf(ownerless.id), [['failed', 'owner_may_not_run']]);
    assert.deepEqual([await statesOf(lost.id), (await jobsOf(gone.flowId)).length], [[], 0]);
  });

  it('lose and double nothing where a node ends between claim and launch', async () => {
    const { id, flowId } = await makeScheduled();
    const dueAt = await makeDue(id);
    // The claim of a node that was killed: its lease has run out.
    const [dead] = await claim(other, 0);
    assert.equal(dead!.id, id);
    startScheduler(db);
    await until(async () => (await jobsOf(flowId)).length === 1);
    // It was not dead but slow: its claim is good for nothing any more.
    await fireSchedules(contextOf(other), [dead!]);
    assert.equal((await jobsOf(flowId)).length, 1);
    assert.deepEqual(
      (await occurrencesOf(id)).map(({ due_at }) => due_at),
      [dueAt],
    );
  });

  it('fire a time that is on record never again', async () => {
    const { id, flowId } = await makeScheduled();
    const dueAt = await makeDue(id);
    await fireAll();
    await endJobs(flowId);
    await makeDue(id);
    await fireAll();
    assert.equal((await jobsOf(flowId)).length, 1);
    assert.equal((await rowOf(id)).next_at, dueAt + hourMs);
  });

  it('are claimed again at once where their node is known to be gone', async () => {
    const { id, flowId } = await makeScheduled();
    await makeDue(id);
    const { id: gone } = await db.transaction((tx) =>
      tx
        .insertInto('nodes')
        .values({ name: 'gone', started_at: 1 })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    await db.transaction((tx) => claimSchedules(tx, { nodeId: gone, max: 1, leaseMs: 600_000 }, true));
    startScheduler(db);
    await until(async () => (await jobsOf(flowId)).length === 1);
  });

  it('make up for missed times once, or not at all', async () => {
    const once = await makeScheduled({ missed: 'once' });
    const skip = await makeScheduled({ missed: 'skip' });
    const dueAt = await makeDue(once.id);
    await makeDue(skip.id);
    await fireAllAt(dueAt + 3.5 * hourMs);
    const [made] = await occurrencesOf(once.id);
    assert.deepEqual([made!.state, made!.due_at, made!.passed_over], ['launched', dueAt + 3 * hourMs, 3]);
    const [missed] = await occurrencesOf(skip.id);
    assert.deepEqual([missed!.state, missed!.due_at, missed!.passed_over], ['missed', dueAt, 3]);
    assert.deepEqual([(await jobsOf(once.flowId)).length, (await jobsOf(skip.flowId)).length], [1, 0]);
    const nexts = [(await rowOf(once.id)).next_at, (await rowOf(skip.id)).next_at];
    assert.deepEqual(nexts, [dueAt + 4 * hourMs, dueAt + 4 * hourMs]);
  });

  it('skip a time while the run before goes on', async () => {
    const { id, flowId } = await makeScheduled({ overlap: 'skip' });
    const dueAt = await makeDue(id);
    await fireAllAt(dueAt);
    await makeDue(id);
    await fireAllAt(dueAt + hourMs, dueAt + hourMs);
    assert.deepEqual(await statesOf(id), [
      ['launched', null],
      ['skipped', 'still_running'],
    ]);
    assert.equal((await jobsOf(flowId)).length, 1);
    await endJobs(flowId);
    await makeDue(id);
    await fireAllAt(dueAt + 2 * hourMs, dueAt + 2 * hourMs);
    assert.equal((await jobsOf(flowId)).length, 2);
  });

  it('let one time wait for the run before, and run it when that has ended', async () => {
    const { id, flowId } = await makeScheduled({ overlap: 'queue' });
    const dueAt = await makeDue(id);
    for (const hours of [0, 1, 2]) {
      await makeDue(id);
      await fireAllAt(dueAt + hours * hourMs, dueAt + hours * hourMs);
    }
    assert.deepEqual(await statesOf(id), [
      ['launched', null],
      ['waiting', null],
      ['skipped', 'already_waiting'],
    ]);
    assert.equal((await claim(db)).length, 0, 'what waits is not due while the run before goes on');
    startScheduler(db);
    await endJobs(flowId);
    await until(async () => (await statesOf(id))[1]![0] === 'launched');
    assert.deepEqual([(await jobsOf(flowId)).length, (await rowOf(id)).waiting_at], [2, null]);
  });

  it('skip what waits when they are disabled', async () => {
    const { id } = await makeScheduled({ overlap: 'queue' });
    const dueAt = await makeDue(id);
    for (const hours of [0, 1]) {
      await makeDue(id);
      await fireAllAt(dueAt + hours * hourMs, dueAt + hours * hourMs);
    }
    await switchSchedule(db, world.caller, id, false);
    assert.deepEqual((await statesOf(id))[1], ['skipped', 'disabled']);
    assert.deepEqual([(await rowOf(id)).waiting_at, (await rowOf(id)).next_at], [null, null]);
  });

  it('are disabled with the reason where they can not be launched', async () => {
    const { id, flowId } = await makeScheduled({}, false);
    await makeDue(id);
    await fireAll();
    const [occurrence] = await occurrencesOf(id);
    assert.deepEqual([occurrence!.state, occurrence!.reason], ['failed', 'not_launchable']);
    const row = await rowOf(id);
    assert.deepEqual([row.enabled, row.next_at], [false, null]);
    assert.match(row.disabled_reason ?? '', /no scheduled output/u);
    assert.equal((await jobsOf(flowId)).length, 0);
    const enabled = await switchSchedule(db, world.caller, id, true);
    assert.deepEqual([enabled.enabled, enabled.disabled_reason], [true, null]);
    assert.ok(enabled.next_at! > (await readNow(db.read)));
  });

  const owners: [string, { role?: 'viewer'; deleted_at?: number }, string, RegExp][] = [
    ['was removed', { deleted_at: 1 }, 'owner_removed', /make somebody else its owner/u],
    ['is a viewer by now', { role: 'viewer' }, 'owner_may_not_run', /may not run flows/u],
  ];
  for (const [title, change, reason, sentence] of owners)
    it(`are disabled where the owner ${title}`, async () => {
      const { id, flowId } = await makeScheduled();
      const owner = await world.addCaller();
      await db.transaction(async (tx) => {
        await tx.updateTable('flows').set({ owner_id: owner.personId }).where('id', '=', flowId).execute();
        await tx.updateTable('people').set(change).where('id', '=', owner.personId).execute();
      });
      await makeDue(id);
      await fireAll();
      const [occurrence] = await occurrencesOf(id);
      assert.deepEqual([occurrence!.state, occurrence!.reason], ['failed', reason]);
      assert.match(occurrence!.detail ?? '', sentence);
    });

  it('keep a time through a fault of ours, and try it again', async () => {
    const { id, flowId } = await makeScheduled();
    await makeDue(id);
    const [claimed] = await claim(db);
    const broken = { ...world.room, db: { ...db, read: null as never } };
    await fireSchedules({ ...contextOf(db), room: broken }, [{ ...claimed!, now: claimed!.nextAt! }]);
    assert.equal((await occurrencesOf(id)).length, 0);
    await db.transaction((tx) =>
      tx.updateTable('schedules').set({ lease_until: 1 }).where('id', '=', id).execute(),
    );
    await fireAll();
    assert.deepEqual([(await occurrencesOf(id))[0]!.state, (await jobsOf(flowId)).length], ['launched', 1]);
  });

  it('give a time up that a fault of ours kept from firing for ten minutes, and go on with the next', async () => {
    const { id, flowId } = await makeScheduled();
    await makeDue(id);
    const [claimed] = await claim(db);
    const broken = { ...world.room, db: { ...db, read: null as never } };
    const now = claimed!.nextAt! + 601_000;
    await fireSchedules({ ...contextOf(db), room: broken }, [{ ...claimed!, now }]);
    assert.deepEqual([await statesOf(id), (await jobsOf(flowId)).length], [[['failed', 'internal']], 0]);
    const { next_at: nextAt, enabled } = await rowOf(id);
    assert.deepEqual([nextAt! > now, enabled], [true, true]);
  });

  it('go with their flow', async () => {
    const { id, flowId } = await makeScheduled();
    await makeDue(id);
    const [claimed] = await claim(db);
    await removeFlow(world.room, world.caller, flowId);
    await fireSchedules(contextOf(db), [claimed!]);
    assert.equal((await jobsOf(flowId)).length, 0);
    await assert.rejects(rowOf(id), /There is no schedule/u);
  });

  it('tell how long it is until the next is due', async () => {
    assert.equal(await readWait(db.read), null);
    const { id } = await makeScheduled();
    const next = nextTime([everyHour], Date.now())!;
    const before = Date.now();
    const wait = await readWait(db.read);
    assert.ok(
      wait! <= next - before + 1 && wait! >= next - Date.now() - 1,
      `${wait} at ${before}, for ${next}`,
    );
    await makeDue(id);
    assert.equal(await readWait(db.read), 0);
    await claim(db);
    assert.equal(await readWait(db.read), null, 'what is claimed is somebody else’s');
  });

  it('find what is due by an index', async () => {
    const plan = await db.transaction(async (tx) => {
      if (dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(tx);
      const explain = sql.raw(dialect === 'sqlite' ? 'explain query plan' : 'explain');
      const { rows } = await sql`${explain} select min(next_at) from schedules where next_at is not null
        and (lease_until is null or lease_until <= 5)`.execute(tx);
      return JSON.stringify(rows);
    });
    assert.match(plan, /schedules_due/u);
  });
});
