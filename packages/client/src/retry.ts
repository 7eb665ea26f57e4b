// Pure: whether a call is made again, and when.
import type { Problem } from './problem.ts';

export interface Attempted {
  /** 1 for the first. */
  readonly attempt: number;
  /** How often it may be made again. */
  readonly retries: number;
  readonly problem: Pick<Problem, 'status' | 'code' | 'retryAfterMs'>;
  /** Between 0 and 1. */
  readonly random: number;
}

const firstWaitMs = 250;
const longestWaitMs = 10_000;
/** Who is asked to stay away for longer is told so. */
const longestAskedMs = 60_000;
/** Nobody has worked on it, or it does not matter whether somebody has: the caller asks only for repeatable calls. */
const passing = new Set([408, 425, 429, 502, 503, 504]);

/** Milliseconds to wait before the call is made again; null where it ends here. */
export function planRetry({ attempt, retries, problem, random }: Attempted): number | null {
  const askedMs = problem.retryAfterMs ?? 0;
  if (attempt > retries || askedMs > longestAskedMs || !isWorthRepeating(problem, attempt)) return null;
  const grown = Math.min(firstWaitMs * 2 ** (attempt - 1), longestWaitMs);
  // Callers that were refused together come back apart.
  return Math.max(askedMs, grown) * (1 + random / 4);
}

function isWorthRepeating({ status, code }: Attempted['problem'], attempt: number): boolean {
  if (status === 0) return code === 'unreachable';
  // The attempt before, whose answer was lost, is still under way at the server.
  return passing.has(status) || (code === 'idempotency_conflict' && attempt > 1);
}
