// What a recipe gives and reads: its first rows, its inputs.
import type { PreviewResult } from '../../engine/engine.ts';
import type { Caller } from '../../people/caller.ts';
import { readDefaults } from '../default-value.ts';
import type { FlowRoom } from '../flow-room.ts';
import { readGraph } from '../graph-store.ts';
import { previewNode } from './query.ts';
import { requireRecipe } from './recipe.ts';

export async function previewRecipe(
  room: FlowRoom,
  caller: Caller,
  id: number,
  options: { readonly limit: number; readonly signal?: AbortSignal },
): Promise<PreviewResult & { ok: true }> {
  const { flow_id: flowId } = await requireRecipe(room, caller, id, 'viewer');
  const parameters = await readDefaults(room, flowId);
  return previewNode(room, await readGraph(room.db.read, flowId), id, {
    ...options,
    parameters,
    asker: caller.personId,
  });
}

/** What a recipe reads, as nodes of its flow. */
export async function readRecipeInputs(room: FlowRoom, caller: Caller, id: number) {
  const { flow_id: flowId, primary_input_id: primary } = await requireRecipe(room, caller, id, 'viewer');
  const graph = await readGraph(room.db.read, flowId);
  const inputIds = graph.get(id)?.inputIds ?? [];
  return inputIds.map((input) => ({ node: graph.get(input)!, primary: input === primary }));
}
