// The rows of a flow with everything that hangs on it, as they are read for its document, a copy and a package.
import { sql } from 'kysely';
import type { SecretBox } from '../base/secret.ts';
import type { Read } from '../db/database.ts';
import { readGraph, type FlowGraph } from '../flows/graph-store.ts';
import { readOutputs, readSettingsOf, type OutputRow, type WriteSettingRow } from '../flows/output-store.ts';
import { readParameterRows, type ParameterContent, type ParameterRow } from '../flows/parameter-store.ts';
import { readRecipes, type RecipeRow } from '../flows/recipes/recipe-store.ts';
import { readSchedules, type ScheduleRow } from '../schedules/schedule-store.ts';
import { ofFlowItself, readTasks, type Task } from '../webhooks/tasks/stored-task.ts';

/** Nothing of it is deleted; each list in the order in which its rows were made. */
export interface FlowRows {
  readonly graph: FlowGraph;
  readonly parameters: readonly ParameterRow[];
  readonly recipes: readonly RecipeRow[];
  readonly outputs: readonly OutputRow[];
  readonly settings: readonly WriteSettingRow[];
  readonly tasks: readonly Task[];
  readonly schedule: ScheduleRow | null;
}

/** Of tasks the secrets are opened: they are read only where they are wanted. */
export async function readFlowRows(
  db: Read,
  box: SecretBox,
  flowId: number,
  { withTasks }: { readonly withTasks: boolean },
): Promise<FlowRows> {
  const where = (alias: string) =>
    sql<boolean>`${sql.raw(alias)}.flow_id = ${flowId} and ${sql.raw(alias)}.deleted_at is null`;
  const all = (alias: string) => ({ where: where(alias), orderBy: sql.raw(`${alias}.id`), page: sql`` });
  const ofRecipes = sql<boolean>`${where('o')} and r.deleted_at is null`;
  const outputs = await readOutputs(db, { ...all('o'), where: ofRecipes });
  const ofFlow = sql<boolean>`${where('t')} and ${ofFlowItself}`;
  const [schedule = null] = await readSchedules(db, all('s'));
  const ids = outputs.map(({ id }) => id);
  return {
    graph: await readGraph(db, flowId),
    parameters: await readParameterRows(db, flowId),
    recipes: await readRecipes(db, all('r')),
    outputs,
    settings: await readSettingsOf(db, ids),
    tasks: withTasks ? await readTasks(db, box, { ...all('t'), where: ofFlow }) : [],
    schedule,
  };
}

export function showParameter({ name, type, default_value, description }: ParameterRow): ParameterContent {
  return { name, type, defaultValue: default_value, description };
}
