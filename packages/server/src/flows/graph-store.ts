// A flow's graph as it is stored: its datasets and recipes, what each reads, which columns each gives.
import { sql } from 'kysely';
import { notFound } from '../base/error.ts';
import type { Read, Tx } from '../db/database.ts';
import type { Column } from '../engine/dataset.ts';
import { mayRead } from './datasets/dataset-leave.ts';
import { readDatasets, type DatasetRow } from './datasets/dataset-store.ts';
import type { Graph, GraphNode } from './recipes/recipe-graph.ts';

export interface StoredNode extends GraphNode {
  /** Null for recipes, and for a dataset that the flow may not read. */
  readonly dataset: DatasetRow | null;
  /** The id of a dataset that the flow may not read: nothing of it but its name is here. */
  readonly withheld: number | null;
  /** Recipes only. */
  readonly sql: string | null;
  /** Null for a recipe that does not validate, and for what is withheld. */
  readonly columns: readonly Column[] | null;
  /** A recipe that came with steps of another language, and has no SQL yet. */
  readonly waitsForSql: boolean;
  /** Recipes only: when it was changed. */
  readonly updatedAt: number;
}

export type FlowGraph = Graph<StoredNode>;

interface RecipeRow {
  readonly id: number;
  readonly name: string;
  readonly sql_text: string | null;
  readonly primary_input_id: number | null;
  readonly columns: string | null;
  readonly updated_at: number;
  readonly note_of: number | null;
}

export async function readGraph(db: Read, flowId: number): Promise<FlowGraph> {
  return (await readGraphs(db, [flowId])).get(flowId)!;
}

/** The graphs of several flows by as many statements as one takes; the list must not be empty. */
export async function readGraphs(db: Read, flowIds: readonly number[]): Promise<Map<number, FlowGraph>> {
  const nodes = await readDatasetNodes(db, flowIds);
  const recipes = await db
    .selectFrom('recipes')
    .leftJoin('recipe_notes', 'recipe_notes.recipe_id', 'recipes.id')
    .select(['id', 'flow_id', 'name', 'sql_text', 'primary_input_id', 'columns', 'updated_at'])
    .select('recipe_id as note_of')
    .where('flow_id', 'in', flowIds)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
  const inputs = await readInputs(db, flowIds);
  const ofFlow = Map.groupBy(recipes, (row) => row.flow_id);
  return new Map(
    flowIds.map((flowId) => {
      const own = (ofFlow.get(flowId) ?? []).map((row) => toRecipeNode(row, inputs.get(row.id) ?? []));
      const all = [...(nodes.get(flowId) ?? []), ...own];
      return [flowId, new Map(all.map((node) => [node.id, node]))];
    }),
  );
}

interface NodeRow {
  readonly id: number;
  readonly flow_id: number;
  readonly dataset_id: number;
  readonly readable: number;
}

async function readDatasetNodes(db: Read, flowIds: readonly number[]): Promise<Map<number, StoredNode[]>> {
  const { rows: nodes } = await sql<NodeRow>`
    select n.id, n.flow_id, n.dataset_id, case when ${mayRead} then 1 else 0 end as readable
    from flow_nodes n join flows f on f.id = n.flow_id join datasets d on d.id = n.dataset_id
    where n.flow_id in (${sql.join([...flowIds])}) and n.kind = 'dataset' and n.deleted_at is null
    order by n.id`.execute(db);
  if (nodes.length === 0) return new Map();
  const ids = [...new Set(nodes.map(({ dataset_id }) => dataset_id))];
  const where = sql<boolean>`d.id in (${sql.join(ids)})`;
  const datasets = await readDatasets(db, { where, orderBy: sql`d.id`, page: sql`` });
  const byId = new Map(datasets.map((dataset) => [dataset.id, dataset]));
  const found = new Map<number, StoredNode[]>();
  for (const { id, flow_id: flowId, dataset_id, readable } of nodes) {
    const node = toDatasetNode(id, byId.get(dataset_id)!);
    found.set(flowId, [...(found.get(flowId) ?? []), readable === 1 ? node : withhold(node)]);
  }
  return found;
}

