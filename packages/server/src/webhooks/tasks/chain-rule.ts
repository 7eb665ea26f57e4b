// Tasks that run another job: refused where they close a circle over the tasks of all flows.
import { sql } from 'kysely';
import { invalidField } from '../../base/error.ts';
import type { Read } from '../../db/database.ts';
import { describeCircle, findRunCircle, readLaunchedRecipe, type ChainTask } from './chain-graph.ts';
import { ownLaunchPath } from '../deliveries/run-job.ts';
import { listSubjects, type Condition } from '../events/condition.ts';
import type { TaskDefinition } from './task-rule.ts';

interface Row {
  id: number;
  flow_id: number;
  name: string;
  url: string;
  body: string | null;
  condition: string | null;
  trigger_object: 'any' | 'some';
  run_recipe_id: number | null;
}

/** Throws where saving the task would close a circle. Circles that are filled in at run time end by their length. */
export async function requireNoCircle(
  db: Read,
  flowId: number,
  id: number | null,
  task: TaskDefinition,
): Promise<void> {
  const toRecipeId = findLaunchedRecipeId(task.runRecipeId ?? null, task.url, task.body);
  if (toRecipeId === null || !followsJobs(task.condition)) return;
  const { name } = task;
  const recipesOf = await readRecipes(db, flowId);
  const fromRecipeIds = task.triggerObject === 'some' ? task.recipeIds : (recipesOf.get(flowId) ?? []);
  const circle = findRunCircle({ id, name, fromRecipeIds, toRecipeId }, await readChainTasks(db, recipesOf));
  if (circle !== null) throw invalidField(task.runRecipeId ? 'runRecipeId' : 'url', describeCircle(circle));
}

/** The recipe that a task runs, in either way; null where it runs none. */
export function findLaunchedRecipeId(
  runRecipeId: number | null,
  url: string,
  body: string | null,
): number | null {
  return runRecipeId ?? (url.split('?')[0]!.endsWith(ownLaunchPath) ? readLaunchedRecipe(body) : null);
}

/** A deadline and the end of a flow run are started by no job of the chain. */
export function followsJobs(condition: Condition | null): boolean {
  return listSubjects(condition).includes('jobEnd');
}

/** Whether a row of `webhook_tasks` may run a recipe when a job ends. */
const mayRun = sql<boolean>`deleted_at is null and bound_job_id is null
  and (run_recipe_id is not null or url like ${`%${ownLaunchPath}%`})`;

async function readChainTasks(db: Read, recipesOf: ReadonlyMap<number, number[]>): Promise<ChainTask[]> {
  const { rows } = await sql<Row>`
    select id, flow_id, name, url, body, condition, trigger_object, run_recipe_id from webhook_tasks
    where ${mayRun}`.execute(db);
  const watched = await db
    .selectFrom('webhook_task_recipes')
    .selectAll()
    .where('task_id', 'in', [0, ...rows.map(({ id }) => id)])
    .execute();
  return rows.flatMap((row) => {
    const condition = row.condition === null ? null : (JSON.parse(row.condition) as Condition);
    const toRecipeId = findLaunchedRecipeId(row.run_recipe_id, row.url, row.body);
    if (toRecipeId === null || !followsJobs(condition)) return [];
    const own = watched.filter(({ task_id }) => task_id === row.id).map(({ recipe_id }) => recipe_id);
    const fromRecipeIds = row.trigger_object === 'some' ? own : (recipesOf.get(row.flow_id) ?? []);
    return [{ id: row.id, name: row.name, fromRecipeIds, toRecipeId }];
  });
}

/** The recipes of this flow and of every flow that has a task which runs something, by flow. */
async function readRecipes(db: Read, flowId: number): Promise<Map<number, number[]>> {
  const rows = await db
    .selectFrom('recipes')
    .select(['id', 'flow_id'])
    .where('deleted_at', 'is', null)
    .where(
      sql<boolean>`(flow_id = ${flowId} or flow_id in (select flow_id from webhook_tasks where ${mayRun}))`,
    )
    .execute();
  const byFlow = new Map<number, number[]>();
  for (const { id, flow_id } of rows) byFlow.set(flow_id, [...(byFlow.get(flow_id) ?? []), id]);
  return byFlow;
}
