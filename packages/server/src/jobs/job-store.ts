// The rows of jobs that this server runs: launched, claimed under a lease, kept alive, given back.
import { sql } from 'kysely';
import type { Database, Read, Tx } from '../db/database.ts';
import { insertMany } from '../db/rows.ts';
import type { Handle, Step } from '../engine/engine.ts';
import type { JobPlan } from '../flows/job-plan.ts';

export interface NewJob {
  readonly flowId: number;
  readonly recipeId: number | null;
  readonly outputId: number | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly kind: 'engine' | 'external';
  readonly ranFrom: 'ui' | 'api' | 'schedule';
  readonly startedBy: 'person' | 'schedule' | 'webhook' | 'external';
  readonly startedByDelivery: string | null;
  readonly hop: number;
  readonly executionId: string | null;
  readonly plan: JobPlan | null;
  readonly profiler: boolean;
  readonly warnings: readonly string[];
  readonly creatorId: number;
  readonly flowRunId?: number;
  /** True where the flow's own webhook tasks are left out. */
  readonly skipsTasks?: boolean;
  /** Webhook tasks that are given with the launch. */
  readonly boundTaskCount?: number;
  /** External jobs only: seconds of silence after which the job is lost. */
  readonly heartbeatSeconds: number | null;
  /** External jobs only, epoch milliseconds; null for now. */
  readonly startedAt: number | null;
}

/** A job that this node has claimed. */
export interface ClaimedJob {
  readonly id: number;
  readonly flowId: number;
  readonly attempt: number;
  readonly plan: JobPlan;
  /** A run of an earlier attempt that may still go on elsewhere. */
  readonly handle: Handle | null;
  /** The folder of the attempt that `handle` writes to. */
  readonly folder: string | null;
}

