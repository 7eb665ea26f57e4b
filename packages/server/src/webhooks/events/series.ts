// Pure: how a series of jobs goes on with the end of one more.
import type { RecordedKind } from '@flowhook/contract/webhook/event-kind';
import type { HistoryFacts } from '../messages/fact.ts';

/** A job that ended, as the next one of its series sees it. `finishedAt` is ISO 8601. */
export interface SeriesJob {
  readonly id: number;
  readonly finishedAt: string;
  readonly rows: number | null;
  readonly columns: number | null;
}

export const noHistory: HistoryFacts = { previous: null, failuresInRow: 0 };

/** What is frozen with the end of a job: a failure counts itself, a success tells of those before it. */
export function historyOf(before: HistoryFacts, kind: RecordedKind): HistoryFacts {
  return kind === 'job.failure' ? { ...before, failuresInRow: before.failuresInRow + 1 } : before;
}

/** Where the series stands after it; a canceled job leaves no trace. */
export function continueSeries(before: HistoryFacts, kind: RecordedKind, job: SeriesJob): HistoryFacts {
  if (kind === 'job.failure') return { ...before, failuresInRow: before.failuresInRow + 1 };
  if (kind !== 'job.success') return before;
  const { id: jobId, finishedAt, rows, columns } = job;
  return { previous: { jobId, finishedAt, rows, columns }, failuresInRow: 0 };
}
