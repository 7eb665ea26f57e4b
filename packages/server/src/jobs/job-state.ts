// Pure: the states of a job, one complete table of what may follow what.

/** What the `state` column holds. */
export const jobStates = ['queued', 'running', 'complete', 'failed', 'canceled'] as const;
export type JobState = (typeof jobStates)[number];
export type FinalState = Extract<JobState, 'complete' | 'failed' | 'canceled'>;

/** What can happen to a job. `requeue`: its lease ran out and it may be repeated. */
export const jobEvents = ['claim', 'complete', 'fail', 'cancel', 'requeue'] as const;
export type JobEvent = (typeof jobEvents)[number];

/** The whole machine: the next state, or null where the event is refused. */
export const jobTable: Readonly<Record<JobState, Readonly<Record<JobEvent, JobState | null>>>> = {
  queued: { claim: 'running', complete: null, fail: 'failed', cancel: 'canceled', requeue: null },
  running: { claim: null, complete: 'complete', fail: 'failed', cancel: 'canceled', requeue: 'queued' },
  complete: { claim: null, complete: null, fail: null, cancel: null, requeue: null },
  failed: { claim: null, complete: null, fail: null, cancel: null, requeue: null },
  canceled: { claim: null, complete: null, fail: null, cancel: null, requeue: null },
};

/** True when nothing more happens. */
export function isFinal(state: JobState): state is FinalState {
  return state === 'complete' || state === 'failed' || state === 'canceled';
}

/** The states from which an event leads to `next`: the condition of the statement that writes it. */
export function statesBefore(event: JobEvent): JobState[] {
  return jobStates.filter((state) => jobTable[state][event] !== null);
}

/** Reasons of a failed job beyond those of an engine (engine/failure.ts), each with what it means for a person. */
export const failureReasons = {
  repeated: 'The server ended too often while the job ran; it is not tried again.',
  lost: 'The job promised a heartbeat and fell silent.',
  reported: 'The program that ran the job reported a failure.',
  internal: 'Something went wrong in the server; its log has the cause.',
} as const;
export type FailureReason = keyof typeof failureReasons;

/** So many attempts of a job may be cut off before it fails. */
export const mostAttempts = 3;
