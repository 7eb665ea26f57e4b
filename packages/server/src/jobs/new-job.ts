// What a job is launched with.
import type { ranFroms } from '@flowhook/contract/job/job-launch';
import type { starterKinds } from '@flowhook/contract/job/job-list';
import type { JobPlan } from '../flows/job-plan.ts';

export type RanFrom = (typeof ranFroms)[number];
export type StarterKind = (typeof starterKinds)[number];

export interface NewJob {
  readonly flowId: number;
  readonly recipeId: number | null;
  readonly outputId: number | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly kind: 'engine' | 'external';
  readonly ranFrom: RanFrom;
  readonly startedBy: StarterKind;
  readonly startedByDelivery: string | null;
  readonly hop: number;
  readonly executionId: string | null;
  readonly plan: JobPlan | null;
  readonly profiler: boolean;
  readonly warnings: readonly string[];
  readonly creatorId: number;
  readonly flowRunId?: number | null;
  /** True where the flow's own webhook tasks are left out. */
  readonly skipsTasks?: boolean;
  /** Webhook tasks that are given with the launch. */
  readonly boundTaskCount?: number;
  /** External jobs only: seconds of silence after which the job is lost. */
  readonly heartbeatSeconds: number | null;
  /** External jobs only, epoch milliseconds; null for now. */
  readonly startedAt: number | null;
}
