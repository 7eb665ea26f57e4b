// A chain of webhooks that is too long is taken for a circle: nothing more is launched for it.
import { Problem } from '../base/error.ts';
import { maxHops } from '../webhooks/tasks/chain-graph.ts';

/** 410, so that the webhook that asks does not ask again. */
export function requireShortChain(hop: number): void {
  if (hop <= maxHops) return;
  const detail = `Webhooks have led from job to job ${hop} times: a chain of more than ${maxHops} is taken for a circle and ended.`;
  throw new Problem('gone', detail);
}
