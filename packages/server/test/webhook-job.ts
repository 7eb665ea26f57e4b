// Ends an external job of a small world, as the one who reports it does.
import type { Caller } from '../src/people/caller.ts';
import { createExternalJobs } from '../src/jobs/external/external-job.ts';
import type { World } from './webhook-world.ts';

export function callerOf({ personId }: Pick<World, 'personId'>): Caller {
  return { personId, email: '', name: '', role: 'author', via: 'token', readOnly: false, flowIds: null };
}

/** Makes a job and reports its end; gives its id. */
export async function endJob(
  world: World,
  state: 'complete' | 'failed' | 'canceled' = 'complete',
): Promise<number> {
  const jobId = await world.addExternalJob();
  const end = { state, percent: null, facts: null, errorMessage: null, logTail: null };
  await createExternalJobs(world.db, world.finish).report({ caller: callerOf(world), jobId, ...end });
  return jobId;
}
