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

/** The closed list of reasons for which a job fails, each with what it means for a person. */
export const failureReasons = {
  sql: 'A recipe has an error in its SQL.',
  bad_value: 'A value in an input file does not fit its column type.',
  input: 'An input is missing, has changed or cannot be read.',
  memory: 'The job needed more memory than its limit.',
  temp_space: 'The job needed more temporary space than its limit.',
  time: 'The job ran longer than its limit.',
  disk: 'The result could not be written.',
  crashed: 'The process that ran the job ended unexpectedly.',
  repeated: 'The job was cut off too often by the end of its server.',
  lost: 'The job promised a heartbeat and fell silent.',
  reported: 'The program that ran the job reported a failure.',
  internal: 'Something went wrong in the server.',
} as const;
export type FailureReason = keyof typeof failureReasons;
