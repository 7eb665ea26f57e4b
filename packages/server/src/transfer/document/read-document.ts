// Reads a flow from its rows as a document, with the rows themselves and the version that they are.
import type { FlowDocument } from '@flowhook/contract/flow/flow-document';
import { notFound, Problem } from '../../base/error.ts';
import type { SecretBox } from '../../base/secret.ts';
import type { Read } from '../../db/database.ts';
import { withholding } from '../../flows/datasets/dataset-leave.ts';
import { readWaitingUri } from '../../flows/datasets/location.ts';
import type { DatasetRow } from '../../flows/datasets/dataset-store.ts';
import { readFlows, selectOne, type FlowRow } from '../../flows/flow-store.ts';
import type { StoredNode } from '../../flows/graph-store.ts';
import type { WriteSettingRow } from '../../flows/output-store.ts';
import type { RecipeRow } from '../../flows/recipes/recipe-store.ts';
import { toRefusal } from '../../flows/refusal.ts';
import type { Caller } from '../../people/caller.ts';
import type { ScheduleRow } from '../../schedules/schedule-store.ts';
import { readTaskVersions } from '../../webhooks/tasks/stored-task.ts';
import { readFlowRows, showParameter, type FlowRows } from '../flow-rows.ts';
import { findTwice } from './document-fault.ts';
import { writeState, writeVersion } from './document-version.ts';
import { nameRuns } from './document-run.ts';
import { showTask } from './show-task.ts';

export interface StoredDocument extends Omit<FlowRows, 'settings'> {
  readonly flowId: number;
  readonly document: FlowDocument;
  /** Another after each change of what the document says. */
  readonly version: string;
  /** The same for all that a change of the document is prepared from, as the columns of what recipes read. */
  readonly state: string;
}

/** Throws `not_found` where the flow is deleted, and `conflict` where two things have one name. */
export async function readDocument(
  db: Read,
  box: SecretBox,
  caller: Caller,
  flowId: number,
): Promise<StoredDocument> {
  const [flow] = await readFlows(db, selectOne('f.id', flowId));
  if (flow === undefined || flow.deleted_at !== null) throw notFound('flow', flowId);
  const rows = await readFlowRows(db, box, flowId, { withTasks: true });
  refuseWithheld(rows);
  refuseTwice(flow, rows);
  const document = await compose(db, caller, flow, rows);
  const { graph, parameters, recipes, outputs, tasks, schedule } = rows;
  const version = writeVersion(document, tasks, await readTaskVersions(db, flowId));
  const own = { flowId, document, version, state: writeState(version, graph) };
  return { ...own, graph, parameters, recipes, outputs, tasks, schedule };
}

/** A document would have it made anew. */
function refuseWithheld({ graph }: FlowRows): void {
  const withheld = [...graph.values()].find((node) => node.withheld !== null);
  if (withheld !== undefined) throw toRefusal(withholding(withheld.name), 'datasets');
}

function refuseTwice({ name }: FlowRow, { graph, tasks }: FlowRows): void {
  const nodes = [...graph.values()];
  const twice = {
    dataset: findTwice(nodes.filter(({ kind }) => kind === 'dataset')),
    recipe: findTwice(nodes.filter(({ kind }) => kind === 'recipe')),
    'webhook task': findTwice(tasks, (each) => each),
  };
  for (const [kind, found] of Object.entries(twice))
    if (found !== undefined)
      throw new Problem(
        'conflict',
        `The flow ${name} has two of the kind ${kind} that are named ${found.name}: rename one, since a document knows them by their names.`,
      );
}

async function compose(db: Read, caller: Caller, flow: FlowRow, rows: FlowRows): Promise<FlowDocument> {
  const { graph, parameters, tasks, schedule } = rows;
  const runs = await nameRuns(db, caller, flow.id, tasks);
  const nameOf = (id: number) => graph.get(id)?.name;
  const nodes = [...graph.values()];
  return {
    name: flow.name,
    description: flow.description,
    parameters: parameters.map(showParameter),
    datasets: nodes.flatMap(({ dataset }) => (dataset === null ? [] : [showDataset(dataset)])),
    recipes: rows.recipes.map((recipe) => showRecipe(rows, recipe)),
    webhookTasks: tasks.map((task) => showTask(task, nameOf, runs.get(task.runRecipeId ?? 0) ?? null)),
    schedule: schedule === null ? null : showSchedule(schedule),
  };
}

export function showDataset(row: DatasetRow): FlowDocument['datasets'][number] {
  const { name, description, origin, uri, pattern, reading } = row;
  const { format = null, compression = null, options } = reading.given;
  return {
    name,
    description,
    uri: origin === 'upload' ? null : (readWaitingUri(uri) ?? uri),
    pathPattern: pattern === null ? null : { files: pattern.files, defaults: { ...pattern.defaults } },
    format,
    compression,
    options: options as FlowDocument['datasets'][number]['options'],
  };
}

function showRecipe(rows: FlowRows, recipe: RecipeRow): FlowDocument['recipes'][number] {
  const { id, name, description, sql_text, primary_input_id } = recipe;
  const input = primary_input_id === null ? undefined : rows.graph.get(primary_input_id);
  return {
    name,
    description,
    sql: sql_text,
    waitsForSql: rows.graph.get(id)?.waitsForSql ?? false,
    input: input === undefined ? null : showInput(input),
    outputs: { adhoc: showOutput(rows, id, 1), scheduled: showOutput(rows, id, 0) },
  };
}

function showInput({ kind, name }: StoredNode): FlowDocument['recipes'][number]['input'] {
  return kind === 'dataset' ? { dataset: name } : { recipe: name };
}

function showOutput({ outputs, settings }: FlowRows, recipeId: number, adhoc: 0 | 1) {
  const output = outputs.find(({ recipe_id, is_adhoc }) => recipe_id === recipeId && is_adhoc === adhoc);
  if (output === undefined) return null;
  const files = settings.filter(({ output_id }) => output_id === output.id).map(({ rule }) => showFile(rule));
  const execution = output.execution as 'photon';
  return { execution, profiler: output.profiler === 1, files };
}

/** `zstd` is a member of its own. */
function showFile({ compression, ...rest }: WriteSettingRow['rule']) {
  return compression === 'zstd'
    ? { ...rest, compression: 'none' as const, zstd: true }
    : { ...rest, compression, zstd: false };
}

function showSchedule({ name, enabled, triggers, missed, overlap, parameters }: ScheduleRow) {
  return {
    name,
    enabled,
    times: triggers.map(({ expression, timeZone }) => ({ cron: expression, timezone: timeZone })),
    missed,
    overlap,
    parameters: parameters.map(({ key, value }) => ({ key, value: (value ?? null) as never })),
  };
}
