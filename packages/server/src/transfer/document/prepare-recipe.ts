// The recipes of a document as they would be: their SQL is checked against each other before anything is written.
import { Problem } from '../../base/error.ts';
import type { Asker } from '../../base/turn.ts';
import { foldName } from '@flowhook/contract/flow/name';
import type { DocumentRecipe, FlowDocumentGiven } from '@flowhook/contract/flow/flow-document';
import type { Engine, Parameter } from '../../engine/engine.ts';
import { toDatasetNode, type FlowGraph, type StoredNode } from '../../flows/graph-store.ts';
import { toRefusal } from '../../flows/refusal.ts';
import { checkDraft, type Checked } from '../../flows/recipes/recipe-check.ts';
import { orderDownstream, orderUpstream } from '../../flows/recipes/recipe-graph.ts';
import { plainText } from './document-item.ts';
import type { Change } from './document-plan.ts';
import { placeSqlFault } from './sql-fault.ts';
import type { PreparedDataset } from './prepare-dataset.ts';
import type { StoredDocument } from './read-document.ts';

export interface PreparedRecipe {
  readonly recipe: DocumentRecipe;
  /** The recipe as it will be. Ids that are negative stand for what is made with it. */
  readonly node: StoredNode;
  /** Null for a new one. */
  readonly before: StoredNode | null;
}

export interface PreparedRecipes {
  readonly recipes: readonly PreparedRecipe[];
  readonly warnings: readonly string[];
}

export interface RecipeSurroundings {
  readonly engine: Engine;
  readonly asker: Asker;
  readonly parameters: readonly Parameter[];
  readonly stored: StoredDocument | null;
  readonly datasets: readonly PreparedDataset[];
  readonly changes: readonly Change[];
}

/** Ids of new recipes lie below those of new datasets. */
const firstNewId = -100_000;

/** Throws `sql_invalid` for the first recipe that does not work and is new, changed, or worked before. */
export async function prepareRecipes(
  around: RecipeSurroundings,
  document: FlowDocumentGiven,
): Promise<PreparedRecipes> {
  const drafts = listDrafts(around, document);
  const graph = new Map(
    [
      ...around.datasets.map(({ nodeId, row }) => toDatasetNode(nodeId, row)),
      ...drafts.map(({ node }) => node),
    ].map((node): [number, StoredNode] => [node.id, node]),
  );
  const toCheck = chooseChecked(around, drafts, graph);
  const kept = new Set(drafts.filter(isKept).map(({ node }) => node.id));
  const failed = await checkAll(around, graph, { order: orderByText(graph, toCheck), kept });
  const warnings = [];
  for (const [id, { failure }] of failed) {
    const index = drafts.findIndex(({ node }) => node.id === id);
    const { node, before } = drafts[index]!;
    if (!kept.has(id) || before!.columns !== null)
      throw placeSqlFault(toRefusal(failure, 'sql'), document, index);
    warnings.push(`The recipe ${node.name} does not work as things are, as before: ${failure.message}`);
  }
  const recipes = drafts.map((draft) => ({ ...draft, node: withoutGone(graph, graph.get(draft.node.id)!) }));
  return { recipes, warnings };
}

/** A recipe that does not work may still name what goes. */
function withoutGone(graph: FlowGraph, node: StoredNode): StoredNode {
  return { ...node, inputIds: node.inputIds.filter((id) => graph.has(id)) };
}

function listDrafts(
  { stored, datasets }: RecipeSurroundings,
  { recipes }: FlowDocumentGiven,
): PreparedRecipe[] {
  const known = [...(stored?.graph.values() ?? [])].filter(({ kind }) => kind === 'recipe');
  const before = recipes.map(
    ({ name }) => known.find((node) => foldName(node.name) === foldName(name)) ?? null,
  );
  const ids = new Map(
    recipes.map(({ name }, index) => [foldName(name), before[index]?.id ?? firstNewId - index]),
  );
  const datasetIds = new Map(datasets.map(({ nodeId, row }) => [foldName(row.name), nodeId]));
  const find = (input: DocumentRecipe['input']) => {
    if (input === null) return null;
    const [all, name] =
      'dataset' in input ? ([datasetIds, input.dataset] as const) : ([ids, input.recipe] as const);
    return all.get(foldName(name)) ?? null;
  };
  return recipes.map((recipe, index) => {
    const node = toNode(recipe, ids.get(foldName(recipe.name))!, find(recipe.input), before[index]!);
    return { recipe, node, before: before[index]! };
  });
}

