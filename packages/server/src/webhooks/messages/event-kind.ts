// Pure: what makes an event unique, and which jobs' ends are compared with each other.

/** An occurrence key makes an event unique: whoever records the same thing again fails, or finds it there. */
export const occurrenceKeys = {
  job: (jobId: number) => `job:${jobId}`,
  slow: (jobId: number, taskId: number) => `slow:${jobId}:${taskId}`,
  overdue: (taskId: number, dueAt: number) => `overdue:${taskId}:${dueAt}`,
  flowRun: (flowRunId: number) => `flowRun:${flowRunId}`,
} as const;

/** The same in SQL, of an event `e`, its job `j` and the task `t` that it is about. */
export const occurrenceKeyText: Readonly<Record<keyof typeof occurrenceKeys, string>> = {
  job: `'job:' || j.id`,
  slow: `'slow:' || j.id || ':' || t.id`,
  overdue: `'overdue:' || t.id || ':' || e.created_at`,
  flowRun: `'flowRun:' || e.flow_run_id`,
};

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
