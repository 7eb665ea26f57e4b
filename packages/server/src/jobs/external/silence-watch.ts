// Watches for external jobs that promised a heartbeat and fell silent.
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { ExternalJobs } from './external-job.ts';

/** How late a silence may be noticed. */
const lookEveryMs = 1000;
/** Looks that are further apart mean that this server, or its database, was away. */
const absentMs = 5000;

export function createSilenceWatch(
  external: ExternalJobs,
  now: () => number,
  onError: (error: unknown) => void,
): WorkLoop {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return createWorkLoop({
    async round() {
      // Nobody could report to a server that was not there: its own absence is no silence of a job.
      if (now() - lookedAt > absentMs) await external.forgiveSilence();
      const failed = await external.failSilent();
      lookedAt = now();
      return failed > 0;
    },
    pollMs: lookEveryMs,
    onError,
    now,
  });
}
