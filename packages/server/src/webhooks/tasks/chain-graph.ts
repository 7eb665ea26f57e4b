// Pure: which recipes run which by webhook tasks, and whether that goes in a circle.
import { findCircle } from '../../base/circle.ts';

/** A task that runs a recipe's output when a job of one of these recipes ends. */
export interface ChainTask {
  readonly id: number | null;
  readonly name: string;
  readonly fromRecipeIds: readonly number[];
  readonly toRecipeId: number;
}

/** Jobs that may have led to a job by webhooks, one after the other: a chain that is longer is a circle. */
export const maxHops = 10;

/** The tasks of a circle that `added` closes, itself first; null where it closes none. */
export function findRunCircle(added: ChainTask, others: readonly ChainTask[]): ChainTask[] | null {
  const goals = new Set(added.fromRecipeIds);
  const before = others.filter(({ id }) => id !== added.id);
  return findCircle([added], {
    keyOf: ({ toRecipeId }) => toRecipeId,
    closes: ({ toRecipeId }) => goals.has(toRecipeId),
    goOn: ({ toRecipeId }) => before.filter(({ fromRecipeIds }) => fromRecipeIds.includes(toRecipeId)),
  });
}

/** The recipe that a request to `/v4/jobGroups` names literally; null where none is, or where it is filled in later. */
export function readLaunchedRecipe(body: string | null): number | null {
  const found = /"wrangledDataset"\s*:\s*\{\s*"id"\s*:\s*(\d{1,15})\s*[,}]/u.exec(body ?? '');
  return found === null ? null : Number(found[1]);
}

/** A sentence that names the circle. */
export function describeCircle(circle: readonly ChainTask[]): string {
  const names = circle.map(({ name, toRecipeId }) => `“${name}” runs recipe ${toRecipeId}`);
  return `This would run in a circle: ${names.join(', ')}, whose job starts it again. Watch other recipes, or run another one.`;
}
