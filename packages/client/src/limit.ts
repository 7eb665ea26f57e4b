// How long a call may go on: its time, and the caller's own signal; both end what is under way.
import { tooSlow } from './problem.ts';

export interface Limit {
  /** Aborted with the caller's reason, or with the problem `timeout`. */
  readonly signal: AbortSignal;
  /** Milliseconds. */
  leftMs(): number;
  /** Ends the time, not the caller's signal: for an answer that is read as it comes. */
  endTime(): void;
  stop(): void;
}

/** `ms` is 0 or infinite for no limit. */
export function startLimit(ms: number, given: AbortSignal | undefined): Limit {
  const controller = new AbortController();
  const isBounded = ms > 0 && Number.isFinite(ms);
  const until = isBounded ? performance.now() + ms : Number.POSITIVE_INFINITY;
  const timer = isBounded
    ? setTimeout(() => controller.abort(tooSlow(ms)), Math.min(ms, 2 ** 31 - 1))
    : undefined;
  const onAbort = () => controller.abort(given?.reason);
  if (given?.aborted === true) onAbort();
  given?.addEventListener('abort', onAbort, { once: true });
  const endTime = () => clearTimeout(timer);
  return {
    signal: controller.signal,
    leftMs: () => until - performance.now(),
    endTime,
    stop() {
      endTime();
      given?.removeEventListener('abort', onAbort);
    },
  };
}

/** Rejects with the signal's reason where that comes first. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
