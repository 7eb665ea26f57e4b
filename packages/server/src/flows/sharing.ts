// Sharing a flow: who may do what with it, given, changed and taken, and its hand-over to another owner.
import { sql } from 'kysely';
import { Problem, invalidField, notFound } from '../base/error.ts';
import type { Read, Tx } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import {
  findAccount,
  listAccounts,
  readAccount,
  type Account,
  type AccountSelection,
} from '../people/account.ts';
import type { Caller } from '../people/caller.ts';
import type { FlowRole } from '../people/flow-access.ts';
import { requireFlow } from '../people/flow-access-store.ts';
import { writeAudit } from '../workspace/audit-log.ts';
import { lendOwn } from './datasets/dataset-link.ts';
import { requireUnbound } from './flow.ts';
import { announceFlow, type FlowRoom } from './flow-room.ts';
import { lockFlow } from './flow-store.ts';

export interface Permission {
  readonly personId: number;
  readonly name: string;
  readonly email: string;
  readonly role: FlowRole;
  /** Epoch milliseconds; null for the owner. */
  readonly createdAt: number | null;
}

export interface GivenPermission {
  readonly personId?: number | undefined;
  readonly email?: string | undefined;
  readonly role: FlowRole;
}

/** The owner first, then everybody else by id. */
export async function readPermissions(room: FlowRoom, caller: Caller, flowId: number): Promise<Permission[]> {
  await requireFlow(room.db.read, caller, flowId, 'viewer');
  return readAll(room.db.read, flowId);
}

async function readAll(db: Read, flowId: number): Promise<Permission[]> {
  const { rows } = await sql<Permission>`
    select p.id as "personId", p.name, p.email, 'owner' as role, null as "createdAt", 0 as place
    from flows f join people p on p.id = f.owner_id where f.id = ${flowId}
    union all
    select p.id, p.name, p.email, g.role, g.created_at, 1
    from flow_grants g join people p on p.id = g.person_id
    where g.flow_id = ${flowId} and p.deleted_at is null
    order by place, "personId"`.execute(db);
  return rows.map(({ personId, name, email, role, createdAt }) => ({
    personId,
    name,
    email,
    role,
    createdAt,
  }));
}

/** People of the selection who have no role on the flow yet; for those who may share it. */
export async function listCandidates(
  room: FlowRoom,
  caller: Caller,
  flowId: number,
  selection: AccountSelection,
): Promise<Account[]> {
  const { read } = room.db;
  await requireFlow(read, caller, flowId, 'owner');
  requireUnbound(caller, 'share flows');
  const where = sql<boolean>`${selection.where} and id not in (
    select owner_id from flows where id = ${flowId}
    union select person_id from flow_grants where flow_id = ${flowId})`;
  return listAccounts(read, { ...selection, where });
}

/** Gives all of it or nothing. Who is given `owner` gets the flow; its owner until then stays as an editor. */
export async function givePermissions(
  room: FlowRoom & Keeping,
  caller: Caller,
  flowId: number,
  given: readonly GivenPermission[],
): Promise<Kept<{ flowId: number }>> {
  const { db } = room;
  await requireFlow(db.read, caller, flowId, 'owner');
  requireUnbound(caller, 'share flows');
  return db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    const before = await readAll(tx, flowId);
    for (const [index, permission] of given.entries()) await give(tx, flowId, permission, `data[${index}]`);
    await finishChange(tx, room, caller, { flowId, before });
    return room.keep(tx, { flowId });
  });
}

async function give(tx: Tx, flowId: number, permission: GivenPermission, field: string): Promise<void> {
  const person = await findPerson(tx, permission, field);
  const { ownerId } = await readOwner(tx, flowId);
  if (permission.role === 'owner') return giveOwnership(tx, { flowId, ownerId, person, field });
  if (person.id === ownerId)
    throw new Problem('conflict', 'This person owns the flow: give it to another owner first.', [
      { field: `${field}.role`, detail: 'is owner now; a flow always has one.' },
    ]);
  await setGrant(tx, flowId, person.id, permission.role);
}

