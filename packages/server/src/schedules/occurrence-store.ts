// What came of each time of a schedule: one row for each, whoever wrote it and however often it was tried.
import { sql, type RawBuilder } from 'kysely';
import type { Read, Tx } from '../db/database.ts';
import type { Selection } from '../flows/flow-store.ts';

export type OccurrenceState = 'launched' | 'waiting' | 'skipped' | 'missed' | 'failed';

/** Why a time was not launched: a closed list, each with what it means. */
export const occurrenceReasons = {
  still_running: 'The run before was still going on.',
  already_waiting: 'The run before was still going on, and an earlier time waited for it.',
  missed: 'No server was running then, and missed times are not made up for.',
  disabled: 'The schedule was disabled while this time waited.',
  deleted: 'The schedule was deleted while this time waited.',
  owner_removed: "The flow's owner is no longer here.",
  owner_may_not_run: "The flow's owner may no longer run flows.",
  not_launchable: 'The flow could not be run as it was.',
  internal: 'Something went wrong in the server; its log has the cause.',
} as const;
export type OccurrenceReason = keyof typeof occurrenceReasons;

export interface NewOccurrence {
  readonly dueAt: number;
  readonly state: OccurrenceState;
  readonly reason: OccurrenceReason | null;
  readonly detail: string | null;
  readonly passedOver: number;
  readonly flowRunId: number | null;
}

/** Records a time. False where it is on record already: then nothing may be launched for it. */
export async function insertOccurrence(
  tx: Tx,
  scheduleId: number,
  occurrence: NewOccurrence,
): Promise<boolean> {
  const now = tx.now;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('schedule_occurrences')
    .values({
      schedule_id: scheduleId,
      due_at: occurrence.dueAt,
      state: occurrence.state,
      reason: occurrence.reason,
      detail: occurrence.detail,
      passed_over: occurrence.passedOver,
      flow_run_id: occurrence.flowRunId,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.columns(['schedule_id', 'due_at']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Moves a time that waited. False where it no longer does. */
export async function endWaiting(
  tx: Tx,
  scheduleId: number,
  { dueAt, state, reason, detail, flowRunId }: Omit<NewOccurrence, 'passedOver'>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('schedule_occurrences')
    .set({ state, reason, detail, flow_run_id: flowRunId, updated_at: tx.now })
    .where('schedule_id', '=', scheduleId)
    .where('due_at', '=', dueAt)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Times are epoch milliseconds. */
export interface OccurrenceRow {
  readonly id: number;
  readonly schedule_id: number;
  readonly due_at: number;
  readonly state: OccurrenceState;
  readonly reason: OccurrenceReason | null;
  readonly detail: string | null;
  readonly passed_over: number;
  readonly flow_run_id: number | null;
  readonly created_at: number;
  readonly updated_at: number;
}

const from = sql.raw('from schedule_occurrences o');

export async function readOccurrences(
  db: Read,
  { where, orderBy, page }: Selection,
): Promise<OccurrenceRow[]> {
  const { rows } = await sql<OccurrenceRow>`
    select o.id, o.schedule_id, o.due_at, o.state, o.reason, o.detail, o.passed_over, o.flow_run_id, o.created_at,
      o.updated_at
    ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows;
}

export async function countOccurrences(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}

/** The newest of each of these schedules. */
export async function readLastOccurrences(
  db: Read,
  scheduleIds: readonly number[],
): Promise<OccurrenceRow[]> {
  if (scheduleIds.length === 0) return [];
  const where = sql<boolean>`o.id in (
    select (select x.id from schedule_occurrences x where x.schedule_id = s.id order by x.due_at desc limit 1)
    from schedules s where s.id in (${sql.join([...scheduleIds])}))`;
  return readOccurrences(db, { where, orderBy: sql`o.id`, page: sql`` });
}
