// Who may read and change a dataset: its owner both, whoever sees a flow that uses it may read it.
import { sql } from 'kysely';
import { Problem, notFound } from '../../base/error.ts';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { readDatasets, readUses, visibleDatasets, type DatasetRow } from './dataset-store.ts';
import type { FlowRoom } from '../flow-room.ts';

/** Throws `not_found` where the caller may not see the dataset, `forbidden` where it is another's and is to be changed. */
export async function requireDataset(
  { db }: FlowRoom,
  caller: Caller,
  id: number,
  need: 'read' | 'readDeleted' | 'change',
): Promise<DatasetRow> {
  const where = sql<boolean>`d.id = ${id} and ${visibleDatasets(caller)}`;
  const [row] = await readDatasets(db.read, { where, orderBy: sql`d.id`, page: sql`` });
  if (row === undefined || (row.deleted_at !== null && need !== 'readDeleted')) throw notFound('dataset', id);
  if (need === 'change') await requireInside(db.read, caller, id);
  if (need === 'change' && row.owner_id !== caller.personId && caller.role !== 'administrator')
    throw new Problem('forbidden', 'Only its owner changes a dataset: ask them, or make one of your own.');
  return row;
}

/** A token that is narrowed to flows changes nothing that flows outside of them read. */
async function requireInside(db: Read, { flowIds }: Caller, id: number): Promise<void> {
  if (flowIds === null) return;
  const uses = await readUses(db, id);
  if (uses.every(({ flowId }) => flowIds.includes(flowId))) return;
  throw new Problem(
    'forbidden',
    'Flows that this access token is not for read the dataset, too: change it with another token.',
  );
}
