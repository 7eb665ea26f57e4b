// Accounts: who there is, with which role.
import { sql } from 'kysely';
import { Problem, invalidField, notFound } from '../base/error.ts';
import type { Database, Read, Tx } from '../db/database.ts';
import { forUpdate, nowText } from '../db/dialect.ts';
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
  readonly password: string;
}

export interface AccountChange {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
}

/** The topic of announcements that somebody's rights have changed: what is remembered of credentials is forgotten. */
export const peopleChanged = 'people.changed';

export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

export async function readAccount(db: Read, id: number): Promise<Account> {
  const row = await selectAccounts(db).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('person', id);
  return row;
}

export function listAccounts(db: Read): Promise<Account[]> {
  return selectAccounts(db).orderBy('id', 'desc').execute();
}

function selectAccounts(db: Read) {
  return db
    .selectFrom('people')
    .select(['id', 'email', 'name', 'role', 'created_at as createdAt', 'updated_at as updatedAt'])
    .where('deleted_at', 'is', null);
}

export async function createAccount(db: Database, account: NewAccount): Promise<number> {
  checkPasswordLength(account.password, 'password');
  const passwordHash = await hashPassword(account.password);
  return db.transaction((tx) => insertAccount(tx, db, { ...account, passwordHash }));
}

async function insertAccount(
  tx: Tx,
  db: Database,
  account: NewAccount & { passwordHash: string },
): Promise<number> {
  const email = normalizeEmail(account.email);
  await refuseTakenEmail(tx, email, null);
  const now = sql<number>`${sql.raw(nowText(db.engine))}`;
  const row = {
    email,
    name: account.name,
    role: account.role,
    password_hash: account.passwordHash,
    created_at: now,
    updated_at: now,
  };
  const { id } = await tx.insertInto('people').values(row).returning('id').executeTakeFirstOrThrow();
  return id;
}

async function refuseTakenEmail(tx: Tx, email: string, except: number | null): Promise<void> {
  const taken = await selectAccounts(tx).where('email', '=', email).executeTakeFirst();
  if (taken !== undefined && taken.id !== except)
    throw new Problem('conflict', `There is already a person with the email ${email}.`, [
      { field: 'email', detail: 'is taken' },
    ]);
}

export async function changeAccount(db: Database, id: number, change: AccountChange): Promise<void> {
  await db.transaction(async (tx) => {
    await lockPerson(tx, db, id);
    if (change.role !== undefined && change.role !== 'administrator') await keepAnAdministrator(tx, db, id);
    const email = change.email === undefined ? undefined : normalizeEmail(change.email);
    if (email !== undefined) await refuseTakenEmail(tx, email, id);
    const { name, role } = change;
    const values = {
      ...(email !== undefined && { email }),
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
    };
    await tx
      .updateTable('people')
      .set({ ...values, updated_at: sql<number>`${sql.raw(nowText(db.engine))}` })
      .where('id', '=', id)
      .execute();
    db.announce(tx, { topic: peopleChanged, flowId: null, ids: [id] });
  });
}

/** Removes a person: sessions and tokens end at once; flows stay, and administrators act as their owners. */
export async function removeAccount(db: Database, id: number): Promise<void> {
  await db.transaction(async (tx) => {
    await lockPerson(tx, db, id);
    await keepAnAdministrator(tx, db, id);
    await tx
      .updateTable('people')
      .set({ deleted_at: sql<number>`${sql.raw(nowText(db.engine))}` })
      .where('id', '=', id)
      .execute();
    await tx.deleteFrom('sessions').where('person_id', '=', id).execute();
    await tx.deleteFrom('access_tokens').where('person_id', '=', id).execute();
    db.announce(tx, { topic: peopleChanged, flowId: null, ids: [id] });
  });
}

/** Sets a password and ends the person's sessions, but for the one that asks. */
export async function setPassword(
  db: Database,
  id: number,
  password: string,
  field: string,
  keptSession: string | null,
): Promise<void> {
  checkPasswordLength(password, field);
  const passwordHash = await hashPassword(password);
  await db.transaction(async (tx) => {
    await lockPerson(tx, db, id);
    await tx.updateTable('people').set({ password_hash: passwordHash }).where('id', '=', id).execute();
    await tx
      .deleteFrom('sessions')
      .where('person_id', '=', id)
      .$if(keptSession !== null, (query) => query.where('token_hash', '!=', keptSession!))
      .execute();
    db.announce(tx, { topic: peopleChanged, flowId: null, ids: [id] });
  });
}

function checkPasswordLength(password: string, field: string): void {
  const { least, most } = passwordLength;
  if (password.length < least || password.length > most)
    throw invalidField(field, `must have ${least} to ${most} characters.`);
}

async function lockPerson(tx: Tx, db: Database, id: number): Promise<void> {
  const { rows } =
    await sql`select id from people where id = ${id} and deleted_at is null ${forUpdate(db.engine)}`.execute(
      tx,
    );
  if (rows.length === 0) throw notFound('person', id);
}

/** All administrators are locked in one order, so that two can't remove each other at once. */
async function keepAnAdministrator(tx: Tx, db: Database, leaving: number): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    select id from people where role = 'administrator' and deleted_at is null order by id ${forUpdate(db.engine)}`.execute(
    tx,
  );
  if (rows.length === 1 && rows[0]!.id === leaving) {
    throw new Problem(
      'conflict',
      'This is the last administrator: make somebody else an administrator first.',
    );
  }
}