async function findPerson(tx: Tx, { personId, email }: GivenPermission, field: string): Promise<Account> {
  const found =
    personId === undefined
      ? await findAccount(tx, email ?? '')
      : await readAccount(tx, personId).catch(ignoreNotFound);
  const at = personId === undefined ? 'email' : 'personId';
  if (found === undefined) throw invalidField(`${field}.${at}`, 'is nobody who has an account here.');
  if (email !== undefined && found.email !== email)
    throw invalidField(`${field}.email`, 'is not that of the person `personId` names: give one of them.');
  return found;
}

function ignoreNotFound(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'not_found') return undefined;
  throw error;
}

async function readOwner(tx: Tx, flowId: number): Promise<{ ownerId: number }> {
  return tx
    .selectFrom('flows')
    .select('owner_id as ownerId')
    .where('id', '=', flowId)
    .executeTakeFirstOrThrow();
}

interface HandOver {
  readonly flowId: number;
  readonly ownerId: number;
  readonly person: Account;
  readonly field: string;
}

async function giveOwnership(tx: Tx, { flowId, ownerId, person, field }: HandOver): Promise<void> {
  if (person.id === ownerId) return;
  refuseViewer(person, `${field}.role`);
  await lendOwn(tx, { flowId, ownerId });
  await tx.updateTable('flows').set({ owner_id: person.id }).where('id', '=', flowId).execute();
  await tx
    .deleteFrom('flow_grants')
    .where('flow_id', '=', flowId)
    .where('person_id', '=', person.id)
    .execute();
  await setGrant(tx, flowId, ownerId, 'editor');
}

/** Throws where somebody's role in the workspace lets them change nothing. */
export function refuseViewer({ role, email }: Account, field: string): void {
  if (role !== 'viewer') return;
  const detail = `can't own a flow: ${email} has the role viewer. An administrator makes them an author first.`;
  throw invalidField(field, detail);
}

async function setGrant(tx: Tx, flowId: number, personId: number, role: 'editor' | 'viewer'): Promise<void> {
  await tx
    .insertInto('flow_grants')
    .values({ flow_id: flowId, person_id: personId, role, created_at: tx.now })
    .onConflict((conflict) => conflict.columns(['flow_id', 'person_id']).doUpdateSet({ role }))
    .execute();
}

/** Takes a flow from somebody: the owner may, and everybody may leave. */
export async function takePermission(
  room: FlowRoom,
  caller: Caller,
  flowId: number,
  personId: number,
): Promise<void> {
  const { db } = room;
  await requireFlow(db.read, caller, flowId, personId === caller.personId ? 'viewer' : 'owner');
  requireUnbound(caller, 'share flows');
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    const before = await readAll(tx, flowId);
    if (before[0]?.personId === personId)
      throw new Problem('conflict', 'The owner stays: give the flow to another owner first, or delete it.');
    const { numDeletedRows } = await tx
      .deleteFrom('flow_grants')
      .where('flow_id', '=', flowId)
      .where('person_id', '=', personId)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) throw notFound('permission of person', personId);
    await finishChange(tx, room, caller, { flowId, before });
  });
}

async function finishChange(
  tx: Tx,
  room: FlowRoom,
  caller: Caller,
  { flowId, before }: { flowId: number; before: readonly Permission[] },
): Promise<void> {
  const after = await readAll(tx, flowId);
  const brief = (all: readonly Permission[]) => all.map(({ personId, role }) => ({ personId, role }));
  await writeAudit(tx, {
    personId: caller.personId,
    action: 'change',
    objectKind: 'flow permissions',
    objectId: flowId,
    before: brief(before),
    after: brief(after),
  });
  announceFlow(room, tx, flowId);
}
