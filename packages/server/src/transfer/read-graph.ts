// Datasets and recipes of a packed flow, each after what it reads; wrong references and circles are refused.
import { dropUndefined } from '../base/drop-undefined.ts';
import { invalidField } from '../base/error.ts';
import { emptyReading, type DatasetPart, type Key, type RecipePart } from './flow-content.ts';
import { orderByInputs } from './input-order.ts';
import type { ImportReport } from './import-report.ts';
import type { PackedDatasource, PackedFlow } from './package-shape.ts';

type PackedNode = PackedFlow['flownodes'][number];
type PackedRecipe = PackedFlow['recipes'][number];

export interface ReadGraph {
  readonly datasets: readonly DatasetPart[];
  readonly recipes: readonly RecipePart[];
}

export function readPackedGraph(flow: PackedFlow, path: string, report: ImportReport): ReadGraph {
  const nodes = indexOnce(flow.flownodes, `${path}.flownodes`);
  const recipes = indexOnce(flow.recipes, `${path}.recipes`);
  indexOnce(flow.datasources, `${path}.datasources`);
  const sources = new Map(flow.datasources.map((source) => [source.parsingScriptId ?? -1, source]));
  const inputs = readEdges(flow, nodes, path);
  const order = orderNodes(nodes, inputs, path);
  const scriptOf = ({ id, scriptId }: PackedNode): PackedRecipe => {
    const recipe = recipes.get(scriptId);
    if (recipe !== undefined) return recipe;
    const index = flow.flownodes.findIndex((node) => node.id === id);
    const detail = `names no recipe: there is none with id ${scriptId}.`;
    throw invalidField(`${path}.flownodes[${index}].scriptId`, detail);
  };
  const place = new Map(order.map(({ id }, index) => [id, index]));
  const readers = order.filter(({ wrangled }) => wrangled);
  return {
    datasets: order
      .filter(({ wrangled }) => !wrangled)
      .map((node) => toDataset(node, scriptOf(node), sources.get(node.scriptId), report)),
    recipes: readers.map((node) =>
      toRecipe(node.id, scriptOf(node), sortInputs(inputs.get(node.id) ?? [], place), report),
    ),
  };
}

/** By id; throws where one is given twice. */
export function indexOnce<Item extends { readonly id: number }>(
  items: readonly Item[],
  path: string,
): Map<number, Item> {
  const index = new Map<number, Item>();
  for (const [place, item] of items.entries()) {
    if (index.has(item.id)) throw invalidField(`${path}[${place}].id`, `${item.id} is given twice.`);
    index.set(item.id, item);
  }
  return index;
}

interface Input {
  readonly key: Key;
  readonly primary: boolean;
}

function readEdges(
  { flowedges }: PackedFlow,
  nodes: ReadonlyMap<number, PackedNode>,
  path: string,
): Map<Key, Input[]> {
  const inputs = new Map<Key, Input[]>();
  for (const [index, edge] of flowedges.entries()) {
    for (const member of ['inFlowNodeId', 'outFlowNodeId'] as const)
      if (!nodes.has(edge[member]))
        throw invalidField(
          `${path}.flowedges[${index}].${member}`,
          `names no flow node: there is none with id ${edge[member]}.`,
        );
    if (!nodes.get(edge.outFlowNodeId)!.wrangled)
      throw invalidField(`${path}.flowedges[${index}].outFlowNodeId`, 'is a dataset: datasets read nothing.');
    const known = inputs.get(edge.outFlowNodeId) ?? [];
    if (!known.some(({ key }) => key === edge.inFlowNodeId))
      known.push({ key: edge.inFlowNodeId, primary: edge.primary ?? known.length === 0 });
    inputs.set(edge.outFlowNodeId, known);
  }
  return inputs;
}

function orderNodes(
  nodes: ReadonlyMap<number, PackedNode>,
  inputs: ReadonlyMap<Key, readonly Input[]>,
  path: string,
): PackedNode[] {
  const order = orderByInputs([...nodes.keys()], (key) => (inputs.get(key) ?? []).map((input) => input.key));
  if (order.length === nodes.size) return order.map((key) => nodes.get(key)!);
  const done = new Set(order);
  const caught = [...nodes.keys()].filter((key) => !done.has(key)).slice(0, 20);
  throw invalidField(
    `${path}.flowedges`,
    `let flow nodes read each other in a circle: ${caught.join(', ')}.`,
  );
}

function toDataset(
  { id, referenceId }: PackedNode,
  script: PackedRecipe,
  source: PackedDatasource | undefined,
  report: ImportReport,
): DatasetPart {
  const reference = source === undefined ? null : findReference(source);
  const name = script.name || reference?.split('/').at(-1) || `Dataset ${id}`;
  if (script.steps.length > 0)
    report.warnings.push(
      `The steps by which ${name} was parsed are not run here: look at how its file is read.`,
    );
  if (referenceId != null)
    report.warnings.push(`${name} is a reference to a recipe of another flow: give it a file.`);
  const { format, compression, given, columns, pathPattern } = source?.flowhook ?? {};
  const said = {
    ...(given?.format !== undefined && { format: given.format }),
    ...(given?.compression !== undefined && { compression: given.compression }),
    options: dropUndefined(given?.options ?? {}),
  };
  const reading = emptyReading(said);
  return {
    key: id,
    name: name.slice(0, 255),
    description: source?.description ?? null,
    source: { kind: 'waiting', reference: reference ?? name },
    pattern: pathPattern == null ? null : { files: pathPattern.files, defaults: pathPattern.defaults ?? {} },
    reading: {
      ...reading,
      ...(format !== undefined && { format }),
      ...(compression !== undefined && { compression }),
      columns: columns ?? [],
    },
  };
}

/** Where the rows were: an address, a path, or a table. */
function findReference({ storageLocation, path, relationalsource, type }: PackedDatasource): string | null {
  const { tableName, relationalPath = [] } = relationalsource ?? {};
  if (tableName != null) return `${type ?? 'table'}://${[...relationalPath, tableName].join('/')}`;
  return storageLocation?.fullUri || path || storageLocation?.path || null;
}

/** In the order of the nodes, whatever ids they have. */
function sortInputs(inputs: readonly Input[], place: ReadonlyMap<Key, number>): Input[] {
  return inputs.toSorted((a, b) => place.get(a.key)! - place.get(b.key)!);
}

function toRecipe(
  key: Key,
  { name, description, sql, steps }: PackedRecipe,
  inputs: readonly Input[],
  report: ImportReport,
): RecipePart {
  const title = name || `Recipe ${key}`;
  const text = sql?.trim() ? sql : null;
  const note = steps.length === 0 ? null : JSON.stringify(steps);
  if (text === null && note !== null)
    report.warnings.push(
      `The recipe ${title} can't be run until its SQL is written: its steps are kept as a note.`,
    );
  if (text === null && inputs.length === 0)
    report.warnings.push(`The recipe ${title} has neither SQL nor an input: give it one of them.`);
  return {
    key,
    name: title,
    description: description ?? null,
    sql: text,
    note,
    inputs: inputs.map((input) => input.key),
    primary: inputs.find(({ primary }) => primary)?.key ?? null,
  };
}
