// Reading decisions: a list of those of any event, and those of jobs.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from '../../db/database.ts';

/** Times are epoch milliseconds. */
export interface DecisionListRow {
  readonly event_id: number;
  readonly event_kind: string;
  readonly at: number;
  readonly task_id: number;
  readonly task_name: string;
  readonly flow_id: number;
  readonly job_id: number | null;
  readonly flow_run_id: number | null;
  readonly fires: number;
  readonly detail: string;
  readonly delivery_id: number | null;
}

const from = sql.raw(
  'from decisions d join events e on e.id = d.event_id join webhook_tasks t on t.id = d.task_id',
);
/** What was told while a job still ran was asked for by one task: the others only waited for something else. */
const concerned = sql.raw('(e.about_task_id is null or e.about_task_id = d.task_id)');

/** `e` is the event, `d` the decision, `t` its task; newest events first. */
export async function listDecisions(
  db: Read,
  { where, page }: { readonly where: RawBuilder<boolean>; readonly page: RawBuilder<unknown> },
): Promise<DecisionListRow[]> {
  const { rows } = await sql<DecisionListRow>`
    select d.event_id, e.kind as event_kind, e.created_at as at, d.task_id, t.name as task_name, e.flow_id, e.job_id,
      e.flow_run_id, d.fires, d.detail,
      (select min(v.id) from deliveries v where v.event_id = d.event_id and v.task_id = d.task_id) as delivery_id
    ${from} where ${where} and ${concerned} order by d.event_id desc, d.task_id ${page}`.execute(db);
  return rows;
}

export async function countDecisions(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count ${from} where ${where} and ${concerned}`.execute(db);
  return rows[0]!.count;
}

export interface DecisionRow {
  readonly event_id: number;
  readonly event_kind: string;
  readonly task_id: number;
  readonly task_name: string;
  readonly fires: number;
  readonly reason: string;
  readonly detail: string;
  readonly job_id: number;
}

/**
 * Of each of these jobs: one decision for every task that the flow had when the job ended. What was told while it still ran adds the decision of
 * the task that had asked for it: the others only waited for something else.
 */
export async function readDecisions(db: Read, jobIds: readonly number[]): Promise<DecisionRow[]> {
  const { rows } = await sql<DecisionRow>`
    select d.event_id, e.kind as event_kind, d.task_id, t.name as task_name, d.fires, d.reason, d.detail, e.job_id ${from}
    where e.job_id in (${sql.join([...jobIds])}) and ${concerned}
    order by d.task_id, d.event_id`.execute(db);
  return rows;
}
