// The table of a delivery's states and the statements that move it say the same, in every cell and over random lives.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { goBack, judgeStep, standingOf, type DeliveryRow, type Step } from '../../../test/delivery-model.ts';
import { byHand, ways, write, type Scene, type Way } from '../../../test/delivery-way.ts';
import { dayMs, makeWorld, type World } from '../../../test/webhook-world.ts';
import type { Database } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';
import { createExternalJobs } from '../../jobs/external/external-job.ts';
import { runAudit } from '../ledger/audit.ts';
import { sendAsNew } from './delivery.ts';
import {
  deliveryBirths,
  deliveryEvents,
  deliveryStandings,
  deliveryTable,
  stateOf,
  type DeliveryBirth,
  type DeliveryEvent,
  type DeliveryStanding,
  type DeliveryTable,
} from './delivery-state.ts';

/** The table once more, drawn by hand: statements that follow a changed table are caught all the same. */
const drawn = `
                    claim    succeed    retry     give_up  interrupt  crash             cancel    expire  hold  release  redeliver
  pending           sending  -          -         -        -          -                 canceled  dead    held  -        pending
  held              -        -          -         -        -          -                 canceled  dead    -     pending  pending
  held_for_crashes  -        -          -         -        -          -                 canceled  dead    -     -        pending
  sending           -        delivered  pending   dead     pending    held_for_crashes  stopping  -       -     -        -
  stopping          -        delivered  canceled  dead     canceled   canceled          stopping  -       -     -        -
  delivered         -        -          -         -        -          -                 -         -       -     -        pending
  dead              -        -          -         -        -          -                 -         -       -     -        pending
  canceled          -        -          -         -        -          -                 -         -       -     -        pending
`;

function readDrawn(): DeliveryTable {
  const [head, ...lines] = drawn
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/u));
  const rows = lines.map(([standing, ...cells]) => {
    const moves = cells.flatMap((cell, index) => (cell === '-' ? [] : [[head![index]!, cell]]));
    return [standing!, Object.fromEntries(moves)];
  });
  return Object.fromEntries(rows) as DeliveryTable;
}

/** Where what was seen differs from a table. */
const differences = (steps: readonly Step[], table: DeliveryTable) =>
  steps.flatMap((step) => judgeStep(step, table));

