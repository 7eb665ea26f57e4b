// Waiting in tests: for the thing itself, never for a time.
import { setTimeout } from 'node:timers/promises';

/** Between two questions: what comes soon is seen soon, and who waits long does not keep a processor busy with asking. */
const [firstWaitMs, longestWaitMs] = [5, 40];

/**
 * Asks again until the answer is true; throws after `withinMs` with what was waited for: so long that a busy machine
 * is never what is told of.
 */
export async function until(
  ask: () => boolean | Promise<boolean>,
  what = String(ask),
  withinMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (let waitMs = firstWaitMs; !(await ask()); waitMs = Math.min(waitMs * 1.3, longestWaitMs)) {
    if (performance.now() > deadline) throw new Error(`did not come true within ${withinMs} ms: ${what}`);
    await setTimeout(waitMs);
  }
}
