// Pure: the states of a flow run, which follow from those of its jobs.
import type { StateTable } from '../../db/state-table.ts';
import { isFinal, type JobState } from '../job-state.ts';

export const flowRunStates = ['running', 'complete', 'failed', 'canceled'] as const;
export type FlowRunState = (typeof flowRunStates)[number];

/** What can happen to a flow run: its last job ends, and that is what all of them come to. */
export const flowRunEvents = ['complete', 'fail', 'cancel'] as const;
export type FlowRunEvent = (typeof flowRunEvents)[number];

export const birthState = 'running' satisfies FlowRunState;

const ended = { complete: null, fail: null, cancel: null } as const;

/** The whole machine: the next state, or null where the event is refused. */
export const flowRunTable: StateTable<FlowRunState, FlowRunEvent> = {
  running: { complete: 'complete', fail: 'failed', cancel: 'canceled' },
  complete: ended,
  failed: ended,
  canceled: ended,
};

/** What its jobs amount to: nothing yet while one is open; then one failure is worst, a cancel next. */
export function judgeFlowRun(jobs: readonly JobState[]): FlowRunEvent | null {
  if (!jobs.every(isFinal)) return null;
  if (jobs.includes('failed')) return 'fail';
  return jobs.includes('canceled') ? 'cancel' : 'complete';
}
