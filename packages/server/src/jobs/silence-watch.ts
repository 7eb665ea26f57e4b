// Watches for external jobs that promised a heartbeat and fell silent.
import { createWorkLoop, type WorkLoop } from '../base/work-loop.ts';
import type { ExternalJobs } from './external-job.ts';

/** How late a silence may be noticed. */
const lookEveryMs = 1000;

export function createSilenceWatch(
  external: ExternalJobs,
  now: () => number,
  onError: (error: unknown) => void,
): WorkLoop {
  return createWorkLoop({
    round: async () => (await external.failSilent()) > 0,
    pollMs: lookEveryMs,
    onError,
    now,
  });
}
