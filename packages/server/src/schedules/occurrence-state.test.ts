// What comes of a schedule's times: the table is the one drawn here, and so are the statements that move real rows.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { proveEachCell, proveLives, readGrid, type Machine } from '../../test/state-grid.ts';
import { makeWorld, type World } from '../../test/webhook-world.ts';
import { beginFlowRuns } from '../jobs/flow-runs/flow-run-move.ts';
import { moveOccurrences, readOnRecord, skipWaiting, type OccurrenceMove } from './occurrence-move.ts';
import { occurrenceTable, type OccurrenceEvent } from './occurrence-state.ts';
import { insertSchedule } from './schedule-store.ts';

const grid = readGrid(`
             launch    wait     skip     miss    fail
  due        launched  waiting  skipped  missed  failed
  waiting    launched  .        skipped  .       failed
  launched   .         .        .        .       .
  skipped    .         .        .        .       .
  missed     .         .        .        .       .
  failed     .         .        .        .       .
`);

it('the table of a time is the one that is drawn', () => assert.deepEqual(occurrenceTable, grid));

const reasons = {
  launch: null,
  wait: null,
  skip: 'still_running',
  miss: 'missed',
  fail: 'internal',
} as const;

describeOnBoth('what comes of a time', (make) => {
  let database: TestDatabase;
  let world: World;
  let scheduleId: number;
  let lastDue = 0;
  before(async () => {
    database = await make();
    world = await makeWorld(await database.open());
    const { flowId, personId, db } = world;
    const choices = { missed: 'once', overlap: 'queue', parameters: [], triggers: [], name: null } as const;
    scheduleId = await db.transaction((tx) =>
      insertSchedule(tx, { flowId, personId, nextAt: null }, choices),
    );
  });
  after(async () => {
    await world.db.close();
    await database.remove();
  });

  const read = (dueAt: number) =>
    world.db.read
      .selectFrom('schedule_occurrences')
      .selectAll()
      .where('schedule_id', '=', scheduleId)
      .where('due_at', '=', dueAt)
      .executeTakeFirst();

  /** As the scheduler does: what is refused is looked for first, for its run must not begin. */
  async function move(dueAt: number, event: OccurrenceEvent): Promise<void> {
    const { flowId, personId: creatorId } = world;
    const run = {
      flowId,
      creatorId,
      scheduleId,
      ranFrom: 'schedule',
      startedBy: 'schedule',
      startedByDelivery: null,
    } as const;
    await world.db.transaction(async (tx) => {
      const given: OccurrenceMove = {
        scheduleId,
        dueAt,
        event,
        reason: reasons[event],
        detail: null,
        passedOver: 0,
        flowRunId: event === 'launch' ? (await beginFlowRuns(tx, [run]))[0]! : null,
      };
      const onRecord = await readOnRecord(tx, [given]);
      const refused = await moveOccurrences(tx, [given]);
      assert.deepEqual(onRecord, refused, 'what is refused could be known before');
    });
  }

  const machine: Machine<number> = {
    births: ['due'],
    make: async () => (lastDue += 1),
    apply: (dueAt, event) => move(dueAt, event as OccurrenceEvent),
    async look(dueAt) {
      const row = await read(dueAt);
      if (row === undefined) return { state: 'due', row: null };
      const { updated_at: _, ...rest } = row;
      return { state: row.state, row: rest };
    },
  };

  it('is as it is drawn, in each cell', () => proveEachCell(machine, grid));
  it('is as it is drawn over any life', () => proveLives(machine, grid, 40));

  it('is passed over where the schedule is disabled, if it waited', async () => {
    const events = ['launch', 'wait', 'skip', 'miss', 'fail'] as const;
    const times = new Map<number, OccurrenceEvent>();
    for (const event of events) {
      times.set((lastDue += 1), event);
      await move(lastDue, event);
    }
    await world.db.transaction((tx) => skipWaiting(tx, scheduleId, 'disabled'));
    for (const [dueAt, event] of times) {
      const from = grid['due']![event]!;
      const { state, reason } = (await read(dueAt))!;
      const skipped = from === 'waiting';
      assert.deepEqual([state, reason], skipped ? [grid[from]!['skip'], 'disabled'] : [from, reasons[event]]);
    }
  });
});
