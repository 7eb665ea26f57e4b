// The flows that hold a dataset, as its owner sees them, and the end of a loan.
import { sql } from 'kysely';
import { Problem, notFound } from '../../base/error.ts';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { readFlowRoles } from '../../people/flow-access-store.ts';
import { writeAudit } from '../../workspace/audit-log.ts';
import { requireUnbound } from '../flow.ts';
import { announceFlow, type FlowRoom } from '../flow-room.ts';
import { requireDataset } from './dataset-access.ts';
import { leaveText, type Leave } from './dataset-leave.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

export interface DatasetUse {
  readonly id: number;
  /** Null where the caller may not see it: that it is there is the owner's business, its name is not. */
  readonly flow: Named | null;
  readonly owner: Named & { readonly email: string };
  readonly leave: Leave;
  /** Flows of the dataset's owner that the flow's owner sees it by. */
  readonly sharedBy: Named[];
}

/** In the order of the flows; for the dataset's owner and administrators. */
export async function listUses(room: FlowRoom, caller: Caller, datasetId: number): Promise<DatasetUse[]> {
  const { read } = room.db;
  await requireOwn(room, caller, datasetId);
  const rows = await readHolders(read, datasetId);
  const roles = await readFlowRoles(
    read,
    caller,
    rows.map(({ flow_id }) => flow_id),
  );
  const shares = Map.groupBy(await readShares(read, datasetId), ({ person_id }) => person_id);
  return rows.map((row) => ({
    id: row.id,
    flow: roles.has(row.flow_id) ? { id: row.flow_id, name: row.flow_name } : null,
    owner: { id: row.owner_id, name: row.owner_name, email: row.owner_email },
    leave: row.leave,
    sharedBy: (shares.get(row.owner_id) ?? []).map(({ id, name }) => ({ id, name })),
  }));
}

async function requireOwn(room: FlowRoom, caller: Caller, datasetId: number): Promise<void> {
  await requireDataset(room, caller, datasetId, 'change');
  requireUnbound(caller, 'see where a dataset is used');
}

interface HolderRow {
  readonly id: number;
  readonly flow_id: number;
  readonly flow_name: string;
  readonly owner_id: number;
  readonly owner_name: string;
  readonly owner_email: string;
  readonly leave: Leave;
}

async function readHolders(db: Read, datasetId: number): Promise<HolderRow[]> {
  const { rows } = await sql<HolderRow>`
    select n.id, f.id as flow_id, f.name as flow_name, f.owner_id, o.name as owner_name, o.email as owner_email,
      ${leaveText} as leave
    from flow_nodes n join flows f on f.id = n.flow_id join datasets d on d.id = n.dataset_id
    join people o on o.id = f.owner_id
    where n.dataset_id = ${datasetId} and n.deleted_at is null and f.deleted_at is null
    order by f.id`.execute(db);
  return rows;
}

/** By which flows of its owner others see the dataset. */
async function readShares(db: Read, datasetId: number): Promise<(Named & { readonly person_id: number })[]> {
  const { rows } = await sql<Named & { person_id: number }>`
    select g.person_id, f.id, f.name
    from flow_nodes n join flows f on f.id = n.flow_id join datasets d on d.id = n.dataset_id and d.owner_id = f.owner_id
    join flow_grants g on g.flow_id = f.id
    where n.dataset_id = ${datasetId} and n.deleted_at is null and f.deleted_at is null
    order by f.id`.execute(db);
  return rows;
}

/** Takes back what was lent to a flow; refused where the flow reads the dataset by another right, which is named. */
export async function endLoan(
  room: FlowRoom,
  caller: Caller,
  datasetId: number,
  useId: number,
): Promise<void> {
  const use = (await listUses(room, caller, datasetId)).find(({ id }) => id === useId);
  if (use === undefined) throw notFound('use', useId);
  if (use.leave === 'none') return;
  if (use.leave !== 'lent') throw notLent(use);
  await room.db.transaction(async (tx) => {
    const { flow_id: flowId } = await tx
      .updateTable('flow_nodes')
      .set({ lent: 0 })
      .where('id', '=', useId)
      .returning('flow_id')
      .executeTakeFirstOrThrow();
    const entry = { objectKind: 'dataset loan', objectId: datasetId, before: { useId } };
    await writeAudit(tx, { ...entry, personId: caller.personId, action: 'remove' });
    announceFlow(room, tx, flowId);
  });
}

function notLent({ leave, owner, sharedBy }: DatasetUse): Problem {
  if (leave === 'own') return new Problem('conflict', `${owner.name} owns the dataset and the flow.`);
  if (leave === 'administrator')
    return new Problem(
      'conflict',
      `${owner.name}, who owns the flow, is an administrator and sees everything.`,
    );
  const names = sharedBy.map(({ id, name }) => `${name} (${id})`).join(', ');
  return new Problem(
    'conflict',
    `It was not lent to this flow: ${owner.name} sees it by ${names}. Take the person out there.`,
    [],
    { flows: sharedBy },
  );
}
