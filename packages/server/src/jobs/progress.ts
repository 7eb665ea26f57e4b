// Progress of a running job: the newest is written now and then, never more often than people can see.
import type { Log } from '../base/log.ts';
import type { Database } from '../db/database.ts';
import type { Progress, Step } from '../engine/engine.ts';
import { jobsChanged } from './finish.ts';
import type { ClaimedJob } from './job-move.ts';
import { writeProgress } from './job-store.ts';

const writeEveryMs = 500;
/** What each step counts for in the percentage of the whole job. */
const shares: Readonly<Record<Step, readonly [from: number, to: number]>> = {
  wrangle: [0, 60],
  filewriter: [60, 90],
  profile: [90, 100],
};

export interface ProgressWriter {
  note(progress: Progress): void;
  /** Waits for what is being written; the rest is dropped, since the job's end says more. */
  stop(): Promise<void>;
}

export function createProgressWriter(
  { db, log }: { db: Database; log: Log },
  job: ClaimedJob,
): ProgressWriter {
  let newest: Progress | undefined;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    timer = undefined;
    const progress = newest;
    newest = undefined;
    if (progress === undefined) return;
    writing = write(progress)
      .catch((error: unknown) => log.warn({ err: error, jobId: job.id }, 'progress was not written'))
      .finally(() => {
        writing = undefined;
      });
  }

  async function write(progress: Progress): Promise<void> {
    const stepPercent = Math.round(progress.percent ?? 0);
    const [from, to] = shares[progress.step];
    const percent = Math.round(from + ((to - from) * stepPercent) / 100);
    const state = stepPercent >= 100 ? 'complete' : 'running';
    await db.transaction(async (tx) => {
      const step = { step: progress.step, state, percent: stepPercent, rows: progress.rows ?? null } as const;
      await writeProgress(tx, job.id, step, percent);
      db.announce(tx, { topic: jobsChanged, flowId: job.flowId, ids: [job.id] });
    });
  }

  return {
    note(progress) {
      newest = progress;
      timer ??= setTimeout(flush, writeEveryMs);
    },
    async stop() {
      clearTimeout(timer);
      await writing;
    },
  };
}
