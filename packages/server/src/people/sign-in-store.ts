// What sign-in reads and writes: people by email, tokens and sessions by their hashes.
import type { Database, Read } from '../db/database.ts';
import type { Role } from './caller.ts';

export interface SignedPerson {
  readonly personId: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/** `last_used_at` and a session's end are written at most this often. */
const touchMs = 60_000;

const columns = ['people.id as personId', 'people.email', 'people.name', 'people.role'] as const;

/** `email` in its normal form. */
export async function readPerson(db: Read, email: string) {
  const row = await db
    .selectFrom('people')
    .select([...columns, 'people.password_hash'])
    .where('email', '=', email)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row && { person: toPerson(row), passwordHash: row.password_hash };
}

export interface StoredToken {
  readonly id: number;
  readonly tokenId: string;
  readonly person: SignedPerson;
  readonly readOnly: boolean;
  readonly flowIds: readonly number[] | null;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

export async function readToken(db: Read, tokenHash: string): Promise<StoredToken | undefined> {
  const row = await db
    .selectFrom('access_tokens as t')
    .innerJoin('people', 'people.id', 't.person_id')
    .select([...columns, 't.id', 't.token_id', 't.read_only', 't.flow_ids', 't.expires_at', 't.last_used_at'])
    .where('t.token_hash', '=', tokenHash)
    .where('people.deleted_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const flowIds = row.flow_ids === null ? null : (JSON.parse(row.flow_ids) as number[]);
  const times = { expiresAt: row.expires_at, lastUsedAt: row.last_used_at };
  return {
    id: row.id,
    tokenId: row.token_id,
    person: toPerson(row),
    readOnly: row.read_only === 1,
    flowIds,
    ...times,
  };
}

export async function touchToken(db: Database, { id, lastUsedAt }: StoredToken, now: number): Promise<void> {
  if (now - (lastUsedAt ?? 0) <= touchMs) return;
  await db.transaction((tx) =>
    tx.updateTable('access_tokens').set({ last_used_at: now }).where('id', '=', id).execute(),
  );
}

export async function readSession(db: Read, tokenHash: string) {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person_id')
    .select([...columns, 'sessions.expires_at'])
    .where('token_hash', '=', tokenHash)
    .where('people.deleted_at', 'is', null)
    .executeTakeFirst();
  return row && { person: toPerson(row), expiresAt: row.expires_at };
}

/** A session that is used goes on; gives its end. */
export async function touchSession(
  db: Database,
  tokenHash: string,
  expiresAt: number,
  wanted: number,
): Promise<number> {
  if (wanted - expiresAt <= touchMs) return expiresAt;
  await db.transaction((tx) =>
    tx.updateTable('sessions').set({ expires_at: wanted }).where('token_hash', '=', tokenHash).execute(),
  );
  return wanted;
}

function toPerson({ personId, email, name, role }: SignedPerson): SignedPerson {
  return { personId, email, name, role };
}