/** Inserts a job with its steps; an external one runs at once. */
export async function insertJob(tx: Tx, job: NewJob): Promise<number> {
  const now = tx.now;
  const external = job.kind === 'external';
  const heartbeat =
    job.heartbeatSeconds === null ? null : sql<number>`${now} + ${sql.lit(job.heartbeatSeconds * 1000)}`;
  const { id } = await tx
    .insertInto('jobs')
    .values({
      flow_id: job.flowId,
      recipe_id: job.recipeId,
      output_id: job.outputId,
      name: job.name,
      description: job.description,
      kind: job.kind,
      ran_from: job.ranFrom,
      started_by: job.startedBy,
      started_by_delivery: job.startedByDelivery,
      hop: job.hop,
      execution_id: job.executionId,
      state: external ? 'running' : 'queued',
      plan: JSON.stringify(job.plan),
      profiler: job.profiler ? 1 : 0,
      warnings: job.warnings.length === 0 ? null : JSON.stringify(job.warnings),
      heartbeat_seconds: job.heartbeatSeconds,
      heartbeat_due_at: heartbeat,
      flow_run_id: job.flowRunId ?? null,
      skip_webhooks: job.skipsTasks ? 1 : 0,
      bound_task_count: job.boundTaskCount ?? 0,
      parameters: job.plan === null ? null : JSON.stringify(job.plan.parameters),
      reference_at: job.plan?.referenceAt ?? null,
      creator_id: job.creatorId,
      updater_id: job.creatorId,
      created_at: now,
      updated_at: now,
      started_at: external ? (job.startedAt ?? now) : null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (!external) await insertStepsOf(tx, [{ id, profiler: job.profiler }]);
  return id;
}

const stepColumns = {
  job_id: 'bigint',
  position: 'bigint',
  kind: 'text',
  state: 'text',
  created_at: 'bigint',
  updated_at: 'bigint',
} as const;

/** The steps of jobs that are queued. */
export async function insertStepsOf(
  tx: Tx,
  jobs: readonly { readonly id: number; readonly profiler: boolean }[],
): Promise<void> {
  const at = Date.now();
  const rows = jobs.flatMap(({ id, profiler }) => {
    const kinds: Step[] = profiler ? ['wrangle', 'filewriter', 'profile'] : ['wrangle', 'filewriter'];
    return kinds.map((kind, position) => ({
      job_id: id,
      position,
      kind,
      state: 'queued',
      created_at: at,
      updated_at: at,
    }));
  });
  await insertMany(tx, { table: 'job_steps', columns: stepColumns, rows });
}

interface ClaimRow {
  id: number;
  flow_id: number;
  attempt_count: number;
  plan: string;
  engine_handle: string | null;
  result_folder: string | null;
}

/** Claims queued jobs and those whose lease has run out, oldest first. */
export async function claimJobs(
  tx: Tx,
  { nodeId, most, leaseMs }: { nodeId: number; most: number; leaseMs: number },
): Promise<ClaimedJob[]> {
  const now = tx.now;
  const { rows } = await sql<ClaimRow>`
    update jobs set state = 'running', attempt_count = attempt_count + 1, lease_node = ${nodeId},
      lease_until = ${now} + ${sql.lit(leaseMs)}, started_at = coalesce(started_at, ${now}), updated_at = ${now}
    where id in (select id from jobs where state = 'queued' or lease_until <= ${now} order by id limit ${most} ${tx.forUpdate} ${tx.skipLocked})
    returning id, flow_id, attempt_count, plan, engine_handle, result_folder`.execute(tx);
  return rows.map((row) => ({
    id: row.id,
    flowId: row.flow_id,
    attempt: row.attempt_count,
    plan: JSON.parse(row.plan) as JobPlan,
    handle: row.engine_handle === null ? null : (JSON.parse(row.engine_handle) as Handle),
    folder: row.result_folder,
  }));
}

/** Renews the leases of running jobs; gives those that are still ours, and whether they are to be canceled. */
export async function renewLeases(
  tx: Tx,
  nodeId: number,
  ids: readonly number[],
  leaseMs: number,
): Promise<Map<number, { cancel: boolean }>> {
  if (ids.length === 0) return new Map();
  const now = tx.now;
  const { rows } = await sql<{ id: number; cancel_requested: number }>`
    update jobs set lease_until = ${now} + ${sql.lit(leaseMs)}
    where id in (${sql.join(ids)}) and lease_node = ${nodeId} returning id, cancel_requested`.execute(tx);
  return new Map(rows.map(({ id, cancel_requested }) => [id, { cancel: cancel_requested === 1 }]));
}

/** Keeps where the run goes on, before its work begins. False where the lease is lost. */
export async function storeHandle(
  tx: Tx,
  job: ClaimedJob,
  nodeId: number,
  handle: Handle,
  folder: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set({ engine_handle: JSON.stringify(handle), result_folder: folder })
    .where('id', '=', job.id)
    .where('lease_node', '=', nodeId)
    .where('attempt_count', '=', job.attempt)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Puts a job back into the queue, where its lease is still ours. */
export async function requeueJob(tx: Tx, job: ClaimedJob, nodeId: number): Promise<void> {
  const now = tx.now;
  await tx
    .updateTable('jobs')
    .set({
      state: 'queued',
      lease_node: null,
      lease_until: null,
      engine_handle: null,
      result_folder: null,
      updated_at: now,
    })
    .where('id', '=', job.id)
    .where('state', '=', 'running')
    .where('lease_node', '=', nodeId)
    .where('attempt_count', '=', job.attempt)
    .execute();
}

/** The leases of nodes that are known to be gone end now. */
export async function endGoneJobLeases(db: Database): Promise<void> {
  const owners = await db.read
    .selectFrom('jobs')
    .select('lease_node')
    .distinct()
    .where('lease_node', 'is not', null)
    .execute();
  const gone = await db.findGoneNodes(owners.map(({ lease_node }) => lease_node!));
  if (gone.length === 0) return;
  const now = db.read.now;
  await db.transaction((tx) =>
    tx.updateTable('jobs').set({ lease_until: now }).where('lease_node', 'in', gone).execute(),
  );
}

export interface StepProgress {
  readonly step: Step;
  readonly state: 'running' | 'complete';
  readonly percent: number;
  readonly rows: number | null;
}

/** Writes how far a step is, and the percentage of the whole job. */
export async function writeProgress(
  tx: Tx,
  jobId: number,
  progress: StepProgress,
  percent: number,
): Promise<void> {
  const now = tx.now;
  const { step, state, rows } = progress;
  await tx
    .updateTable('job_steps')
    .set({
      state,
      percent: progress.percent,
      rows,
      updated_at: now,
      started_at: sql<number>`coalesce(started_at, ${now})`,
    })
    .where('job_id', '=', jobId)
    .where('kind', '=', step)
    .where('state', 'in', ['queued', 'running'])
    .execute();
  await tx
    .updateTable('jobs')
    .set({ percent, updated_at: now })
    .where('id', '=', jobId)
    .where('state', '=', 'running')
    .execute();
}

/** Which results of jobs that have ended are not in their places yet. */
export async function readUnpublished(db: Read) {
  return db
    .selectFrom('job_files')
    .innerJoin('jobs', 'jobs.id', 'job_files.job_id')
    .select([
      'job_files.id',
      'job_files.job_id',
      'job_files.source_path',
      'job_files.path',
      'job_files.action',
      'jobs.result_folder',
    ])
    .where('job_files.published_at', 'is', null)
    .orderBy('job_files.id')
    .execute();
}
