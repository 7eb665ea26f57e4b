// A node of a flow with all that it reads, as one query of an engine.
import type { Asker } from '../../base/turn.ts';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Problem } from '../../base/error.ts';
import type { Parameter, PreviewResult, Query } from '../../engine/engine.ts';
import type { InputFile } from '../../engine/dataset.ts';
import { withholding } from '../datasets/dataset-leave.ts';
import type { DatasetRow } from '../datasets/dataset-store.ts';
import { nameStoredFile, type Locations } from '../datasets/location.ts';
import { toInput } from '../datasets/pattern-file.ts';
import type { FlowRoom } from '../flow-room.ts';
import type { FlowGraph } from '../graph-store.ts';
import { toDataset, toRecipe } from './recipe-check.ts';
import { nameApart, orderUpstream } from './recipe-graph.ts';
import { toRefusal } from '../refusal.ts';

export interface ComposedQuery {
  readonly query: Query;
  /** The datasets that are read, by the names that the query has for them. */
  readonly inputs: readonly {
    readonly id: number;
    readonly name: string;
    readonly uris: readonly string[];
  }[];
}

/** Everything that the node reaches, each under a name of its own, with the paths at which files lie now. */
export async function composeQuery(
  { locations }: FlowRoom,
  graph: FlowGraph,
  nodeId: number,
  parameters: readonly Parameter[] = [],
): Promise<ComposedQuery> {
  const nodes = orderUpstream(graph, [nodeId]);
  const names = nameApart(nodes);
  if (!(names instanceof Map))
    throw new Problem(
      'conflict',
      `Two different things are read as ${names.clash[0].name} on the way to this recipe: rename one of them.`,
    );
  const withheld = nodes.find((node) => node.withheld !== null);
  if (withheld !== undefined) throw toRefusal(withholding(withheld.name), 'sql');
  const waiting = nodes.find(({ waitsForSql }) => waitsForSql);
  if (waiting !== undefined)
    throw new Problem(
      'conflict',
      `The recipe ${waiting.name} came without SQL; its steps are kept as a note. Write its SQL first.`,
      [],
      { recipes: [{ id: waiting.id, name: waiting.name }] },
    );
  const nameOf = (id: number) => names.get(id) ?? '';
  const datasets = [];
  const inputs = [];
  for (const { id, dataset } of nodes) {
    if (dataset === null) continue;
    const name = nameOf(id);
    const files = await findFiles(locations, dataset, parameters);
    datasets.push(toDataset(dataset, name, files));
    const uris = dataset.pattern === null ? [dataset.uri] : files.map((file) => pathToFileURL(file.uri).href);
    inputs.push({ id: dataset.id, name, uris });
  }
  const recipes = nodes.filter(({ kind }) => kind === 'recipe').map((node) => toRecipe(node, nameOf));
  return { query: { datasets, recipes, target: nameOf(nodeId), parameters }, inputs };
}

/**
 * Where the dataset's files lie now. A pattern that no file fits stands for itself: the run says that it is missing,
 * and a schedule tries again at its next time.
 */
export async function findFiles(
  locations: Locations,
  { uri, pattern }: Pick<DatasetRow, 'uri' | 'pattern'>,
  parameters: readonly Parameter[],
): Promise<InputFile[]> {
  const name = nameStoredFile(uri);
  if (pattern === null) {
    const path = await locations.resolveStored(uri);
    return [uri.startsWith('file:') ? toInput({ uri, path }) : { uri: path, name }];
  }
  const found = await locations.resolvePattern(uri, pattern, parameters);
  if (found.length === 0) return [{ uri: fileURLToPath(uri), name }];
  return found.map(toInput);
}

export interface PreviewOptions {
  readonly limit: number;
  /** Who asks. */
  readonly asker: Asker;
  readonly signal?: AbortSignal;
  readonly parameters?: readonly Parameter[];
}

/** The first rows of a node; throws what the engine refused. */
export async function previewNode(
  room: FlowRoom,
  graph: FlowGraph,
  nodeId: number,
  { limit, asker, signal, parameters = [] }: PreviewOptions,
): Promise<PreviewResult & { ok: true }> {
  const { query } = await composeQuery(room, graph, nodeId, parameters);
  const result = await room.engine.preview(query, { limit, asker, ...(signal !== undefined && { signal }) });
  if (!result.ok) throw toRefusal(result.failure, 'sql');
  return result;
}
