// Deleting a recipe, and what would go with it.
import { Problem } from '../../base/error.ts';
import type { Caller } from '../../people/caller.ts';
import { announceFlow, type FlowRoom } from '../flow-room.ts';
import { lockFlow } from '../flow-store.ts';
import { readGraph, type FlowGraph } from '../graph-store.ts';
import { requireRecipe } from './recipe.ts';
import { orderDownstream } from './recipe-graph.ts';
import { markRecipeDeleted, type RecipeRow } from './recipe-store.ts';

/** Deletes a recipe with its outputs; refused while other recipes read it. */
export async function removeRecipe(room: FlowRoom, caller: Caller, id: number): Promise<void> {
  const { db, hooks } = room;
  const { flow_id: flowId } = await requireRecipe(room, caller, id, 'editor');
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    const graph = await readGraph(tx, flowId);
    const readers = listReaders(graph, id);
    if (readers.length > 0) throw readBy(readers);
    await hooks.recipeDeleted(tx, { flowId, recipeId: id, personId: caller.personId });
    await markRecipeDeleted(tx, caller.personId, id);
    announceFlow(room, tx, flowId);
  });
}

export interface RecipeDeletion {
  readonly recipe: RecipeRow;
  readonly outputIds: readonly number[];
  readonly readers: readonly { readonly id: number; readonly name: string }[];
}

/** What would go with a recipe, and what keeps it. */
export async function describeRecipeDeletion(
  room: FlowRoom,
  caller: Caller,
  id: number,
): Promise<RecipeDeletion> {
  const { read } = room.db;
  const recipe = await requireRecipe(room, caller, id, 'viewer');
  const graph = await readGraph(read, recipe.flow_id);
  const outputs = await read
    .selectFrom('outputs')
    .select('id')
    .where('recipe_id', '=', id)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
  return {
    recipe,
    outputIds: outputs.map((output) => output.id),
    readers: listReaders(graph, id).map((node) => ({ id: node.id, name: node.name })),
  };
}

function listReaders(graph: FlowGraph, id: number) {
  return orderDownstream(graph, [id]).filter(({ inputIds }) => inputIds.includes(id));
}

function readBy(readers: readonly { id: number; name: string }[]): Problem {
  const names = readers.map(({ name }) => name).join(', ');
  return new Problem(
    'conflict',
    `The recipe is read by ${names}: change or delete what reads it first.`,
    [],
    { recipes: readers.map(({ id, name }) => ({ id, name })) },
  );
}
