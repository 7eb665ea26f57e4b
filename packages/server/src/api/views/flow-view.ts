// Flows and what is in them as the API shows them: the original's names over our rows.
import type { flowEndpoints } from '@flowhook/contract/flow/flow';
import type { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import type { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import type { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import type { writeSettingEndpoints } from '@flowhook/contract/flow/write-setting';
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { DatasetRow } from '../../flows/datasets/dataset-store.ts';
import type { FlowRow, StampedRow } from '../../flows/flow-store.ts';
import { withholding } from '../../flows/datasets/dataset-leave.ts';
import { datasetIdOf, type FlowGraph, type StoredNode } from '../../flows/graph-store.ts';
import { readWaitingUri } from '../../flows/datasets/location.ts';
import type { OutputRow, WriteSettingRow } from '../../flows/output-store.ts';
import type { RecipeRow } from '../../flows/recipes/recipe-store.ts';
import type { Warning } from '../../flows/recipes/recheck.ts';
import type { StoppedTasks } from '../../webhooks/tasks/stopped-task.ts';
import type { FlowRole } from '../../people/flow-access.ts';
import { shownFlowRoles } from './flow-word.ts';
import { refer, writeTime } from './list.ts';

type Flow = ReplyOf<typeof flowEndpoints.get>;
type Graph = ReplyOf<typeof flowEndpoints.flowNodes>;
type ImportedDataset = ReplyOf<typeof importedDatasetEndpoints.get>;
type WrangledDataset = ReplyOf<typeof wrangledDatasetEndpoints.get>;
type OutputObject = ReplyOf<typeof outputObjectEndpoints.get>;
type WriteSetting = ReplyOf<typeof writeSettingEndpoints.get>;
type Embed = ReadonlySet<string>;

const none: Embed = new Set();

/** What every object has. A deleted one says when it was. */
function showStamp(row: StampedRow, embed: Embed) {
  const { creator_id: id, creator_name: name, creator_email: email } = row;
  const creator = id !== null && embed.has('creator') ? { id, name, email } : refer(id);
  return {
    creator,
    updater: refer(row.updater_id),
    createdAt: writeTime(row.created_at),
    updatedAt: writeTime(row.updated_at),
    ...(row.deleted_at !== null && { deletedAt: writeTime(row.deleted_at) }),
  };
}

/** `role` is the caller's. */
export function showFlow(row: FlowRow, role: FlowRole, embed: Embed = none): Flow {
  const { id, name, description, owner_id, owner_name, owner_email } = row;
  const owner = embed.has('owner')
    ? { id: owner_id, name: owner_name, email: owner_email }
    : { id: owner_id };
  return { id, name, description, callerRole: shownFlowRoles[role], owner, ...showStamp(row, embed) };
}

function showNode(flowId: number, node: StoredNode): Graph['data'][number] {
  const { id, kind, name } = node;
  return {
    id,
    name,
    wrangled: kind === 'recipe',
    flow: { id: flowId },
    recipe: kind === 'recipe' ? { id } : null,
    importedDataset: refer(datasetIdOf(node)),
    withheld: describeWithholding(node),
  };
}

function describeWithholding({ name, withheld }: StoredNode): string | null {
  if (withheld === null) return null;
  const { message, hint } = withholding(name);
  return `${message} ${hint}`;
}

export function showNodes(flowId: number, graph: FlowGraph): Graph['data'] {
  return [...graph.values()].map((node) => showNode(flowId, node));
}

export function showGraph(flowId: number, graph: FlowGraph, outputs: readonly OutputRow[]): Graph {
  const edges = [...graph.values()].flatMap(({ id, inputIds, primaryInputId }) =>
    inputIds.map((input) => ({
      inputFlowNode: { id: input },
      outputFlowNode: { id },
      primary: input === primaryInputId,
    })),
  );
  const outputObjects = outputs.map(({ id, recipe_id, is_adhoc, engine, profiler }) => ({
    id,
    flowNode: { id: recipe_id },
    isAdhoc: is_adhoc === 1,
    engine,
    profiler: profiler === 1,
  }));
  return { data: showNodes(flowId, graph), edges, outputObjects };
}

export function showDataset(row: DatasetRow, embed: Embed = none): ImportedDataset {
  const { id, name, description, origin, uri, reading } = row;
  return {
    id,
    name,
    description,
    origin,
    uri: readWaitingUri(uri) ?? uri,
    pathPattern: row.pattern,
    format: reading.format,
    compression: reading.compression,
    options: reading.options as ImportedDataset['options'],
    given: reading.given as ImportedDataset['given'],
    columns: [...reading.columns],
    assumptions: [...reading.assumptions],
    size: row.size_bytes,
    fileVersion: row.file_version,
    owner: { id: row.owner_id },
    ...showStamp(row, embed),
  };
}

export function showRecipe(row: RecipeRow, embed: Embed = none): WrangledDataset {
  const { id, name, description, dialect, flow_id, primary_dataset_id: datasetId } = row;
  return {
    id,
    name,
    description,
    sql: row.sql_text,
    runnable: row.sql_text !== null || row.has_note === 0,
    dialect,
    flow: embed.has('flow') ? { id: flow_id, name: row.flow_name } : { id: flow_id },
    recipe: { id },
    wrangled: true,
    importedDataset: refer(datasetId),
    wrangledDataset: refer(datasetId === null ? row.primary_input_id : null),
    columns: row.columns === null ? null : [...row.columns],
    ...showStamp(row, embed),
  };
}

/** One thing that a recipe reads. */
export function showInput({ node, primary }: { node: StoredNode; primary: boolean }) {
  const { id, kind, name, columns } = node;
  return {
    id,
    name,
    wrangled: kind === 'recipe',
    primary,
    importedDataset: refer(datasetIdOf(node)),
    withheld: describeWithholding(node),
    recipe: kind === 'recipe' ? { id } : null,
    columns: columns === null ? null : [...columns],
  };
}

export function showOutput(
  row: OutputRow,
  settings: readonly WriteSettingRow[],
  embed: Embed = none,
): OutputObject {
  const { id, engine, recipe_id, flow_id } = row;
  return {
    id,
    execution: row.execution as OutputObject['execution'],
    engine,
    profiler: row.profiler === 1,
    isAdhoc: row.is_adhoc === 1,
    flowNodeId: recipe_id,
    flowNode: embed.has('flowNode') ? { id: recipe_id, name: row.recipe_name } : { id: recipe_id },
    flow: embed.has('flow') ? { id: flow_id, name: row.flow_name } : { id: flow_id },
    writeSettings: { data: settings.map((setting) => showWriteSetting(setting)) },
    ...showStamp(row, embed),
  };
}

export function showWriteSetting(row: WriteSettingRow, embed: Embed = none): WriteSetting {
  const { compression, ...rule } = row.rule;
  const zstd = compression === 'zstd';
  return {
    id: row.id,
    ...rule,
    compression: zstd ? 'none' : compression,
    zstd,
    outputObject: { id: row.output_id },
    ...showStamp(row, embed),
  };
}

/** Warnings as texts; the member is left out where there are none. */
export function showWarnings(warnings: readonly Warning[]): { warnings?: string[] } {
  if (warnings.length === 0) return {};
  return {
    warnings: warnings.map(
      ({ recipeId, recipeName, message }) =>
        `The recipe ${recipeName} (${recipeId}) is not valid any more: ${message}`,
    ),
  };
}

/** Tasks that a deletion would disable. */
export function showStopped({ visible, hidden }: StoppedTasks) {
  return {
    disabledWebhookFlowTasks: visible.map(({ id, name, flowId }) => ({ id, name, flow: { id: flowId } })),
    hiddenDisabledWebhookFlowTaskCount: hidden,
  };
}