function toNode(
  recipe: DocumentRecipe,
  id: number,
  primaryInputId: number | null,
  before: StoredNode | null,
): StoredNode {
  const { name, waitsForSql } = recipe;
  const isBlank = recipe.sql === null || recipe.sql.trim() === '';
  // Line ends alone are no change.
  const isSameText = before !== null && plainText(before.sql) === plainText(recipe.sql);
  const sql = isSameText ? before.sql : isBlank ? null : recipe.sql;
  const node = {
    id,
    kind: 'recipe' as const,
    name,
    sql,
    primaryInputId,
    readsByName: sql !== null,
    waitsForSql,
  };
  const found = { inputIds: before?.inputIds ?? [], columns: before?.columns ?? null };
  return { ...node, ...found, dataset: null, withheld: null, updatedAt: before?.updatedAt ?? 0 };
}

/** What a check of it depends on is as it was, as far as the recipe itself says. */
function isKept({ before, node }: PreparedRecipe): boolean {
  const parts = ({ name, sql, primaryInputId, waitsForSql }: StoredNode) => [
    name,
    sql,
    primaryInputId,
    waitsForSql,
  ];
  return before !== null && JSON.stringify(parts(before)) === JSON.stringify(parts(node));
}

/** New and changed recipes, what reads something that changes or goes, and what did not work before. */
function chooseChecked(
  { stored, datasets, changes }: RecipeSurroundings,
  drafts: readonly PreparedRecipe[],
  graph: FlowGraph,
): StoredNode[] {
  const all = drafts.map(({ node }) => node);
  if (stored === null || changes.some(({ kind }) => kind === 'parameter')) return all;
  const gone = [...stored.graph.keys()].filter((id) => !graph.has(id));
  const read = datasets.filter(({ act }) => act.kind === 'change').map(({ nodeId }) => nodeId);
  const changed = drafts.filter((draft) => !isKept(draft));
  const began = [...gone, ...read, ...changed.map(({ node }) => node.id)];
  const reached = new Set(orderDownstream(new Map([...stored.graph, ...graph]), began).map(({ id }) => id));
  return all.filter(({ id, columns }) => columns === null || reached.has(id) || began.includes(id));
}

/** Each after the recipes whose names stand in its SQL: what it reads is among them. */
function orderByText(graph: FlowGraph, toCheck: readonly StoredNode[]): StoredNode[] {
  const names = toCheck.map(({ id, name }) => ({ id, name: foldName(name) }));
  const mentioning = toCheck.map((node) => {
    const text = foldName(node.sql ?? '');
    const named = names.filter(({ id, name }) => id !== node.id && text.includes(name)).map(({ id }) => id);
    return { ...node, inputIds: node.primaryInputId === null ? named : [node.primaryInputId, ...named] };
  });
  const order = orderUpstream(
    new Map(mentioning.map((node) => [node.id, node])),
    toCheck.map(({ id }) => id),
  );
  return order.map(({ id }) => graph.get(id)!);
}

type Failed = Checked & { readonly ok: false };

/** A hundred recipes take some seconds; what takes longer would go on after its caller has gone. */
const maxCheckMs = 60_000;

/** Puts into the graph what the checks find. Those that fail are tried again after the others, which they may read. */
async function checkAll(
  { engine, asker, parameters }: RecipeSurroundings,
  graph: Map<number, StoredNode>,
  { order, kept }: { readonly order: readonly StoredNode[]; readonly kept: ReadonlySet<number> },
): Promise<Map<number, Failed>> {
  const unknown = new Set(order.map(({ id }) => id));
  for (const id of unknown) graph.set(id, { ...graph.get(id)!, columns: null });
  let left = order;
  const until = performance.now() + maxCheckMs;
  for (;;) {
    const failed = new Map<number, Failed>();
    for (const { id } of left) {
      if (performance.now() > until) throw tooManyChecks();
      const node = graph.get(id)!;
      const checked = await checkDraft(engine, graph, node, {
        asker,
        parameters,
        preferred: kept.has(id) ? node.inputIds : [],
      });
      if (checked.ok) graph.set(id, { ...node, columns: checked.columns, inputIds: checked.inputIds });
      else if (checked.failure.reason === 'sql_error') failed.set(id, checked);
      else throw toRefusal(checked.failure, 'recipes');
    }
    if (failed.size === 0 || failed.size === left.length) return failed;
    left = left.filter(({ id }) => failed.has(id));
  }
}

function tooManyChecks(): Problem {
  const detail = `take longer than ${maxCheckMs / 1000} s to check: put fewer of them at once.`;
  return new Problem('limit_reached', `The document's recipes ${detail}`, [{ field: 'recipes', detail }]);
}
