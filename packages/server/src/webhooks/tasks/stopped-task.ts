// Which webhook tasks lose what they need where a recipe or a flow is deleted: asked before it is done, and as it is done.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { visibleFlows } from '../../people/flow-access-store.ts';

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

type Loss = RawBuilder<boolean>;

/** The recipe is the last of those that the task watches. */
export function watchesLast(recipeId: number): Loss {
  return sql<boolean>`(t.trigger_object = 'some'
    and exists (select 1 from webhook_task_recipes w where w.task_id = t.id and w.recipe_id = ${recipeId})
    and not exists (select 1 from webhook_task_recipes o join recipes r on r.id = o.recipe_id
      where o.task_id = t.id and o.recipe_id <> ${recipeId} and r.deleted_at is null))`;
}

export function runsRecipe(recipeId: number): Loss {
  return sql<boolean>`t.run_recipe_id = ${recipeId}`;
}

/** The task stands in another flow, and runs a recipe of this one. */
export function runsFromElsewhere(flowId: number): Loss {
  return sql<boolean>`(t.flow_id <> ${flowId}
    and t.run_recipe_id in (select r.id from recipes r where r.flow_id = ${flowId}))`;
}

/** Tasks of any flow that this stops: what is off already is not stopped, and keeps its reason. */
export async function listStopped(db: Read, loss: Loss): Promise<StoppedTask[]> {
  return (await select(db, loss, sql`1`)).map(({ id, name, flowId }) => ({ id, name, flowId }));
}

async function select(db: Read, loss: Loss, seen: RawBuilder<unknown>) {
  const { rows } = await sql<StoppedTask & { seen: number }>`
    select t.id, t.name, t.flow_id as "flowId", ${seen} as seen
    from webhook_tasks t join flows f on f.id = t.flow_id
    where t.deleted_at is null and f.deleted_at is null and t.enabled = 1 and t.bound_job_id is null and ${loss}
    order by t.flow_id, t.id`.execute(db);
  return rows;
}

/** The tasks that go with a flow; those that are given for one job are none of its own. */
export async function listTasksOfFlow(db: Read, flowId: number): Promise<{ id: number; name: string }[]> {
  return db
    .selectFrom('webhook_tasks')
    .select(['id', 'name'])
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .where('bound_job_id', 'is', null)
    .orderBy('id')
    .execute();
}

/** What deleting this recipe would disable. */
export function findStoppedByRecipe(db: Read, caller: Caller, recipeId: number): Promise<StoppedTasks> {
  return find(db, caller, sql<boolean>`(${runsRecipe(recipeId)} or ${watchesLast(recipeId)})`);
}

/** What deleting this flow would disable in others. */
export function findStoppedByFlow(db: Read, caller: Caller, flowId: number): Promise<StoppedTasks> {
  return find(db, caller, runsFromElsewhere(flowId));
}

async function find(db: Read, caller: Caller, loss: Loss): Promise<StoppedTasks> {
  const rows = await select(db, loss, sql`case when ${visibleFlows(caller, 't.flow_id')} then 1 else 0 end`);
  const visible = rows.filter(({ seen }) => seen === 1).map(({ id, name, flowId }) => ({ id, name, flowId }));
  return { visible, hidden: rows.length - visible.length };
}
