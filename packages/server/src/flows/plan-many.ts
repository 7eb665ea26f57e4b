// What the plans of many flows are made of, read together: as many statements as for one.
import { sql } from 'kysely';
import type { Read } from '../db/database.ts';
import { readGraphs } from './graph-store.ts';
import { readOutputs, readSettingsOf } from './output-store.ts';
import { readParametersOfFlows } from './parameter-store.ts';
import type { PlanSources } from './plan.ts';

/** An output of a flow with all that its job's plan is made of. */
export interface OutputSources extends PlanSources {
  readonly recipeId: number;
}

/** By flow, its outputs of one kind in the order of their recipes; a flow without any has no entry. The list must not be empty. */
export async function readOutputSources(
  db: Read,
  flowIds: readonly number[],
  isAdhoc: boolean,
): Promise<Map<number, OutputSources[]>> {
  const where = sql<boolean>`
    o.flow_id in (${sql.join([...flowIds])}) and o.is_adhoc = ${isAdhoc ? 1 : 0} and o.deleted_at is null and r.deleted_at is null`;
  const outputs = await readOutputs(db, { where, orderBy: sql`o.recipe_id, o.id`, page: sql`` });
  if (outputs.length === 0) return new Map();
  const settings = await readSettingsOf(
    db,
    outputs.map(({ id }) => id),
  );
  const rulesOf = Map.groupBy(settings, ({ output_id }) => output_id);
  const graphs = await readGraphs(db, flowIds);
  const parametersOf = await readParametersOfFlows(db, flowIds);
  const all = outputs.map((output) => ({
    flowId: output.flow_id,
    recipeId: output.recipe_id,
    recipeName: output.recipe_name,
    output,
    rules: (rulesOf.get(output.id) ?? []).map(({ rule }) => rule),
    graph: graphs.get(output.flow_id)!,
    parameters: parametersOf(output.flow_id),
  }));
  return Map.groupBy(all, ({ flowId }) => flowId);
}
