// What the plans of recipes are made of, read together: as many statements for many flows as for one recipe.
import { sql } from 'kysely';
import type { Read } from '../db/database.ts';
import { readGraphs, type FlowGraph } from './graph-store.ts';
import { readSettingsOf } from './output-store.ts';
import type { Sources } from './parameter.ts';
import { readParametersOfFlows } from './parameter-store.ts';
import type { WriteRule } from './write-setting-rule.ts';

/** A recipe with all that its job's plan is made of, as the database has it. */
export interface PlanSource {
  readonly flowId: number;
  readonly recipeId: number;
  readonly recipeName: string;
  /** Of the kind that is run; undefined where the recipe has none. */
  readonly output: { readonly id: number; readonly profiler: number } | undefined;
  /** Those of the output. */
  readonly rules: readonly WriteRule[];
  readonly graph: FlowGraph;
  readonly parameters: Pick<Sources, 'defined' | 'environment'>;
}

/** One recipe, or all of some flows. */
export type PlanScope = { readonly recipeId: number } | { readonly flowIds: readonly number[] };

interface SourceRow {
  readonly flow_id: number;
  readonly recipe_id: number;
  readonly recipe_name: string;
  readonly output_id: number | null;
  readonly profiler: number | null;
}

/** In the order of their recipes; what is deleted is left out. */
export async function readPlanSources(db: Read, scope: PlanScope, isAdhoc: boolean): Promise<PlanSource[]> {
  const rows = await readRows(db, scope, isAdhoc);
  if (rows.length === 0) return [];
  const outputIds = rows.map(({ output_id }) => output_id).filter((id) => id !== null);
  const rules = await readSettingsOf(db, outputIds);
  const rulesOf = Map.groupBy(rules, ({ output_id }) => output_id);
  const flowIds = [...new Set(rows.map(({ flow_id }) => flow_id))];
  const graphs = await readGraphs(db, flowIds);
  const parametersOf = await readParametersOfFlows(db, flowIds);
  return rows.map(({ flow_id, recipe_id, recipe_name, output_id, profiler }) => ({
    flowId: flow_id,
    recipeId: recipe_id,
    recipeName: recipe_name,
    output: output_id === null ? undefined : { id: output_id, profiler: profiler! },
    rules: output_id === null ? [] : (rulesOf.get(output_id) ?? []).map(({ rule }) => rule),
    graph: graphs.get(flow_id)!,
    parameters: parametersOf(flow_id),
  }));
}

async function readRows(db: Read, scope: PlanScope, isAdhoc: boolean): Promise<SourceRow[]> {
  const where =
    'recipeId' in scope
      ? sql<boolean>`r.id = ${scope.recipeId}`
      : sql<boolean>`r.flow_id in (${sql.join([...scope.flowIds])})`;
  const { rows } = await sql<SourceRow>`
    select r.flow_id, r.id as recipe_id, r.name as recipe_name, o.id as output_id, o.profiler
    from recipes r
    left join outputs o on o.recipe_id = r.id and o.is_adhoc = ${isAdhoc ? 1 : 0} and o.deleted_at is null
    where ${where} and r.deleted_at is null order by r.id`.execute(db);
  return rows;
}
