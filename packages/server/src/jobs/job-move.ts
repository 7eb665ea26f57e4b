// The one door for a job's state: every statement that writes it, each by what the state table says of its event.
import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { Tx } from '../db/database.ts';
import { readNow } from '../db/dialect.ts';
import { insertMany, tableOf, type CellsOf } from '../db/rows.ts';
import type { JobsTable } from '../db/schema-webhook.ts';
import { isInText, nextStateText, statesBefore } from '../db/state-table.ts';
import { isCrashOf } from '../db/node-end.ts';
import type { Handle } from '../engine/engine.ts';
import type { JobPlan } from '../flows/job-plan.ts';
import {
  birthStandings,
  finalStates,
  jobTable,
  readStanding,
  standingText,
  stateOf,
  type JobEvent,
  type JobStanding,
  type JobState,
} from './job-state.ts';
import type { NewJob } from './new-job.ts';

const jobColumns = {
  flow_id: 'bigint',
  recipe_id: 'bigint',
  output_id: 'bigint',
  name: 'text',
  description: 'text',
  kind: 'text',
  ran_from: 'text',
  started_by: 'text',
  started_by_delivery: 'text',
  hop: 'bigint',
  execution_id: 'text',
  state: 'text',
  plan: 'text',
  profiler: 'bigint',
  warnings: 'text',
  heartbeat_seconds: 'bigint',
  heartbeat_due_at: 'bigint',
  flow_run_id: 'bigint',
  skip_webhooks: 'bigint',
  bound_task_count: 'bigint',
  parameters: 'text',
  reference_at: 'bigint',
  creator_id: 'bigint',
  updater_id: 'bigint',
  created_at: 'bigint',
  updated_at: 'bigint',
  started_at: 'bigint',
} as const;

/** Puts jobs into the queue; external ones begin as running. Returns their ids, in the order of `jobs`. */
export async function queueJobs(tx: Tx, jobs: readonly NewJob[]): Promise<number[]> {
  if (jobs.length === 0) return [];
  const now = await readNow(tx);
  const made = await insertMany<typeof jobColumns, { id: number }>(tx, {
    table: 'jobs',
    columns: jobColumns,
    rows: jobs.map((job) => toRow(job, now)),
    returning: ['id'],
  });
  // Both databases insert the rows of a select one after the other.
  return made.map(({ id }) => id).sort((a, b) => a - b);
}

function toRow(job: NewJob, now: number) {
  const { kind, plan, heartbeatSeconds } = job;
  return {
    flow_id: job.flowId,
    recipe_id: job.recipeId,
    output_id: job.outputId,
    name: job.name,
    description: job.description,
    kind,
    ran_from: job.ranFrom,
    started_by: job.startedBy,
    started_by_delivery: job.startedByDelivery,
    hop: job.hop,
    execution_id: job.executionId,
    state: stateOf(birthStandings[kind]),
    plan: JSON.stringify(plan),
    profiler: job.profiler ? 1 : 0,
    warnings: job.warnings.length === 0 ? null : JSON.stringify(job.warnings),
    heartbeat_seconds: heartbeatSeconds,
    heartbeat_due_at: heartbeatSeconds === null ? null : now + heartbeatSeconds * 1000,
    flow_run_id: job.flowRunId ?? null,
    skip_webhooks: job.skipsTasks === true ? 1 : 0,
    bound_task_count: job.boundTaskCount ?? 0,
    parameters: plan === null ? null : JSON.stringify(plan.parameters),
    reference_at: plan?.referenceAt ?? null,
    creator_id: job.creatorId,
    updater_id: job.creatorId,
    created_at: now,
    updated_at: now,
    started_at: kind === 'external' ? (job.startedAt ?? now) : null,
  };
}

/** A job that this node has claimed. */
export interface ClaimedJob {
  readonly id: number;
  readonly flowId: number;
  readonly recipeId: number | null;
  readonly attempt: number;
  /** How many of its attempts an end of their process cut off. */
  readonly crashes: number;
  /** True where somebody wants it to end. */
  readonly stopping: boolean;
  readonly plan: JobPlan;
  /** A run of an earlier attempt that may still go on elsewhere. */
  readonly handle: Handle | null;
  /** The folder of the attempt that `handle` writes to. */
  readonly folder: string | null;
}

