// Whether the server goes on answering everybody else while somebody attacks it.
import { setTimeout as wait } from 'node:timers/promises';
import type { World } from './world.ts';

/** Others may wait so long at most, where the machine answers at once when it is left alone. */
const limitMs = 300;
/** On a slow or busy machine: so many times what the same call takes at rest. */
const timesAtRest = 60;

/**
 * Asks `/healthz` again and again while the attack goes on. Returns a sentence where an answer took too long or did not come,
 * with what the attack itself answered.
 */
export async function answersMeanwhile<Result>(
  world: World,
  attack: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly late: string | null }> {
  const atRest = Math.max(await ask(world), await ask(world), await ask(world));
  const limit = Math.max(limitMs, timesAtRest * atRest);
  const attacking = { done: false };
  const ended = attack().finally(() => (attacking.done = true));
  let longest = 0;
  while (!attacking.done) {
    longest = Math.max(longest, await ask(world));
    await Promise.race([ended.catch(() => undefined), wait(5)]);
  }
  const late = longest <= limit ? null : `/healthz took ${Math.round(longest)} ms meanwhile.`;
  return { result: await ended, late };
}

async function ask({ nobody }: World): Promise<number> {
  const began = performance.now();
  const { status } = await nobody.send('GET', '/healthz');
  if (status !== 200) throw new Error(`/healthz answered ${status}`);
  return performance.now() - began;
}
