// How long a call may go on: its time, and the caller's own signal; both end what is under way.
import { tooSlow } from './problem.ts';

export interface Limit {
  /** Aborted with the caller's reason, or with the problem `timeout`. */
  readonly signal: AbortSignal;
  /** Milliseconds. */
  leftMs(): number;
  /** The time begins anew. */
  restart(): void;
  /** Ends the time, not the caller's signal: for an answer that is read as it comes. */
  endTime(): void;
  stop(): void;
  /** Stops, and ends what is still under way. */
  close(): void;
}

const longestTimerMs = 2 ** 31 - 1;

/** `ms` is 0 or infinite for no limit. */
export function startLimit(ms: number, given: AbortSignal | undefined): Limit {
  const controller = new AbortController();
  const max = ms > 0 ? ms : Number.POSITIVE_INFINITY;
  let until = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function restart(): void {
    clearTimeout(timer);
    until = performance.now() + max;
    if (max <= longestTimerMs) timer = setTimeout(() => controller.abort(tooSlow(ms)), max);
  }
  const endTime = () => clearTimeout(timer);
  const onAbort = () => controller.abort(given?.reason);
  function stop(): void {
    endTime();
    given?.removeEventListener('abort', onAbort);
  }

  restart();
  if (given?.aborted === true) onAbort();
  given?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    leftMs: () => until - performance.now(),
    restart,
    endTime,
    stop,
    close() {
      stop();
      controller.abort();
    },
  };
}

/** Rejects with the signal's reason where that comes first. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
