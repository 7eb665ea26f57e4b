// What came of each time of a schedule, read: one row for each, whoever wrote it and however often it was tried.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from '../db/database.ts';
import type { Selection } from '../flows/flow-store.ts';
import type { OccurrenceReason, OccurrenceState } from './occurrence-state.ts';

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