const claimed = [
  'id',
  'flow_id',
  'recipe_id',
  'attempt_count',
  'crash_count',
  'cancel_requested',
  'plan',
  'engine_handle',
  'result_folder',
] as const satisfies readonly (keyof JobsTable)[];
type ClaimRow = Pick<Selectable<JobsTable>, (typeof claimed)[number]>;

/** Milliseconds that a live node has to renew a lease that ran out while the database was away. */
const graceMs = 10_000;

/** Conditions, each with an index, for jobs that are due without a lease. A standing without one is due when its lease runs out. */
const dueTexts: Partial<Record<JobStanding, string>> = { queued: "state = 'queued'" };

/** Returns the condition, as SQL, that a row of `jobs` may be claimed. */
function isDue({ now }: Tx): RawBuilder<unknown> {
  const texts = new Set(statesBefore(jobTable, 'claim').map((standing) => dueTexts[standing]));
  const due = [...texts].map((text) => (text === undefined ? isLapsed(now) : sql.raw(text)));
  return sql`(${sql.join(due, sql` or `)})`;
}

/** Returns the condition, as SQL, that the lease of a row of `jobs` ran out `graceMs` ago or earlier. */
export const isLapsed = (now: Tx['now']) => sql<boolean>`lease_until <= ${now} - ${sql.lit(graceMs)}`;

/**
 * Takes the jobs of `ids` that are due and whose rows no other transaction has locked. Returns them; `leaseMs` is how long
 * they are held. A run that was cut off otherwise than by a planned stop of its node is counted: it may be what ends the process.
 */
export async function takeJobs(
  tx: Tx,
  { nodeId, leaseMs }: { readonly nodeId: number; readonly leaseMs: number },
  ids: readonly number[],
): Promise<ClaimedJob[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<ClaimRow>`
    update jobs set state = ${sql.raw(nextText('claim'))}, attempt_count = attempt_count + 1,
      crash_count = crash_count + ${isCrashOf('jobs.lease_node')},
      lease_node = ${nodeId}, lease_until = ${tx.now} + ${sql.lit(leaseMs)},
      started_at = coalesce(started_at, ${tx.now}), updated_at = ${tx.now}
    where id in (select id from jobs where id in (${sql.join([...ids])}) and ${isDue(tx)}
      order by id ${tx.forUpdate} ${tx.skipLocked})
    returning ${sql.raw(claimed.join(', '))}`.execute(tx);
  return rows.map(toClaimed);
}

function toClaimed(row: ClaimRow): ClaimedJob {
  return {
    id: row.id,
    flowId: row.flow_id,
    recipeId: row.recipe_id,
    attempt: row.attempt_count,
    crashes: row.crash_count,
    stopping: row.cancel_requested === 1,
    plan: JSON.parse(row.plan) as JobPlan,
    handle: row.engine_handle === null ? null : (JSON.parse(row.engine_handle) as Handle),
    folder: row.result_folder,
  };
}

