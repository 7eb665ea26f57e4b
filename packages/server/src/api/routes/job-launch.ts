// What the jobs routes need to launch a job: handed in by app.ts, which knows the flows.
import type { BodyOf } from '@flowhook/contract/endpoint';
import type { jobGroupEndpoints } from '@flowhook/contract/job-group';
import type { Caller } from '../../people/caller.ts';

export type LaunchRequest = BodyOf<typeof jobGroupEndpoints.create> & {
  readonly caller: Caller;
  /** The original's `x-execution-id`: the second job with one is not started. */
  readonly executionId: string | null;
  /** The public id of the delivery that asks for it: one job of a caller for ever. */
  readonly delivery: string | null;
  readonly hop: number;
};

export interface Launcher {
  /** `existed`: the job was launched before with the same execution or delivery id. */
  launch(request: LaunchRequest): Promise<{ id: number; stepIds: readonly number[]; existed: boolean }>;
}
