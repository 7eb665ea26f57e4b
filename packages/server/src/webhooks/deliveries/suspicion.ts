// Which of the deliveries that may have ended a process are sent now: one after the other, so that it is known which one did.
import { maxCrashesInRow } from '../../base/max-crashes.ts';

export interface Suspicion {
  /** Of deliveries with so many ends of a process in a row one may be claimed now; 0 for none of them. */
  maxCrashes(): number;
  begin(claim: { readonly publicId: string; readonly crashesInRow: number }): void;
  end(claim: { readonly publicId: string }): void;
}

/**
 * What ends a process mostly does so in its first moments; a receiver that hangs must not keep the others waiting for 30 s.
 * Where a late one still takes another's blame, the others come back and it is alone the next time.
 */
const apartMs = 500;
/** What has ended two processes is begun when this one has had time for all else: a server in a loop of restarts works on. */
const lastChanceAfterMs = 1000;

/** `now` is a clock that never jumps; `wake` is called when the next one may be claimed. */
export function createSuspicion(now: () => number, wake: () => void): Suspicion {
  const startedAt = now();
  let last: { readonly publicId: string; readonly begunAt: number } | null = null;
  return {
    maxCrashes() {
      if (last !== null && now() - last.begunAt < apartMs) return 0;
      return now() - startedAt < lastChanceAfterMs ? maxCrashesInRow - 2 : maxCrashesInRow - 1;
    },
    begin({ publicId, crashesInRow }) {
      if (crashesInRow === 0) return;
      last = { publicId, begunAt: now() };
      setTimeout(wake, apartMs).unref();
    },
    end({ publicId }) {
      if (last?.publicId === publicId) last = null;
    },
  };
}