/** Puts a job back into the queue. Returns false, and changes nothing, where its lease is lost or a cancel was asked for. */
export async function requeueJob(
  tx: Tx,
  job: Pick<ClaimedJob, 'id' | 'attempt'>,
  { nodeId, planned }: { readonly nodeId: number; readonly planned: boolean },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update jobs set state = ${sql.raw(nextText('requeue', ['queued']))}, lease_node = null, lease_until = null,
      engine_handle = null, result_folder = null, crash_count = crash_count + ${planned ? 0 : 1}, updated_at = ${tx.now}
    where id = ${job.id} and ${sql.raw(isBefore('requeue', ['queued']))} and lease_node = ${nodeId}
      and attempt_count = ${job.attempt}`.execute(tx);
  return numAffectedRows === 1n;
}

export interface MarkedJob {
  readonly id: number;
  readonly flowId: number;
  /** What it was before. */
  readonly standing: JobStanding;
}

/** Marks jobs as to be canceled. Returns those that were marked here; jobs that have ended, or have the mark, are left alone. */
export async function markStopping(tx: Tx, jobIds: readonly number[]): Promise<MarkedJob[]> {
  interface Row {
    id: number;
    flow_id: number;
    kind: 'engine' | 'external';
    state: JobState;
  }
  const { rows } = await sql<Row>`
    update jobs set cancel_requested = 1, updated_at = ${tx.now}
    where id in (${sql.join([...jobIds])}) and ${sql.raw(isBefore('cancel'))}
    returning id, flow_id, kind, state`.execute(tx);
  return rows.map((row) => ({
    id: row.id,
    flowId: row.flow_id,
    standing: readStanding({ ...row, cancel_requested: 0 }),
  }));
}

const endColumns = {
  id: 'bigint',
  attempt: 'bigint',
  rows: 'bigint',
  bytes: 'bigint',
  columns: 'bigint',
  folder: 'text',
  reason: 'text',
  message: 'text',
  detail: 'text',
  facts: 'text',
  log_tail: 'text',
  warnings: 'text',
  rejected_rows: 'bigint',
  rejected_of: 'bigint',
  output_columns: 'text',
} as const;

/**
 * What the end of a job writes beside its state; facts, warnings and columns as JSON. `attempt` is the one whose lease
 * gives the right; null for what no lease holds.
 */
export interface EndWrite extends Omit<CellsOf<typeof endColumns>, 'id'> {
  readonly id: number;
  readonly event: JobEvent;
}

/** Ends each job whose event leads to an end and whose lease is still ours. Returns the ids of those that were ended. */
export async function endJobs(tx: Tx, nodeId: number, ends: readonly EndWrite[]): Promise<{ id: number }[]> {
  const ended: { id: number }[] = [];
  for (const [event, together] of Map.groupBy(ends, (end) => end.event))
    ended.push(...(await endByOneEvent(tx, nodeId, event, together)));
  return ended;
}

async function endByOneEvent(
  tx: Tx,
  nodeId: number,
  event: JobEvent,
  ends: readonly EndWrite[],
): Promise<{ id: number }[]> {
  const given = tableOf(tx, 'given', endColumns, ends);
  const { rows } = await sql<{ id: number }>`
    update jobs set state = ${sql.raw(nextText(event, finalStates))}, finished_at = ${tx.now}, updated_at = ${tx.now},
      lease_node = null, lease_until = null, heartbeat_due_at = null,
      ${event === 'complete' ? sql`percent = 100,` : sql``}
      rows_written = given.rows, bytes_written = given.bytes, columns_written = given.columns, result_folder = given.folder,
      error_reason = given.reason, error_message = given.message, error_detail = given.detail,
      facts = coalesce(given.facts, jobs.facts), log_tail = coalesce(given.log_tail, jobs.log_tail),
      rejected_rows = given.rejected_rows, rejected_of = given.rejected_of, output_columns = given.output_columns,
      warnings = case when jobs.warnings is null or given.warnings is null then coalesce(given.warnings, jobs.warnings)
        else substr(jobs.warnings, 1, length(jobs.warnings) - 1) || ',' || substr(given.warnings, 2) end
    from ${given}
    where jobs.id = given.id and ${sql.raw(isBefore(event, finalStates))} and (
      (given.attempt is null and jobs.lease_node is null)
      or (jobs.attempt_count = given.attempt and jobs.lease_node = ${nodeId}))
    returning jobs.id`.execute(tx);
  return rows;
}

/** Returns the `state` column that an event leads to, as SQL; null in a row where it is refused or leads to none of `next`. */
function nextText(event: JobEvent, next?: readonly JobStanding[]): string {
  return nextStateText(jobTable, { state: standingText, event, ...(next && { next }), columnOf: stateOf });
}

/** Returns the condition, as SQL, that the event moves a row of `jobs`, to one of `next` where that is given. */
function isBefore(event: JobEvent, next?: readonly JobStanding[]): string {
  return isInText(standingText, statesBefore(jobTable, event, next));
}
