// The recipes whose outputs a task watches.
import type { Read, Tx } from '../../db/database.ts';
import type { TaskDefinition } from './task-rule.ts';

/** By task; deleted recipes are left out. */
export async function readWatched(db: Read, taskIds: readonly number[]): Promise<Map<number, number[]>> {
  const watched = new Map<number, number[]>();
  if (taskIds.length === 0) return watched;
  const rows = await db
    .selectFrom('webhook_task_recipes')
    .selectAll()
    .where('task_id', 'in', [...taskIds])
    .where('recipe_id', 'in', db.selectFrom('recipes').select('id').where('deleted_at', 'is', null))
    .orderBy('recipe_id')
    .execute();
  for (const { task_id, recipe_id } of rows)
    watched.set(task_id, [...(watched.get(task_id) ?? []), recipe_id]);
  return watched;
}

export async function writeWatched(
  tx: Tx,
  taskId: number,
  { triggerObject, recipeIds }: TaskDefinition,
): Promise<void> {
  const ids = triggerObject === 'some' ? [...new Set(recipeIds)] : [];
  if (ids.length === 0) return;
  await tx
    .insertInto('webhook_task_recipes')
    .values(ids.map((recipe_id) => ({ task_id: taskId, recipe_id })))
    .execute();
}
