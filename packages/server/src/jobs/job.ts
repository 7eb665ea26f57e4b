// Launching and canceling jobs.
import { Problem, invalidField, notFound } from '../base/error.ts';
import type { Database, Tx } from '../db/database.ts';
import { lockFlow } from '../flows/flow-store.ts';
import type { Caller } from '../people/caller.ts';
import { requireFlowRole } from '../people/flow-access.ts';
import { finishJobs, jobsChanged, type FinishContext, type JobEnd } from './finish.ts';
import { insertJob, type NewJob } from './job-store.ts';
import { jobsCanceled, jobsQueued } from './runner.ts';

export interface Launched {
  readonly id: number;
  readonly stepIds: readonly number[];
}

/**
 * Puts a job into the queue, or starts an external one. The caller has been checked; what was deleted since then is
 * refused with `not_found`.
 */
export async function launchJob(tx: Tx, db: Database, job: NewJob): Promise<Launched> {
  await lockLive(tx, job);
  const id = await insertJob(tx, job);
  const steps = await tx
    .selectFrom('job_steps')
    .select('id')
    .where('job_id', '=', id)
    .orderBy('position')
    .execute();
  db.announce(tx, { topic: job.kind === 'engine' ? jobsQueued : jobsChanged, flowId: job.flowId, ids: [id] });
  return { id, stepIds: steps.map((step) => step.id) };
}

/** Under the flow's lock, which its deletion takes as well: no job comes into a flow that is gone. */
async function lockLive(tx: Tx, { flowId, recipeId }: NewJob): Promise<void> {
  if (recipeId === null) return lockFlow(tx, flowId);
  const hidden = notFound('recipe', recipeId);
  await lockFlow(tx, flowId).catch((error: unknown) => {
    throw error instanceof Problem ? hidden : error;
  });
  const live = await tx
    .selectFrom('recipes')
    .select('id')
    .where('id', '=', recipeId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (live === undefined) throw hidden;
}

/** A job with what decides about access to it; throws `not_found` where the caller may not see it. */
export async function requireJob(
  db: Database,
  caller: Caller,
  jobId: number,
  role: 'viewer' | 'editor' | 'owner' = 'viewer',
) {
  const job = await db.read
    .selectFrom('jobs')
    .innerJoin('flows', 'flows.id', 'jobs.flow_id')
    .leftJoin('flow_grants', (join) =>
      join
        .onRef('flow_grants.flow_id', '=', 'jobs.flow_id')
        .on('flow_grants.person_id', '=', caller.personId),
    )
    .selectAll('jobs')
    .select(['flows.owner_id', 'flow_grants.role as grant'])
    .where('jobs.id', '=', jobId)
    .executeTakeFirst();
  if (job === undefined) throw notFound('job', jobId);
  try {
    requireFlowRole(
      caller,
      { flowId: job.flow_id, ownerId: job.owner_id, grant: job.grant },
      role,
      job.flow_id,
    );
  } catch (error) {
    // The job is what was asked for: its flow's number is not the caller's business.
    throw error instanceof Problem && error.code === 'not_found' ? notFound('job', jobId) : error;
  }
  return job;
}

/** Cancels jobs: what waits ends at once, what runs is told to end. Ended ones are left alone. */
export async function cancelJobs(tx: Tx, finish: FinishContext, jobIds: readonly number[]): Promise<void> {
  if (jobIds.length === 0) return;
  const { db } = finish;
  const now = tx.now;
  const marked = await tx
    .updateTable('jobs')
    .set({ cancel_requested: 1, updated_at: now })
    .where('id', 'in', [...jobIds])
    .where('state', 'in', ['queued', 'running'])
    .returning(['id', 'flow_id', 'kind', 'state'])
    .execute();
  const atOnce = marked.filter(({ kind, state }) => kind === 'external' || state === 'queued');
  await finishJobs(tx, finish, atOnce.map(toCanceled));
  for (const { id, flow_id } of marked) db.announce(tx, { topic: jobsCanceled, flowId: flow_id, ids: [id] });
}

function toCanceled({ id, flow_id }: { id: number; flow_id: number }): JobEnd {
  const none = {
    attempt: null,
    rows: null,
    bytes: null,
    columns: null,
    resultFolder: null,
    error: null,
    files: [],
  };
  return { jobId: id, flowId: flow_id, state: 'canceled', ...none };
}

/** Cancels what still runs of a flow that is being deleted. */
export async function cancelJobsOfFlow(tx: Tx, finish: FinishContext, flowId: number): Promise<void> {
  const open = await tx
    .selectFrom('jobs')
    .select('id')
    .where('flow_id', '=', flowId)
    .where('state', 'in', ['queued', 'running'])
    .execute();
  await cancelJobs(
    tx,
    finish,
    open.map(({ id }) => id),
  );
}

/** Refuses a start time that is no sensible one. */
export function checkStartedAt(startedAt: number | null, now: number): void {
  const minuteMs = 60_000;
  if (startedAt !== null && startedAt > now + minuteMs)
    throw invalidField('startedAt', 'lies in the future: give the time at which the run began.');
}
