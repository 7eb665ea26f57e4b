// A dataset comes into a flow: only where the flow may read it then; who owns the dataset lends it by putting it there.
import { Problem, notFound } from '../../base/error.ts';
import type { Tx } from '../../db/database.ts';
import type { Keeping, Kept } from '../../db/kept-answer.ts';
import type { Caller } from '../../people/caller.ts';
import { requireFlow } from '../../people/flow-access-store.ts';
import { announceFlow, type FlowRoom } from '../flow-room.ts';
import { lockFlow } from '../flow-store.ts';
import { ensureDatasetNode, findDatasetNode, removeDatasetNode } from '../graph-store.ts';
import { recheckFlow } from '../recipes/recheck.ts';
import { toRefusal } from '../refusal.ts';
import { requireDataset } from './dataset-access.ts';
import { findWithheld, withholding } from './dataset-leave.ts';

/** The dataset's node in the flow, whose lock the caller holds; throws `dataset_withheld` where the flow may not read it. */
export async function linkDataset(
  tx: Tx,
  caller: Caller,
  { flowId, datasetId }: { readonly flowId: number; readonly datasetId: number },
): Promise<number> {
  const isNew = (await findDatasetNode(tx, flowId, datasetId)) === undefined;
  const nodeId = await ensureDatasetNode(tx, flowId, datasetId);
  await passOn(tx, caller, { flowId, nodeId, isNew });
  const [withheld] = await findWithheld(tx, flowId, [datasetId]);
  // An administrator, who sees everything, lends only what would be withheld.
  const isLent =
    (withheld !== undefined && caller.role === 'administrator') || (await isOwner(tx, caller, datasetId));
  if (isLent) await tx.updateTable('flow_nodes').set({ lent: 1 }).where('id', '=', nodeId).execute();
  else if (withheld !== undefined) throw toRefusal(withholding(withheld.name), 'input');
  return nodeId;
}

/**
 * Who owns the flow adds by their own right. In a flow that was given to its owner an editor adds nothing by that right: who
 * gave it away would keep reading what only its new owner may.
 */
async function passOn(
  tx: Tx,
  { personId }: Caller,
  { flowId, nodeId, isNew }: { readonly flowId: number; readonly nodeId: number; readonly isNew: boolean },
): Promise<void> {
  const flow = await tx
    .selectFrom('flows')
    .select(['owner_id', 'creator_id'])
    .where('id', '=', flowId)
    .executeTakeFirstOrThrow();
  const isOwn = flow.owner_id === personId;
  if (!isOwn && (!isNew || flow.owner_id === flow.creator_id)) return;
  await tx
    .updateTable('flow_nodes')
    .set({ passed_on: isOwn ? 0 : 1 })
    .where('id', '=', nodeId)
    .execute();
}

async function isOwner(tx: Tx, caller: Caller, datasetId: number): Promise<boolean> {
  const own = await tx
    .selectFrom('datasets')
    .select('id')
    .where('id', '=', datasetId)
    .where('owner_id', '=', caller.personId)
    .executeTakeFirst();
  return own !== undefined;
}

/** The dataset's node in the flow; it is made where it is not there yet. Its owner lends it to the flow by that. */
export async function addToFlow(
  room: FlowRoom & Keeping,
  caller: Caller,
  id: number,
  flowId: number,
): Promise<Kept<{ id: number }>> {
  const { db } = room;
  await requireDataset(room, caller, id, 'read');
  await requireFlow(db.read, caller, flowId, 'editor');
  const node = await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    announceFlow(room, tx, flowId);
    return room.keep(tx, { id: await linkDataset(tx, caller, { flowId, datasetId: id }) });
  });
  // It may have been withheld until now, and have changed meanwhile.
  await recheckFlow(room, flowId, [node.id], { asker: caller.personId });
  return node;
}

/** Takes the dataset out of the flow; refused while a recipe there reads it. The dataset itself stays. */
export async function removeFromFlow(
  room: FlowRoom,
  caller: Caller,
  id: number,
  flowId: number,
): Promise<void> {
  await requireFlow(room.db.read, caller, flowId, 'editor');
  await room.db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    const nodeId = await findDatasetNode(tx, flowId, id);
    if (nodeId === undefined) throw notFound('dataset in the flow', id);
    await refuseRead(tx, nodeId);
    await removeDatasetNode(tx, nodeId);
    announceFlow(room, tx, flowId);
  });
}

async function refuseRead(tx: Tx, nodeId: number): Promise<void> {
  const readers = await tx
    .selectFrom('recipe_inputs')
    .innerJoin('recipes', 'recipes.id', 'recipe_inputs.recipe_id')
    .select(['recipes.id', 'recipes.name'])
    .where('recipe_inputs.input_id', '=', nodeId)
    .where('recipes.deleted_at', 'is', null)
    .orderBy('recipes.id')
    .execute();
  if (readers.length === 0) return;
  const names = readers.map((reader) => `${reader.name} (${reader.id})`).join(', ');
  throw new Problem(
    'conflict',
    `Recipes of this flow read it: ${names}. Give them another input or delete them first.`,
    [],
    { recipes: readers },
  );
}

/**
 * A flow gets another owner: what its owner until then owns of its datasets stays readable in it; the others are withheld
 * until the new owner, or the dataset's, adds them. Nobody asks the new owner, whose rights must open nothing by that.
 */
export async function lendOwn(
  tx: Tx,
  { flowId, ownerId }: { readonly flowId: number; readonly ownerId: number },
): Promise<void> {
  await tx
    .updateTable('flow_nodes')
    .set({ lent: 1 })
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .where('dataset_id', 'in', tx.selectFrom('datasets').select('id').where('owner_id', '=', ownerId))
    .execute();
  await tx
    .updateTable('flow_nodes')
    .set({ passed_on: 1 })
    .where('flow_id', '=', flowId)
    .where('kind', '=', 'dataset')
    .where('lent', '=', 0)
    .where('deleted_at', 'is', null)
    .execute();
}
