// Waiting in tests: for the thing itself, never for a time.

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
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`did not come true within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
