// Reads a flow from its rows as a document, with the rows themselves and the version that they are.
import { sql } from 'kysely';
import type { FlowDocument } from '@flowhook/contract/flow/flow-document';
import { notFound, Problem } from '../../base/error.ts';
import type { SecretBox } from '../../base/secret.ts';
import type { Read } from '../../db/database.ts';
import { withholding } from '../../flows/datasets/dataset-leave.ts';
import { readWaitingUri } from '../../flows/datasets/location.ts';
import type { DatasetRow } from '../../flows/datasets/dataset-store.ts';
import { readFlows, selectOne, type FlowRow } from '../../flows/flow-store.ts';
import { readGraph, type FlowGraph, type StoredNode } from '../../flows/graph-store.ts';
import {
  readOutputs,
  readSettingsOf,
  type OutputRow,
  type WriteSettingRow,
} from '../../flows/output-store.ts';
import { readParameterRows, type ParameterRow } from '../../flows/parameter-store.ts';
import { readRecipes, type RecipeRow } from '../../flows/recipes/recipe-store.ts';
import { toRefusal } from '../../flows/refusal.ts';
import type { Caller } from '../../people/caller.ts';
import { readSchedules, type ScheduleRow } from '../../schedules/schedule-store.ts';
import { ofFlowItself, readTasks, readTaskVersions, type Task } from '../../webhooks/tasks/stored-task.ts';
import { findTwice } from './document-fault.ts';
import { writeState, writeVersion } from './document-version.ts';
import { nameRuns } from './document-run.ts';
import { showTask } from './show-task.ts';

export interface StoredDocument {
  readonly flowId: number;
  readonly document: FlowDocument;
  readonly graph: FlowGraph;
  readonly parameters: readonly ParameterRow[];
  readonly recipes: readonly RecipeRow[];
  readonly outputs: readonly OutputRow[];
  readonly tasks: readonly Task[];
  readonly schedule: ScheduleRow | null;
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
  const rows = await readRows(db, box, flowId);
  refuseWithheld(rows);
  refuseTwice(flow, rows);
  const document = await compose(db, caller, flow, rows);
  const { graph, parameters, recipes, outputs, tasks, schedule } = rows;
  const version = writeVersion(document, tasks, await readTaskVersions(db, flowId));
  const own = { flowId, document, version, state: writeState(version, graph) };
  return { ...own, graph, parameters, recipes, outputs, tasks, schedule };
}

interface Rows {
  readonly graph: FlowGraph;
  readonly parameters: readonly ParameterRow[];
  readonly recipes: readonly RecipeRow[];
  readonly outputs: readonly OutputRow[];
  readonly settings: readonly WriteSettingRow[];
  readonly tasks: readonly Task[];
  readonly schedule: ScheduleRow | null;
}

async function readRows(db: Read, box: SecretBox, flowId: number): Promise<Rows> {
  const where = (alias: string) =>
    sql<boolean>`${sql.raw(alias)}.flow_id = ${flowId} and ${sql.raw(alias)}.deleted_at is null`;
  const all = (alias: string) => ({ where: where(alias), orderBy: sql.raw(`${alias}.id`), page: sql`` });
  const outputs = await readOutputs(db, all('o'));
  const ofFlow = sql<boolean>`${where('t')} and ${ofFlowItself}`;
  const [schedule = null] = await readSchedules(db, all('s'));
  return {
    graph: await readGraph(db, flowId),
    parameters: await readParameterRows(db, flowId),
    recipes: await readRecipes(db, all('r')),
    outputs,
    settings: await readSettingsOf(
      db,
      outputs.map(({ id }) => id),
    ),
    tasks: await readTasks(db, box, { ...all('t'), where: ofFlow }),
    schedule,
  };
}

/** A document would have it made anew. */
function refuseWithheld({ graph }: Rows): void {
  const withheld = [...graph.values()].find((node) => node.withheld !== null);
  if (withheld !== undefined) throw toRefusal(withholding(withheld.name), 'datasets');
}

function refuseTwice({ name }: FlowRow, { graph, tasks }: Rows): void {
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

async function compose(db: Read, caller: Caller, flow: FlowRow, rows: Rows): Promise<FlowDocument> {
  const { graph, parameters, tasks, schedule } = rows;
  const runs = await nameRuns(db, caller, flow.id, tasks);
  const nameOf = (id: number) => graph.get(id)?.name;
  const nodes = [...graph.values()];
  return {
    name: flow.name,
    description: flow.description,
    parameters: parameters.map(({ name, type, default_value, description }) => ({
      name,
      type,
      defaultValue: default_value,
      description,
    })),
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

function showRecipe(rows: Rows, recipe: RecipeRow): FlowDocument['recipes'][number] {
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

function showOutput({ outputs, settings }: Rows, recipeId: number, adhoc: 0 | 1) {
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
