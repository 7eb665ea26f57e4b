// Pure: which recipes run which by webhook tasks, and whether that goes in a circle.

/** A task that runs a recipe's output when a job of one of these recipes ends. */
export interface ChainTask {
  readonly id: number | null;
  readonly name: string;
  readonly fromRecipeIds: readonly number[];
  readonly toRecipeId: number;
}

/** Jobs that may have led to a job by webhooks, one after the other: a chain that is longer is a circle. */
export const mostHops = 10;

/** The tasks of a circle that `added` closes, itself first; null where it closes none. */
export function findCircle(added: ChainTask, others: readonly ChainTask[]): ChainTask[] | null {
  const goals = new Set(added.fromRecipeIds);
  const seen = new Set<number>();
  let paths: { readonly recipeId: number; readonly tasks: ChainTask[] }[] = [
    { recipeId: added.toRecipeId, tasks: [added] },
  ];
  while (paths.length > 0) {
    const reached = paths.find(({ recipeId }) => goals.has(recipeId));
    if (reached !== undefined) return reached.tasks;
    for (const { recipeId } of paths) seen.add(recipeId);
    paths = paths.flatMap(({ recipeId, tasks }) =>
      others
        .filter(
          (task) =>
            task.id !== added.id && task.fromRecipeIds.includes(recipeId) && !seen.has(task.toRecipeId),
        )
        .map((task) => ({ recipeId: task.toRecipeId, tasks: [...tasks, task] })),
    );
    paths = [...new Map(paths.map((path) => [path.recipeId, path])).values()];
  }
  return null;
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
