// Pure: the kinds of events, and what each is about. The kind is what X-Webhook-Event says.

/** What an event is about: the end of a job, a job that still runs, an output that was not refreshed, the end of a flow run. */
export type EventSubject = 'jobEnd' | 'runningJob' | 'deadline' | 'flowRunEnd';
export type EventResult = 'success' | 'failure' | 'canceled';

/** Every kind that is recorded. `result` is null where nothing has ended. */
export const RECORDED_KINDS = {
  'job.success': { subject: 'jobEnd', result: 'success' },
  'job.failure': { subject: 'jobEnd', result: 'failure' },
  'job.canceled': { subject: 'jobEnd', result: 'canceled' },
  'job.slow': { subject: 'runningJob', result: null },
  'output.overdue': { subject: 'deadline', result: null },
  'flowRun.success': { subject: 'flowRunEnd', result: 'success' },
  'flowRun.failure': { subject: 'flowRunEnd', result: 'failure' },
  'flowRun.canceled': { subject: 'flowRunEnd', result: 'canceled' },
} as const satisfies Record<string, { subject: EventSubject; result: EventResult | null }>;
export type RecordedKind = keyof typeof RECORDED_KINDS;

/** `test` is an event of its own that only the test of a task makes; nothing is recorded of it. */
export type EventKind = RecordedKind | 'test';
export const EVENT_KINDS: readonly EventKind[] = [...(Object.keys(RECORDED_KINDS) as RecordedKind[]), 'test'];

/** An occurrence key makes an event unique: whoever records the same thing again fails, or finds it there. */
export const occurrenceKeys = {
  job: (jobId: number) => `job:${jobId}`,
  slow: (jobId: number, taskId: number) => `slow:${jobId}:${taskId}`,
  overdue: (taskId: number, dueAt: number) => `overdue:${taskId}:${dueAt}`,
  flowRun: (flowRunId: number) => `flowRun:${flowRunId}`,
} as const;

/**
 * Jobs whose ends are compared with each other have the same key: those of one output, else external ones of one
 * recipe, else those that name only their flow.
 */
export function seriesOf(job: {
  readonly outputId: number | null;
  readonly recipeId: number | null;
  readonly flowId: number;
}): string {
  if (job.outputId !== null) return `output:${job.outputId}`;
  return job.recipeId === null ? `flow:${job.flowId}` : `recipe:${job.recipeId}`;
}
