// Reading jobs: rows as the routes show them.
import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { Read } from '../db/database.ts';
import { tableOf } from '../db/rows.ts';
import type { JobsTable } from '../db/schema-webhook.ts';
import type { JobState } from './job-state.ts';

/** Columns of `jobs` that every reader of a job's row gets, as they are stored. */
const shown = [
  'id',
  'flow_id',
  'recipe_id',
  'output_id',
  'flow_run_id',
  'parameters',
  'reference_at',
  'name',
  'description',
  'kind',
  'ran_from',
  'started_by',
  'state',
  'profiler',
  'percent',
  'rows_written',
  'bytes_written',
  'error_reason',
  'error_message',
  'error_detail',
  'warnings',
  'rejected_rows',
  'rejected_of',
  'facts',
  'log_tail',
  'creator_id',
  'updater_id',
  'created_at',
  'updated_at',
  'started_at',
  'finished_at',
] as const satisfies readonly (keyof JobsTable)[];
/** Those that the record of an end needs, too. */
const recorded = ['hop', 'columns_written', 'skip_webhooks', 'bound_task_count', 'plan'] as const;

/** A job's row with the names of what it belongs to. Times are epoch milliseconds; `parameters`, `warnings`, `facts` are JSON. */
export interface JobRow extends Readonly<Pick<Selectable<JobsTable>, (typeof shown)[number]>> {
  readonly flow_name: string;
  readonly recipe_name: string | null;
  /** The delivery that asked for it, or for its flow run. */
  readonly started_by_delivery: string | null;
  /** The schedule of its flow run. */
  readonly schedule_id: number | null;
  readonly creator_name: string | null;
  readonly creator_email: string | null;
  /** How many of its files are not in their places. */
  readonly unplaced: number;
}

/** What an end is recorded from, beside what is shown: how many webhooks led to it as `hop`; `plan` is JSON. */
export interface WholeJobRow
  extends JobRow, Readonly<Pick<Selectable<JobsTable>, (typeof recorded)[number]>> {}

const ofJob = (names: readonly string[]) => names.map((name) => `j.${name}`).join(', ');
const columns = sql.raw(`
  ${ofJob(shown)}, f.name as flow_name, r.name as recipe_name,
  coalesce(j.started_by_delivery, fr.started_by_delivery) as started_by_delivery, fr.schedule_id,
  p.name as creator_name, p.email as creator_email,
  (select count(*) from job_files u where u.job_id = j.id and u.published_at is null) as unplaced`);
const moreColumns = sql.raw(ofJob(recorded));
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
