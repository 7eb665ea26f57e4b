// The one door for what came of a schedule's times: every statement that writes it, each by what the state table says.
import { sql } from 'kysely';
import type { Tx } from '../db/database.ts';
import { readNow } from '../db/dialect.ts';
import { insertMany, tableOf } from '../db/rows.ts';
import { isInText, nextStateText, statesBefore } from '../db/state-table.ts';
import { occurrenceTable, type OccurrenceEvent, type OccurrenceReason } from './occurrence-state.ts';

/** What happens to one time of a schedule. */
export interface OccurrenceMove {
  readonly scheduleId: number;
  readonly dueAt: number;
  readonly event: OccurrenceEvent;
  readonly reason: OccurrenceReason | null;
  readonly detail: string | null;
  /** Times before it that nothing came of; counted where it goes on record. */
  readonly passedOver: number;
  readonly flowRunId: number | null;
}

const columns = {
  schedule_id: 'bigint',
  due_at: 'bigint',
  state: 'text',
  reason: 'text',
  detail: 'text',
  passed_over: 'bigint',
  flow_run_id: 'bigint',
  created_at: 'bigint',
  updated_at: 'bigint',
} as const;

/** The ids of the schedules whose time is on record so that the event is refused. */
export async function readOnRecord(tx: Tx, moves: readonly OccurrenceMove[]): Promise<Set<number>> {
  if (moves.length === 0) return new Set();
  const given = tableOf(
    tx,
    'given',
    { schedule_id: 'bigint', due_at: 'bigint', event: 'text' },
    moves.map((move) => ({ schedule_id: move.scheduleId, due_at: move.dueAt, event: move.event })),
  );
  const next = nextStateText(occurrenceTable, { state: 'o.state', event: { column: 'given.event' } });
  const { rows } = await sql<{ schedule_id: number }>`
    select o.schedule_id from schedule_occurrences o
    join ${given} on o.schedule_id = given.schedule_id and o.due_at = given.due_at where ${sql.raw(next)} is null`.execute(
    tx,
  );
  return new Set(rows.map(({ schedule_id }) => schedule_id));
}

/** Puts times on record, or moves those that waited; gives the ids of the schedules whose time that was refused. */
export async function moveOccurrences(tx: Tx, moves: readonly OccurrenceMove[]): Promise<Set<number>> {
  const now = await readNow(tx);
  const refused = new Set(moves.map(({ scheduleId }) => scheduleId));
  for (const [event, together] of Map.groupBy(moves, (move) => move.event))
    for (const id of await moveByOneEvent(tx, event, together, now)) refused.delete(id);
  return refused;
}

async function moveByOneEvent(
  tx: Tx,
  event: OccurrenceEvent,
  moves: readonly OccurrenceMove[],
  now: number,
): Promise<number[]> {
  const state = occurrenceTable.due[event];
  const onRecord = isInText('schedule_occurrences.state', statesBefore(occurrenceTable, event));
  const next = nextStateText(occurrenceTable, { state: 'schedule_occurrences.state', event });
  const rows = moves.map((move) => ({
    schedule_id: move.scheduleId,
    due_at: move.dueAt,
    state,
    reason: move.reason,
    detail: move.detail,
    passed_over: move.passedOver,
    flow_run_id: move.flowRunId,
    created_at: now,
    updated_at: now,
  }));
  const moved = await insertMany<typeof columns, { schedule_id: number }>(tx, {
    table: 'schedule_occurrences',
    columns,
    rows,
    onConflict: sql`on conflict (schedule_id, due_at) do update set state = ${sql.raw(next)}, reason = excluded.reason,
      detail = excluded.detail, flow_run_id = excluded.flow_run_id, updated_at = excluded.updated_at
      where ${sql.raw(onRecord)}`,
    returning: ['schedule_id'],
  });
  return moved.map(({ schedule_id }) => schedule_id);
}

/** What waits of a schedule that is disabled or deleted is passed over, and says so. */
export async function skipWaiting(tx: Tx, scheduleId: number, reason: 'disabled' | 'deleted'): Promise<void> {
  const next = nextStateText(occurrenceTable, { state: 'state', event: 'skip' });
  await sql`
    update schedule_occurrences set state = ${sql.raw(next)}, reason = ${reason}, updated_at = ${tx.now}
    where schedule_id = ${scheduleId} and ${sql.raw(isInText('state', statesBefore(occurrenceTable, 'skip')))}`.execute(
    tx,
  );
}
