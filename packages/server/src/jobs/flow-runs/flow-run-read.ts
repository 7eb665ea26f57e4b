// Reading flow runs: rows as the routes show them.
import { sql, type RawBuilder } from 'kysely';
import { notFound } from '../../base/error.ts';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { visibleFlows } from '../../people/flow-access-store.ts';
import type { FlowRunState } from './flow-run-state.ts';

/** A flow run's row. Times are epoch milliseconds. */
export interface FlowRunRow {
  readonly id: number;
  readonly flow_id: number;
  readonly flow_name: string;
  readonly schedule_id: number | null;
  readonly ran_from: RanFrom;
  readonly started_by: Exclude<StarterKind, 'external'>;
  readonly started_by_delivery: string | null;
  readonly state: FlowRunState;
  /** True once one of its jobs has left the queue. */
  readonly begun: boolean;
  readonly creator_id: number | null;
  readonly creator_name: string | null;
  readonly creator_email: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly finished_at: number | null;
}

const from = sql.raw(`
  from flow_runs r join flows f on f.id = r.flow_id left join people p on p.id = r.creator_id`);
import type { RanFrom, StarterKind } from '../new-job.ts';

export interface FlowRunSelection {
  readonly where: RawBuilder<boolean>;
  readonly orderBy: RawBuilder<unknown>;
  readonly page: RawBuilder<unknown>;
}

export async function readFlowRuns(
  db: Read,
  { where, orderBy, page }: FlowRunSelection,
): Promise<FlowRunRow[]> {
  const { rows } = await sql<Omit<FlowRunRow, 'begun'> & { readonly begun: number }>`
    select r.id, r.flow_id, f.name as flow_name, r.schedule_id, r.ran_from, r.started_by, r.started_by_delivery, r.state,
      (select count(*) from jobs j where j.flow_run_id = r.id and j.state <> 'queued') as begun,
      r.creator_id, p.name as creator_name, p.email as creator_email, r.created_at, r.updated_at, r.finished_at
    ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows.map((row) => ({ ...row, begun: row.begun > 0 }));
}

export async function countFlowRuns(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}

/** The run's row; throws `not_found` where the caller may not see its flow. */
export async function requireFlowRun(db: Read, caller: Caller, id: number): Promise<FlowRunRow> {
  const where = sql<boolean>`r.id = ${id} and ${visibleFlows(caller, 'r.flow_id')}`;
  const [row] = await readFlowRuns(db, { where, orderBy: sql`r.id`, page: sql`` });
  if (row === undefined) throw notFound('flow run', id);
  return row;
}

/** The ids of each run's jobs, in their order. */
export async function readJobIdsOfRuns(
  db: Read,
  runIds: readonly number[],
): Promise<{ id: number; flow_run_id: number | null }[]> {
  if (runIds.length === 0) return [];
  return db
    .selectFrom('jobs')
    .select(['id', 'flow_run_id'])
    .where('flow_run_id', 'in', [...runIds])
    .orderBy('id')
    .execute();
}
