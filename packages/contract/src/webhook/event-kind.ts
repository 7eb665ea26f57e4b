// The kinds of events that are recorded, and what each is about. The kind is what X-Webhook-Event says.

/** What an event is about: the end of a job, a job that still runs, an output that was not refreshed, the end of a flow run. */
export type EventSubject = 'jobEnd' | 'runningJob' | 'deadline' | 'flowRunEnd';
export type EventResult = 'success' | 'failure' | 'canceled';

interface KindDefinition {
  readonly subject: EventSubject;
  /** Null where nothing has ended. */
  readonly result: EventResult | null;
  /** What its occurrence key is made of: the key makes it unique. */
  readonly key: 'job' | 'slow' | 'overdue' | 'flowRun';
  /** Why a task fired for it, where no condition says it with its numbers. */
  readonly fired: string;
}

export const recordedKinds = {
  'job.success': {
    subject: 'jobEnd',
    result: 'success',
    key: 'job',
    fired: 'The job succeeded: that is what the task waits for.',
  },
  'job.failure': {
    subject: 'jobEnd',
    result: 'failure',
    key: 'job',
    fired: 'The job failed: that is what the task waits for.',
  },
  'job.canceled': { subject: 'jobEnd', result: 'canceled', key: 'job', fired: 'The job was canceled.' },
  'job.slow': {
    subject: 'runningJob',
    result: null,
    key: 'slow',
    fired: 'The job runs longer than the task allows.',
  },
  'output.overdue': {
    subject: 'deadline',
    result: null,
    key: 'overdue',
    fired: 'The output was not refreshed by its time.',
  },
  'flowRun.success': {
    subject: 'flowRunEnd',
    result: 'success',
    key: 'flowRun',
    fired: 'All outputs of the flow run succeeded: that is what the task waits for.',
  },
  'flowRun.failure': {
    subject: 'flowRunEnd',
    result: 'failure',
    key: 'flowRun',
    fired: 'The flow run ended, and not all of its outputs succeeded: that is what the task waits for.',
  },
  'flowRun.canceled': {
    subject: 'flowRunEnd',
    result: 'canceled',
    key: 'flowRun',
    fired: 'The flow run was canceled.',
  },
} as const satisfies Record<string, KindDefinition>;

export type RecordedKind = keyof typeof recordedKinds;
export const recordedKindNames = Object.keys(recordedKinds) as RecordedKind[];

/** `test` is an event of its own that only the test of a task makes; nothing is recorded of it. */
export type EventKind = RecordedKind | 'test';
