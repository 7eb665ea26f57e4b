// Webhook tasks that are disabled where recipes are deleted: those that run them, and those that watch nothing else.
import { sql } from 'kysely';
import type { Read } from '../db/database.ts';
import type { Caller } from '../people/caller.ts';
import { visibleFlows } from '../people/flow-access-store.ts';

export interface StoppedTask {
  readonly id: number;
  readonly name: string;
  readonly flowId: number;
}

export interface StoppedTasks {
  /** Those that the caller may see. */
  readonly visible: readonly StoppedTask[];
  /** Those of flows that the caller may not see: how many. */
  readonly hidden: number;
}

/** What deleting this recipe would disable. */
export function findStoppedByRecipe(db: Read, caller: Caller, recipeId: number): Promise<StoppedTasks> {
  const watchesIt = sql<boolean>`(t.trigger_object = 'some'
    and exists (select 1 from webhook_task_recipes w where w.task_id = t.id and w.recipe_id = ${recipeId})
    and not exists (select 1 from webhook_task_recipes o join recipes r on r.id = o.recipe_id
      where o.task_id = t.id and o.recipe_id <> ${recipeId} and r.deleted_at is null))`;
  return find(db, caller, sql<boolean>`(t.run_recipe_id = ${recipeId} or ${watchesIt})`);
}

/** What deleting this flow would disable in others. */
export function findStoppedByFlow(db: Read, caller: Caller, flowId: number): Promise<StoppedTasks> {
  const runsOne = sql<boolean>`t.run_recipe_id in (select r.id from recipes r where r.flow_id = ${flowId})`;
  return find(db, caller, sql<boolean>`(t.flow_id <> ${flowId} and ${runsOne})`);
}

async function find(db: Read, caller: Caller, where: ReturnType<typeof sql<boolean>>): Promise<StoppedTasks> {
  const { rows } = await sql<StoppedTask & { seen: number }>`
    select t.id, t.name, t.flow_id as "flowId", case when ${visibleFlows(caller, 't.flow_id')} then 1 else 0 end as seen
    from webhook_tasks t join flows f on f.id = t.flow_id
    where t.deleted_at is null and f.deleted_at is null and t.enabled = 1 and t.bound_job_id is null and ${where}
    order by t.id`.execute(db);
  const visible = rows.filter(({ seen }) => seen === 1).map(({ id, name, flowId }) => ({ id, name, flowId }));
  return { visible, hidden: rows.length - visible.length };
}
