// Accounts: who there is, with which role.
import { sql, type RawBuilder } from 'kysely';
import { Problem, invalidField, notFound } from '../base/error.ts';
import type { Database, Read, Tx } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import { writeAudit } from '../workspace/audit-log.ts';
import type { Role } from './caller.ts';
import { hashPassword, passwordLength } from './password.ts';

export interface Account {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Null: nobody can sign in until an administrator sets one. */
  readonly password: string | null;
}

export interface AccountChange {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
}

/** Who makes a change; null for the server itself and for commands on its machine. */
export type Actor = number | null;

/** The topic of announcements that somebody's rights have changed: what is remembered of credentials is forgotten. */
export const peopleChanged = 'people.changed';

export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** A person who has not been removed. Throws `not_found`. */
export async function readAccount(db: Read, id: number): Promise<Account> {
  const row = await selectAccounts(db).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('person', id);
  return row;
}

export async function findAccount(db: Read, email: string): Promise<Account | undefined> {
  return selectAccounts(db).where('email', '=', normalizeEmail(email)).executeTakeFirst();
}

/** Which accounts a list asks for; the parts stand in the statement as they are. */
export interface AccountSelection {
  readonly where: RawBuilder<boolean>;
  readonly orderBy: RawBuilder<unknown>;
  readonly page: RawBuilder<unknown>;
  readonly includeDeleted: boolean;
}

export function listAccounts(db: Read, selection: AccountSelection): Promise<Account[]> {
  const { where, orderBy, page, includeDeleted } = selection;
  const query = selectAccounts(db, includeDeleted).where(where).orderBy(orderBy).modifyEnd(page);
  return query.execute();
}

export async function countAccounts(
  db: Read,
  { where, includeDeleted }: Pick<AccountSelection, 'where' | 'includeDeleted'>,
): Promise<number> {
  const query = selectAccounts(db, includeDeleted).where(where).clearSelect();
  const { count } = await query.select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow();
  return count;
}

function selectAccounts(db: Read, includeDeleted = false) {
  return db
    .selectFrom('people')
    .select(['id', 'email', 'name', 'role', 'created_at as createdAt', 'updated_at as updatedAt'])
    .$if(!includeDeleted, (query) => query.where('deleted_at', 'is', null));
}

export async function createAccount(
  { db, keep }: { readonly db: Database } & Keeping,
  account: NewAccount,
  actor: Actor = null,
): Promise<Kept<{ id: number }>> {
  const { password } = account;
  if (password !== null) checkPasswordLength(password, 'password');
  const passwordHash = password === null ? null : await hashPassword(password);
  return db.transaction(async (tx) =>
    keep(tx, { id: await insertAccount(tx, { ...account, passwordHash }, actor) }),
  );
}

/** Throws `conflict` where the email is taken, also where two ask for it at once. */
export async function insertAccount(
  tx: Tx,
  account: Omit<NewAccount, 'password'> & { readonly passwordHash: string | null },
  actor: Actor,
): Promise<number> {
  const { name, role } = account;
  const email = normalizeEmail(account.email);
  const now = tx.now;
  const row = { email, name, role, password_hash: account.passwordHash, created_at: now, updated_at: now };
  const inserted = await tx
    .insertInto('people')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) throw emailTaken(email);
  const after = { email, name, role };
  await writeAudit(tx, {
    personId: actor,
    action: 'create',
    objectKind: 'person',
    objectId: inserted.id,
    after,
  });
  return inserted.id;
}

function emailTaken(email: string): Problem {
  return new Problem('conflict', `There is already a person with the email ${email}.`, [
    { field: 'email', detail: 'is taken.' },
  ]);
}

