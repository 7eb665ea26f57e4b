// Reading jobs: rows as the routes show them.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from '../db/database.ts';
import { tableOf } from '../db/rows.ts';
import type { JobState } from './job-state.ts';
import type { RanFrom, StarterKind } from './new-job.ts';

/** A job's row with the names of what it belongs to. Times are epoch milliseconds. */
export interface JobRow {
  readonly id: number;
  readonly flow_id: number;
  readonly flow_name: string;
  readonly recipe_id: number | null;
  readonly recipe_name: string | null;
  readonly output_id: number | null;
  readonly flow_run_id: number | null;
  /** As JSON. */
  readonly parameters: string | null;
  readonly reference_at: number | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly kind: 'engine' | 'external';
  readonly ran_from: RanFrom;
  readonly started_by: StarterKind;
  readonly started_by_delivery: string | null;
  /** The schedule of its flow run. */
  readonly schedule_id: number | null;
  readonly state: JobState;
  readonly profiler: number;
  readonly percent: number;
  readonly rows_written: number | null;
  readonly bytes_written: number | null;
  readonly error_reason: string | null;
  readonly error_message: string | null;
  readonly error_detail: string | null;
  readonly warnings: string | null;
  readonly rejected_rows: number | null;
  readonly rejected_of: number | null;
  readonly facts: string | null;
  readonly log_tail: string | null;
  readonly creator_id: number | null;
  readonly creator_name: string | null;
  readonly creator_email: string | null;
  readonly updater_id: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  /** How many of its files are not in their places. */
  readonly unplaced: number;
}

/** What an end is recorded from, beside what is shown. */
export interface WholeJobRow extends JobRow {
  /** How many webhooks led to it. */
  readonly hop: number;
  readonly columns_written: number | null;
  readonly skip_webhooks: number;
  /** Tasks that were given with its launch. */
  readonly bound_task_count: number;
  /** As JSON. */
  readonly plan: string;
}

const columns = sql.raw(`
  j.id, j.flow_id, f.name as flow_name, j.recipe_id, r.name as recipe_name, j.output_id, j.flow_run_id, j.parameters, j.reference_at, j.name, j.description,
  j.kind, j.ran_from, j.started_by, coalesce(j.started_by_delivery, fr.started_by_delivery) as started_by_delivery,
  fr.schedule_id, j.state, j.profiler, j.percent, j.rows_written, j.bytes_written,
  j.error_reason, j.error_message, j.error_detail, j.warnings, j.rejected_rows, j.rejected_of, j.facts, j.log_tail, j.creator_id, p.name as creator_name,
  p.email as creator_email, j.updater_id, j.created_at, j.updated_at, j.started_at, j.finished_at,
  (select count(*) from job_files u where u.job_id = j.id and u.published_at is null) as unplaced`);
const moreColumns = sql.raw('j.hop, j.columns_written, j.skip_webhooks, j.bound_task_count, j.plan');
const from = sql.raw(`
  from jobs j join flows f on f.id = j.flow_id left join recipes r on r.id = j.recipe_id left join people p on p.id = j.creator_id
  left join flow_runs fr on fr.id = j.flow_run_id`);

export interface JobSelection {
  readonly where: RawBuilder<boolean>;
  readonly orderBy: RawBuilder<unknown>;
  readonly page: RawBuilder<unknown>;
}

export async function readJobs(db: Read, { where, orderBy, page }: JobSelection): Promise<JobRow[]> {
  const { rows } =
    await sql<JobRow>`select ${columns} ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows;
}

export async function readJobsById(db: Read, ids: readonly { readonly id: number }[]): Promise<JobRow[]> {
  if (ids.length === 0) return [];
  const given = tableOf(db, 'given', { id: 'bigint' }, ids);
  const where = sql<boolean>`j.id in (select id from ${given})`;
  return readJobs(db, { where, orderBy: sql`j.id`, page: sql`` });
}

/** In the order of their ids. */
export async function readWholeJobs(
  db: Read,
  ids: readonly { readonly id: number }[],
): Promise<WholeJobRow[]> {
  if (ids.length === 0) return [];
  const given = tableOf(db, 'given', { id: 'bigint' }, ids);
  const { rows } = await sql<WholeJobRow>`
    select ${columns}, ${moreColumns} ${from} where j.id in (select id from ${given}) order by j.id`.execute(
    db,
  );
  return rows;
}

export async function countJobs(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}

export interface LastJobRow {
  readonly id: number;
  readonly flow_id: number;
  readonly state: JobState;
  readonly created_at: number;
  readonly finished_at: number | null;
}

/** The newest job of each of these flows that has one. */
export async function readLastJobs(db: Read, flowIds: readonly number[]): Promise<LastJobRow[]> {
  if (flowIds.length === 0) return [];
  const newest = db
    .selectFrom('jobs')
    .select(({ fn }) => fn.max('id').as('id'))
    .where('flow_id', 'in', [...flowIds])
    .groupBy('flow_id');
  return db
    .selectFrom('jobs')
    .select(['id', 'flow_id', 'state', 'created_at', 'finished_at'])
    .where('id', 'in', newest)
    .execute();
}

/** Jobs that wait and that run, each counted up to `max`; `where` is about the table `j`. */
export async function countOpenJobs(db: Read, where: RawBuilder<boolean>, max: number) {
  const count = async (state: 'queued' | 'running') => {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (
        select 1 from jobs j where j.state = ${sql.lit(state)} and ${where} limit ${sql.lit(max)}) counted`.execute(
      db,
    );
    return rows[0]!.count;
  };
  return { queued: await count('queued'), running: await count('running') };
}

export interface StepRow {
  readonly id: number;
  readonly job_id: number;
  readonly kind: 'wrangle' | 'filewriter' | 'profile';
  readonly state: JobState;
  readonly percent: number;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly error_message: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
}

export async function readSteps(db: Read, jobIds: readonly number[]): Promise<StepRow[]> {
  if (jobIds.length === 0) return [];
  return db
    .selectFrom('job_steps')
    .selectAll()
    .where('job_id', 'in', [...jobIds])
    .orderBy('job_id')
    .orderBy('position')
    .execute();
}
