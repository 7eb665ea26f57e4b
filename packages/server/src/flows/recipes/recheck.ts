// After a change: the recipes that read what has changed are checked again, and those that no longer work are named.
import type { Asker } from '../../base/turn.ts';
import type { Parameter } from '../../engine/engine.ts';
import { readDefaults } from '../default-value.ts';
import { lockFlow } from '../flow-store.ts';
import type { FlowRoom } from '../flow-room.ts';
import { readGraph, type FlowGraph, type StoredNode } from '../graph-store.ts';
import { checkDraft } from './recipe-check.ts';
import { orderDownstream, orderUpstream } from './recipe-graph.ts';
import { storeCheck } from './recipe-store.ts';

/** A recipe that reads what was changed and no longer validates. */
export interface Warning {
  readonly recipeId: number;
  readonly recipeName: string;
  readonly message: string;
}

interface Rechecked {
  readonly node: StoredNode;
  readonly after: StoredNode;
}

/**
 * Checks what reads `changedIds`, directly or not (with `themselves` those too), and what did not validate before;
 * stores the columns and inputs that it found. A change is never refused for what reads it: a broken recipe has no
 * columns until it is mended.
 */
export async function recheckFlow(
  room: FlowRoom,
  flowId: number,
  changedIds: readonly number[],
  { asker, themselves = false }: { readonly asker: Asker; readonly themselves?: boolean },
): Promise<Warning[]> {
  const { db } = room;
  const graph = await readGraph(db.read, flowId);
  const parameters = await readDefaults(room, flowId);
  const { rechecked, warnings } = await recheckGraph(room, graph, {
    asker,
    changedIds,
    themselves,
    parameters,
  });
  const changed = rechecked.filter(({ node, after }) => !isSame(node, after));
  if (changed.length > 0)
    await db.transaction(async (tx) => {
      await lockFlow(tx, flowId);
      for (const { node, after } of changed) await storeCheck(tx, node, after);
    });
  return warnings;
}

interface Recheck {
  readonly asker: Asker;
  readonly changedIds: readonly number[];
  readonly themselves: boolean;
  readonly parameters: readonly Parameter[];
}

async function recheckGraph(
  room: FlowRoom,
  graph: FlowGraph,
  { asker, changedIds, themselves, parameters }: Recheck,
) {
  const broken = [...graph.values()]
    .filter(({ kind, columns }) => kind === 'recipe' && columns === null)
    .map(({ id }) => id);
  const changed = changedIds.map((id) => graph.get(id)).filter((node) => node !== undefined);
  const dependents = new Set([...orderDownstream(graph, changedIds), ...(themselves ? changed : [])]);
  const toCheck = new Set([
    ...dependents,
    ...orderDownstream(graph, broken),
    ...broken.map((id) => graph.get(id)!),
  ]);
  const current = new Map(graph);
  const rechecked: Rechecked[] = [];
  const warnings: Warning[] = [];
  for (const node of orderUpstream(graph, [...graph.keys()])) {
    if (!toCheck.has(node)) continue;
    const { after, message } = await recheck(room, current, node, { asker, parameters });
    current.set(node.id, after);
    rechecked.push({ node, after });
    if (message !== null && dependents.has(node))
      warnings.push({ recipeId: node.id, recipeName: node.name, message });
  }
  return { rechecked, warnings };
}

async function recheck(
  { engine }: FlowRoom,
  graph: FlowGraph,
  node: StoredNode,
  context: Pick<Recheck, 'asker' | 'parameters'>,
): Promise<{ after: StoredNode; message: string | null }> {
  const checked = await checkDraft(engine, graph, node, { ...context, preferred: node.inputIds });
  if (checked.ok)
    return { after: { ...node, columns: checked.columns, inputIds: checked.inputIds }, message: null };
  // What keeps the check itself from running says nothing about the recipe.
  if (checked.failure.reason !== 'sql_error') return { after: node, message: checked.failure.message };
  return { after: { ...node, columns: null }, message: checked.failure.message };
}

function isSame(a: StoredNode, b: StoredNode): boolean {
  return JSON.stringify([a.columns, a.inputIds]) === JSON.stringify([b.columns, b.inputIds]);
}