export async function changeAccount(
  db: Database,
  id: number,
  { email, name, role }: AccountChange,
  actor: Actor = null,
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockAdministrators(tx);
    const before = await lockPerson(tx, id);
    if (role !== undefined && role !== 'administrator') await keepAnAdministrator(tx, id);
    const after = {
      email: email === undefined ? before.email : normalizeEmail(email),
      name: name ?? before.name,
      role: role ?? before.role,
    };
    await refuseTakenEmail(tx, after.email, id);
    await tx
      .updateTable('people')
      .set({ ...after, updated_at: tx.now })
      .where('id', '=', id)
      .execute();
    const change = { personId: actor, action: 'change', objectKind: 'person', objectId: id } as const;
    await writeAudit(tx, { ...change, before, after });
    db.announce(tx, { topic: peopleChanged, flowId: null, ids: [id] });
  });
}

async function refuseTakenEmail(tx: Tx, email: string, except: number): Promise<void> {
  const taken = await findAccount(tx, email);
  if (taken !== undefined && taken.id !== except) throw emailTaken(email);
}

/** Marks a person as removed: sessions and tokens end at once. What they own is the caller's to see to. */
export async function removeAccount(tx: Tx, db: Database, id: number, actor: Actor): Promise<void> {
  await lockAdministrators(tx);
  const before = await lockPerson(tx, id);
  await keepAnAdministrator(tx, id);
  const now = tx.now;
  await tx.updateTable('people').set({ deleted_at: now, updated_at: now }).where('id', '=', id).execute();
  await tx.deleteFrom('sessions').where('person_id', '=', id).execute();
  await tx.deleteFrom('access_tokens').where('person_id', '=', id).execute();
  const change = { personId: actor, action: 'remove', objectKind: 'person', objectId: id } as const;
  await writeAudit(tx, { ...change, before });
  db.announce(tx, { topic: peopleChanged, flowId: null, ids: [id] });
}

export interface PasswordChange {
  readonly personId: number;
  readonly password: string;
  /** The field to name where the password does not do. */
  readonly field: string;
  /** The hash of the session that goes on; all others end. */
  readonly keptSession: string | null;
  readonly actor: Actor;
}

/** Sets a password and ends the person's sessions, but for the one that asks. Access tokens go on. */
export async function setPassword(db: Database, change: PasswordChange): Promise<void> {
  const { personId, keptSession } = change;
  checkPasswordLength(change.password, change.field);
  const passwordHash = await hashPassword(change.password);
  await db.transaction(async (tx) => {
    await lockPerson(tx, personId);
    const values = { password_hash: passwordHash, updated_at: tx.now };
    await tx.updateTable('people').set(values).where('id', '=', personId).execute();
    await tx
      .deleteFrom('sessions')
      .where('person_id', '=', personId)
      .where('token_hash', '!=', keptSession ?? '')
      .execute();
    const entry = { action: 'change', objectKind: 'password', objectId: personId } as const;
    await writeAudit(tx, { ...entry, personId: change.actor });
    db.announce(tx, { topic: peopleChanged, flowId: null, ids: [personId] });
  });
}

function checkPasswordLength(password: string, field: string): void {
  const { least, max } = passwordLength;
  if (password.length < least || password.length > max)
    throw invalidField(field, `must have ${least} to ${max} characters.`);
}

/** Locks the row of somebody who has not been removed until the transaction ends. Throws `not_found`. */
export async function lockPerson(tx: Tx, id: number) {
  const { rows } = await sql<{ email: string; name: string; role: Role }>`
    select email, name, role from people where id = ${id} and deleted_at is null ${tx.forUpdate}`.execute(tx);
  if (rows[0] === undefined) throw notFound('person', id);
  return rows[0];
}

/** All administrators are locked in one order before anybody else, so that two can't remove each other at once. */
async function lockAdministrators(tx: Tx): Promise<void> {
  await sql`select id from people where role = 'administrator' and deleted_at is null order by id ${tx.forUpdate}`.execute(
    tx,
  );
}

async function keepAnAdministrator(tx: Tx, leaving: number): Promise<void> {
  const left = await selectAccounts(tx)
    .where('role', '=', 'administrator')
    .where('id', '!=', leaving)
    .limit(1)
    .execute();
  const person = await readAccount(tx, leaving);
  if (left.length > 0 || person.role !== 'administrator') return;
  throw new Problem('conflict', 'This is the last administrator: make somebody else an administrator first.');
}