describeOnBoth('The states of a delivery', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let taskId: number;
  let goneNode: number;
  const design = readDrawn();
  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    taskId = await world.addTask();
    goneNode = await addGoneNode();
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  const addGoneNode = async () => {
    const values = { name: 'gone', started_at: 1 };
    const added = (tx: Parameters<Parameters<Database['transaction']>[0]>[0]) =>
      tx.insertInto('nodes').values(values).returning('id').executeTakeFirstOrThrow();
    return (await db.transaction(added)).id;
  };
  const read = (id: number): Promise<DeliveryRow> =>
    db.read.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const setEnabled = (enabled: boolean) =>
    db.transaction((tx) =>
      tx
        .updateTable('webhook_tasks')
        .set({ enabled: enabled ? 1 : 0 })
        .where('id', '=', taskId)
        .execute(),
    );
  const isEnabled = async () => {
    const found = db.read.selectFrom('webhook_tasks').select('enabled').where('id', '=', taskId);
    return (await found.executeTakeFirstOrThrow()).enabled === 1;
  };
  /** A job ends: gives the delivery of this task. */
  const owe = async (context: World['finish'] = world.finish, of = taskId) => {
    const jobId = await world.addExternalJob();
    const person = { personId: world.personId, email: '', name: '', role: 'author', via: 'token' } as const;
    const caller = { ...person, readOnly: false, flowIds: null };
    const end = { state: 'complete', percent: null, facts: null, errorMessage: null, logTail: null } as const;
    await createExternalJobs(db, context).report({ caller, jobId, ...end });
    const found = db.read.selectFrom('deliveries').select('id').where('job_id', '=', jobId);
    return (await found.where('task_id', '=', of).executeTakeFirstOrThrow()).id;
  };

  async function take(way: Way, scene: Scene): Promise<Step> {
    await write(scene, sql`updated_at = updated_at - 1000, expires_at = created_at + ${sql.lit(3 * dayMs)}`);
    await way.pass(scene);
    const before = await read(scene.id);
    const said = await way.run(scene, before);
    const [after, enabled, now] = [await read(scene.id), await isEnabled(), await readNow(db.read)];
    const { event, claims, reason } = way;
    return { way: way.name, event, before, after, enabled, said, claims, reason, now, nodeId: db.nodeId };
  }

  /** A delivery put into a standing, with three attempts, the first of them in an earlier round. */
  async function put(standing: DeliveryStanding): Promise<number> {
    const now = await readNow(db.read);
    const waiting = { pending: now + dayMs, sending: now + dayMs, stopping: now + dayMs };
    const isSent = standing === 'sending' || standing === 'stopping';
    const { rows } = await db.transaction((tx) =>
      sql<{ id: number }>`
        insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, state, held, held_for_crashes, due_at, lease_node,
          attempt_count, round_start, cancel_requested, host, end_reason, created_at, updated_at, expires_at, ended_at)
        select ${randomUUID()}, event_id, task_id, flow_id, job_id, id, ${stateOf(standing)},
          ${standing.startsWith('held') ? 1 : 0}, ${standing === 'held_for_crashes' ? 1 : 0},
          ${Object.entries(waiting).find(([name]) => name === standing)?.[1] ?? null}, ${isSent ? db.nodeId : null}, 3, 1,
          ${standing === 'stopping' ? 1 : 0}, host, ${standing === 'stopping' ? 'flow_deleted' : null}, created_at, updated_at,
          ${now + 3 * dayMs}, ${['delivered', 'dead', 'canceled'].includes(standing) ? now : null}
        from deliveries where task_id = ${taskId} and repeats_id is null limit 1 returning id`.execute(tx),
    );
    return rows[0]!.id;
  }
  const remove = (id: number) =>
    db.transaction(async (tx) => {
      await sql`delete from attempt_exchanges where delivery_id = ${id}`.execute(tx);
      await sql`delete from attempts where delivery_id = ${id}`.execute(tx);
      await sql`delete from deliveries where id = ${id}`.execute(tx);
    });

  /** Each event at each standing in each way; with the task disabled, too, where that makes a difference. */
  async function visit(): Promise<Step[]> {
    const steps: Step[] = [];
    for (const standing of deliveryStandings)
      for (const way of ways.filter(({ applies }) => applies(standing)))
        for (const enabled of goBack.includes(way.event) ? [true, false] : [true]) {
          await setEnabled(enabled);
          const id = await put(standing);
          steps.push(await take(way, { db, id, taskId, goneNode }));
          await remove(id);
        }
    return steps;
  }

  describe('in every cell', () => {
    let steps: Step[];
    before(async () => {
      const first = await owe();
      await db.transaction((tx) =>
        sql`update deliveries set state = 'canceled', due_at = null, ended_at = 1, end_reason = 'by_hand' where id = ${first}`.execute(
          tx,
        ),
      );
      steps = await visit();
      await setEnabled(true);
    });

    it('are those of the table', () => assert.deepEqual(differences(steps, deliveryTable), []));

    it('are those of the design', () => {
      assert.deepEqual(deliveryTable, design);
      assert.deepEqual(differences(steps, design), []);
    });

    it('are visited, each of them', () => {
      const visited = new Set(steps.map(({ before: from, event }) => `${standingOf(from)} ${event}`));
      assert.equal(visited.size, deliveryStandings.length * deliveryEvents.length);
    });

    for (const standing of deliveryStandings)
      it(`differ from a table with any cell of ${standing} changed`, () => {
        for (const event of deliveryEvents)
          for (const wrong of wrongCells(standing, event)) {
            const found = differences(steps, change(standing, event, wrong));
            assert.notEqual(found.length, 0, `nothing tells ${standing}, ${event} from ${wrong}`);
          }
      });
  });

  describe('at birth', () => {
    const lease = {
      nodeId: 0,
      leaseMs: () => 60_000,
      take: () => true,
      give: () => undefined,
      send: () => undefined,
    };
    const direct = () => {
      const { record } = world.finish;
      return { ...world.finish, record: { ...record, direct: () => ({ ...lease, nodeId: db.nodeId }) } };
    };
    const births: readonly [birth: DeliveryBirth, how: string, born: () => Promise<number>][] = [
      ['owed', 'a job ends', () => owe()],
      ['leased', 'a job ends while a slot is free', () => owe(direct())],
      ['unmade', 'a job ends and the body is too large', async () => oweTooLarge()],
      ['repeated', 'sent as new', async () => (await sendAsNew(byHand(db), await owe())).id],
    ];
    const oweTooLarge = async () => {
      const large = await world.addTask({ body: 'x'.repeat(1_100_000) });
      const id = await owe(world.finish, large);
      const { rows } = await db.transaction((tx) =>
        sql`update webhook_tasks set trigger_event = 'onJobFailure' where id = ${large}`.execute(tx),
      );
      assert.equal(rows.length, 0);
      return id;
    };

    for (const [birth, how, born] of births)
      it(`is ${deliveryBirths[birth]} where ${how}`, async () => {
        const row = await read(await born());
        const standing = deliveryBirths[birth];
        assert.equal(standingOf(row), standing);
        assert.equal(row.attempt_count, standing === 'sending' ? 1 : 0);
        assert.equal(row.due_at === null, standing === 'dead');
        assert.equal(row.lease_node, standing === 'sending' ? db.nodeId : null);
        assert.equal(row.end_reason, standing === 'dead' ? 'body_too_large' : null);
        assert.equal(row.ended_at === null, standing !== 'dead');
      });

    it('is held where it is sent as new for a disabled task', async () => {
      const first = await owe();
      await setEnabled(false);
      const row = await read((await sendAsNew(byHand(db), first)).id);
      assert.deepEqual([standingOf(row), row.due_at], ['held', null]);
      await setEnabled(true);
    });
  });

  it('are those of the table over random lives, and the account closes', async () => {
    const own = await makeWorld(db);
    await clearAll();
    world = own;
    taskId = await world.addTask();
    const life = fc.array(fc.constantFrom(...ways.keys()), { minLength: 1, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(life, async (events) => {
        await setEnabled(true);
        const id = await owe();
        const scene = { db, id, taskId, goneNode };
        for (const way of events.map((index) => ways[index]!)) {
          if (!way.applies(standingOf(await read(id)))) continue;
          const step = await take(way, scene);
          assert.deepEqual(judgeStep(step, deliveryTable), []);
        }
        await finish(scene);
      }),
      { numRuns: 40 },
    );
    assert.deepEqual((await runAudit(db.read)).findings, []);
  });

  /** Brings a life to its end, so that the next one is alone. */
  async function finish(scene: Scene): Promise<void> {
    const named = (event: DeliveryEvent) => ways.find((way) => way.event === event)!;
    await named('cancel').run(scene, await read(scene.id));
    const marked = await read(scene.id);
    if (marked.state === 'sending') await named('give_up').run(scene, marked);
  }

  /** The tests above put rows into their standings by force: they leave nothing behind. */
  const clearAll = () =>
    db.transaction(async (tx) => {
      for (const table of [
        'attempt_exchanges',
        'attempts',
        'delivery_bodies',
        'deliveries',
        'decisions',
        'events',
      ])
        await sql`delete from ${sql.table(table)}`.execute(tx);
      await sql`delete from jobs`.execute(tx);
    });

  function wrongCells(standing: DeliveryStanding, event: DeliveryEvent): (DeliveryStanding | undefined)[] {
    return [...deliveryStandings, undefined].filter((cell) => cell !== deliveryTable[standing][event]);
  }

  function change(
    standing: DeliveryStanding,
    event: DeliveryEvent,
    cell: DeliveryStanding | undefined,
  ): DeliveryTable {
    const { [event]: _, ...others } = deliveryTable[standing];
    const row = cell === undefined ? others : { ...others, [event]: cell };
    return { ...deliveryTable, [standing]: row };
  }
});
