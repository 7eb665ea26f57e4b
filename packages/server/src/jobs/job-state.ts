// Pure: the states of a job, one complete table of what may follow what.
import type { StateTable } from '../db/state-table.ts';

/** What the `state` column holds. */
export const jobStates = ['queued', 'running', 'complete', 'failed', 'canceled'] as const;
export type JobState = (typeof jobStates)[number];
export const finalStates = ['complete', 'failed', 'canceled'] as const satisfies readonly JobState[];
export type FinalState = (typeof finalStates)[number];

/**
 * The state together with what changes what may follow it: `stopping` is running with the mark of a cancel, `reported` runs
 * elsewhere, without a lease, and is reported by somebody else.
 */
export const jobStandings = [
  'queued',
  'running',
  'stopping',
  'reported',
  'complete',
  'failed',
  'canceled',
] as const;
export type JobStanding = (typeof jobStandings)[number];

/**
 * What can happen to a job. `claim`: a runner takes it from the queue, or because its lease ran out; `complete`, `fail` and
 * `stop` are the ends of a run; `cancel`: somebody wants it to end; `requeue`: its run was cut off and is begun again.
 */
export const jobEvents = ['claim', 'complete', 'fail', 'stop', 'cancel', 'requeue'] as const;
export type JobEvent = (typeof jobEvents)[number];

const ended = { claim: null, complete: null, fail: null, stop: null, cancel: null, requeue: null } as const;

/** The whole machine: the next standing, or null where the event is refused. Nothing else decides what a job becomes. */
export const jobTable: StateTable<JobStanding, JobEvent> = {
  queued: { ...ended, claim: 'running', cancel: 'canceled' },
  running: {
    claim: 'running',
    complete: 'complete',
    fail: 'failed',
    stop: 'canceled',
    cancel: 'stopping',
    requeue: 'queued',
  },
  // The mark ends what would go on; what the run came to by itself stays true.
  stopping: {
    claim: 'stopping',
    complete: 'complete',
    fail: 'failed',
    stop: 'canceled',
    cancel: null,
    requeue: 'canceled',
  },
  reported: { ...ended, complete: 'complete', fail: 'failed', cancel: 'canceled' },
  complete: ended,
  failed: ended,
  canceled: ended,
};

/** Where a job begins: in the queue, or running elsewhere. */
export const birthStandings = { engine: 'queued', external: 'reported' } as const satisfies Record<
  string,
  JobStanding
>;

/** The `state` column of a standing. */
export function stateOf(standing: JobStanding): JobState {
  return standing === 'stopping' || standing === 'reported' ? 'running' : standing;
}

/** The standing that the columns of a row amount to. */
export function readStanding(row: {
  readonly state: JobState;
  readonly kind: 'engine' | 'external';
  readonly cancel_requested: number;
}): JobStanding {
  if (row.state !== 'running') return row.state;
  if (row.kind === 'external') return 'reported';
  return row.cancel_requested === 1 ? 'stopping' : 'running';
}

/** The same as SQL, of the table `jobs`. */
export const standingText = `case when jobs.state <> 'running' then jobs.state when jobs.kind = 'external' then 'reported'
  when jobs.cancel_requested = 1 then 'stopping' else 'running' end`;

/** True when nothing more happens. */
export function isFinal(standing: JobStanding): standing is FinalState {
  return standing === 'complete' || standing === 'failed' || standing === 'canceled';
}

/** Reasons of a failed job beyond those of an engine (engine/failure.ts), each with what it means for a person. */
export const failureReasons = {
  repeated: 'The server ended too often while the job ran; it is not tried again.',
  lost: 'The job promised a heartbeat and fell silent.',
  reported: 'The program that ran the job reported a failure.',
  place_taken: 'Nothing was put there.',
  internal: 'Something went wrong in the server; its log has the cause.',
} as const;
