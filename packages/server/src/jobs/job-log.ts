// The one canonical line of a job, whoever ended it, and its numbers.
import { createLineLog, type Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { EndedRow } from './job-facts.ts';

const buckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600];

/** Returns the function that is told of each job that has ended. */
export function createJobLog({ log, metrics }: { log: Log; metrics: Metrics }): (row: EndedRow) => void {
  const labels = ['kind', 'state'] as const;
  const ended = metrics.counter('flowhook_jobs_ended_total', 'Jobs that have ended, by their state.', labels);
  const seconds = metrics.histogram(
    'flowhook_job_duration_seconds',
    'Time from the start of a job to its end.',
    labels,
    buckets,
  );
  const lines = createLineLog(log);
  return (row) => {
    const { kind, state } = row;
    const durationMs = row.started_at === null ? null : row.finished_at - row.started_at;
    ended.inc({ kind, state });
    if (durationMs !== null) seconds.observe({ kind, state }, durationMs / 1000);
    lines.info({ ...describe(row), durationMs }, 'job');
  };
}

/** Ids and counts: messages and facts may hold what was in the data. */
function describe(row: EndedRow) {
  return {
    jobId: row.id,
    flowId: row.flow_id,
    recipeId: row.recipe_id,
    outputId: row.output_id,
    flowRunId: row.flow_run_id,
    personId: row.creator_id,
    kind: row.kind,
    startedBy: row.started_by,
    state: row.state,
    reason: row.error_reason,
    rows: row.rows_written,
    bytes: row.bytes_written,
  };
}
