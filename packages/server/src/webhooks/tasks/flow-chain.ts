// Which recipes webhook tasks run after which: the chains that a flow stands in, before any job has run.
import { sql } from 'kysely';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { visibleFlows } from '../../people/flow-access-store.ts';
import { ownLaunchPath } from '../deliveries/run-job.ts';
import { findLaunchedRecipeId, followsJobs } from './chain-rule.ts';
import type { Condition } from '../events/condition.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

export interface ChainedRecipe extends Named {
  readonly flow: Named;
}

export interface RecipeLink {
  /** Null where the task waits for no job: a deadline, or the end of a flow run. */
  readonly source: number | null;
  readonly target: number;
  readonly task: Named & { readonly flowId: number; readonly enabled: boolean };
}

export interface FlowChain {
  readonly recipes: readonly ChainedRecipe[];
  readonly links: readonly RecipeLink[];
}

/** As far as the caller may see it: tasks and recipes of other flows stay away, and what is only reached through them. */
export async function readFlowChain(db: Read, caller: Caller, flowId: number): Promise<FlowChain> {
  const recipes = await readRecipes(db, caller);
  const all = await readLinks(db, caller, recipes);
  const own = (recipeId: number | null) => recipeId !== null && recipes.get(recipeId)?.flow.id === flowId;
  const start = all.filter(
    ({ source, target, task }) => task.flowId === flowId || own(source) || own(target),
  );
  const links = [...new Set([...follow(start, all, 'down'), ...follow(start, all, 'up')])];
  const ids = new Set(links.flatMap(({ source, target }) => (source === null ? [target] : [source, target])));
  return { links, recipes: [...recipes.values()].filter(({ id }) => ids.has(id)) };
}

/** The links that can be reached from these, with them. */
function follow(start: readonly RecipeLink[], all: readonly RecipeLink[], way: 'down' | 'up'): RecipeLink[] {
  const found = new Set(start);
  for (let last = start; last.length > 0;) {
    const ends = new Set(last.map(({ source, target }) => (way === 'down' ? target : source)));
    last = all.filter((link) => !found.has(link) && ends.has(way === 'down' ? link.source : link.target));
    for (const link of last) found.add(link);
  }
  return [...found];
}

interface RecipeRow extends Named {
  readonly flow_id: number;
  readonly flow_name: string;
  readonly outputs: number;
}

type Recipes = ReadonlyMap<number, ChainedRecipe & { readonly hasOutput: boolean }>;

async function readRecipes(db: Read, caller: Caller): Promise<Recipes> {
  const { rows } = await sql<RecipeRow>`
    select r.id, r.name, r.flow_id, f.name as flow_name,
      (select count(*) from outputs o where o.recipe_id = r.id and o.deleted_at is null) as outputs
    from recipes r join flows f on f.id = r.flow_id
    where r.deleted_at is null and ${visibleFlows(caller, 'r.flow_id')} order by r.id`.execute(db);
  return new Map(
    rows.map(({ id, name, flow_id, flow_name, outputs }) => [
      id,
      { id, name, flow: { id: flow_id, name: flow_name }, hasOutput: outputs > 0 },
    ]),
  );
}

interface TaskRow extends Named {
  readonly flow_id: number;
  readonly url: string;
  readonly body: string | null;
  readonly condition: string | null;
  readonly trigger_object: 'any' | 'some';
  readonly run_recipe_id: number | null;
  readonly enabled: number;
}

async function readLinks(db: Read, caller: Caller, recipes: Recipes): Promise<RecipeLink[]> {
  const { rows } = await sql<TaskRow>`
    select t.id, t.flow_id, t.name, t.url, t.body, t.condition, t.trigger_object, t.run_recipe_id, t.enabled
    from webhook_tasks t
    where t.deleted_at is null and t.bound_job_id is null and ${visibleFlows(caller, 't.flow_id')}
      and (t.run_recipe_id is not null or t.url like ${`%${ownLaunchPath}%`}) order by t.id`.execute(db);
  const watched = await db
    .selectFrom('webhook_task_recipes')
    .selectAll()
    .where('task_id', 'in', [0, ...rows.map(({ id }) => id)])
    .execute();
  return rows.flatMap((row) => {
    const target = findLaunchedRecipeId(row.run_recipe_id, row.url, row.body);
    if (target === null || !recipes.has(target)) return [];
    const own = watched.filter(({ task_id }) => task_id === row.id).map(({ recipe_id }) => recipe_id);
    const task = { id: row.id, name: row.name, flowId: row.flow_id, enabled: row.enabled === 1 };
    return listSources(row, own, recipes).map((source) => ({ source, target, task }));
  });
}

/** A task that waits for any job of its flow waits for the recipes there that have outputs. */
function listSources(row: TaskRow, own: readonly number[], recipes: Recipes): readonly (number | null)[] {
  const condition = row.condition === null ? null : (JSON.parse(row.condition) as Condition);
  if (!followsJobs(condition)) return [null];
  if (row.trigger_object === 'some') return own.filter((id) => recipes.has(id));
  return [...recipes.values()]
    .filter(({ flow, hasOutput }) => flow.id === row.flow_id && hasOutput)
    .map(({ id }) => id);
}