export function toDatasetNode(id: number, dataset: DatasetRow): StoredNode {
  return {
    id,
    kind: 'dataset',
    name: dataset.name,
    inputIds: [],
    primaryInputId: null,
    readsByName: false,
    dataset,
    withheld: null,
    sql: null,
    columns: dataset.reading.columns,
    waitsForSql: false,
    updatedAt: dataset.updated_at,
  };
}

/** Whoever works with the graph can show nothing of it, since there is nothing. */
function withhold(node: StoredNode): StoredNode {
  return { ...node, dataset: null, withheld: node.dataset!.id, columns: null, updatedAt: 0 };
}

/** The dataset of a node, also where it is withheld; null for a recipe. */
export function datasetIdOf({ dataset, withheld }: Pick<StoredNode, 'dataset' | 'withheld'>): number | null {
  return dataset?.id ?? withheld;
}

function toRecipeNode(row: RecipeRow, inputIds: readonly number[]): StoredNode {
  return {
    id: row.id,
    kind: 'recipe',
    name: row.name,
    inputIds,
    primaryInputId: row.primary_input_id,
    readsByName: row.sql_text !== null,
    dataset: null,
    withheld: null,
    sql: row.sql_text,
    columns: row.columns === null ? null : (JSON.parse(row.columns) as Column[]),
    waitsForSql: row.sql_text === null && row.note_of !== null,
    updatedAt: row.updated_at,
  };
}

async function readInputs(db: Read, flowIds: readonly number[]): Promise<Map<number, number[]>> {
  const edges = await db
    .selectFrom('recipe_inputs')
    .innerJoin('recipes', 'recipes.id', 'recipe_inputs.recipe_id')
    .select(['recipe_id', 'input_id'])
    .where('recipes.flow_id', 'in', flowIds)
    .where('recipes.deleted_at', 'is', null)
    .orderBy('recipe_id')
    .orderBy('input_id')
    .execute();
  const inputs = Map.groupBy(edges, ({ recipe_id }) => recipe_id);
  return new Map([...inputs].map(([id, rows]) => [id, rows.map(({ input_id }) => input_id)]));
}

/** The dataset's node in the flow; made if it is not there. The caller holds the lock on the flow's row. */
export async function ensureDatasetNode(tx: Tx, flowId: number, datasetId: number): Promise<number> {
  await requireLiveDataset(tx, datasetId);
  const found = await findDatasetNode(tx, flowId, datasetId);
  if (found !== undefined) return found;
  const node = { flow_id: flowId, kind: 'dataset', dataset_id: datasetId } as const;
  const { id } = await tx
    .insertInto('flow_nodes')
    .values({ ...node, created_at: tx.now })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** The id of the node, where the flow holds the dataset. */
export async function findDatasetNode(
  tx: Tx,
  flowId: number,
  datasetId: number,
): Promise<number | undefined> {
  const found = await tx
    .selectFrom('flow_nodes')
    .select('id')
    .where('flow_id', '=', flowId)
    .where('dataset_id', '=', datasetId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return found?.id;
}

/** Takes a dataset out of a flow whose recipes read it no longer; the dataset itself stays. */
export async function removeDatasetNode(tx: Tx, nodeId: number): Promise<void> {
  await tx.updateTable('flow_nodes').set({ deleted_at: tx.now }).where('id', '=', nodeId).execute();
}

/** A deletion that is under way waits for this transaction, or this one for it: both update the dataset's row. */
async function requireLiveDataset(tx: Tx, datasetId: number): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('datasets')
    .set((eb) => ({ file_version: eb.ref('file_version') }))
    .where('id', '=', datasetId)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw notFound('dataset', datasetId);
}
