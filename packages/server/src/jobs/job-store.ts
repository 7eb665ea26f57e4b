// The rows of jobs that this server runs, but for their state: kept alive, their progress.
import { sql } from 'kysely';
import type { Tx } from '../db/database.ts';
import type { Handle, Step } from '../engine/engine.ts';
import type { ClaimedJob } from './job-move.ts';

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
  const { now } = tx;
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
