// Pure: the state of a flow run, which follows from the states of its jobs.
import { isFinal, type FinalState, type JobState } from '../job-state.ts';

export const flowRunStates = ['running', 'complete', 'failed', 'canceled'] as const;
export type FlowRunState = (typeof flowRunStates)[number];

/** Running while a job is open; then one failure makes it failed, else one cancel makes it canceled. */
export function judgeFlowRun(jobs: readonly JobState[]): FlowRunState {
  if (!jobs.every(isFinal)) return 'running';
  const worst: readonly FinalState[] = ['failed', 'canceled'];
  return worst.find((state) => jobs.includes(state)) ?? 'complete';
}
