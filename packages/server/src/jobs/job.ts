// Jobs as people ask for them: found by who may see them, and canceled.
import { Problem, invalidField, notFound } from '../base/error.ts';
import type { Database, Tx } from '../db/database.ts';
import type { Caller } from '../people/caller.ts';
import { requireFlowRole } from '../people/flow-access.ts';
import { findSetAside } from './end-note.ts';
import { finishJobs, lockFlows, nothingWritten, type FinishContext, type JobEnd } from './finish.ts';
import { markStopping, type MarkedJob } from './job-move.ts';
import { isFinal, jobTable } from './job-state.ts';
import { jobsCanceled } from './runner.ts';

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

/** Cancels jobs: what waits, or is run elsewhere, ends at once; what runs here is told to end. Ended ones are left alone. */
export async function cancelJobs(tx: Tx, finish: FinishContext, jobIds: readonly number[]): Promise<void> {
  if (jobIds.length === 0) return;
  const { db } = finish;
  const flows = await tx
    .selectFrom('jobs')
    .select('flow_id')
    .where('id', 'in', [...jobIds])
    .execute();
  // The flows' rows first, as every end takes them.
  const revisions = await lockFlows(
    tx,
    flows.map(({ flow_id }) => flow_id),
  );
  const marked = await markStopping(tx, jobIds);
  const atOnce = marked.filter(({ standing }) => isFinal(jobTable[standing].cancel!));
  const ids = atOnce.map(({ id }) => id);
  finish.notes?.note(tx, ids);
  const setAside = await findSetAside(tx, ids);
  const ends = atOnce.map((job) => ({ ...toCanceled(job), setAside: setAside.has(job.id) }));
  await finishJobs(tx, finish, ends, revisions);
  for (const { id, flowId } of marked) db.announce(tx, { topic: jobsCanceled, flowId, ids: [id] });
}

function toCanceled({ id, flowId }: MarkedJob): JobEnd {
  return { ...nothingWritten, jobId: id, flowId, event: 'cancel' };
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
