// Access tokens: shown once, stored as a hash, narrowed to reading or to flows where that is wanted.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { Problem, invalidField, notFound } from '../base/error.ts';
import { hashToken, makeToken } from '../base/secret.ts';
import type { Database, Read, Tx } from '../db/database.ts';
import { writeAudit } from '../workspace/audit-log.ts';
import { peopleChanged, type AccountSelection } from './account.ts';
import type { Caller } from './caller.ts';

export interface NewToken {
  /** -1: no expiry. */
  readonly lifetimeSeconds: number;
  readonly description: string;
  readonly readOnly: boolean;
  readonly flowIds: readonly number[] | null;
}

export interface TokenInfo {
  readonly tokenId: string;
  readonly description: string;
  readonly readOnly: boolean;
  readonly flowIds: readonly number[] | null;
  readonly createdAt: number;
  readonly expiredAt: number | null;
  readonly lastUsed: number | null;
}

/** Makes a token for the caller; it can't do more, or for longer, than what the caller came with. */
export async function createToken(
  db: Database,
  caller: Caller,
  token: NewToken,
  now: number,
): Promise<{ value: string; info: TokenInfo }> {
  const expiresAt = token.lifetimeSeconds === -1 ? null : now + token.lifetimeSeconds * 1000;
  refuseStronger(caller, token, expiresAt);
  const value = makeToken('fh');
  const tokenId = await db.transaction(async (tx) => {
    const after = { description: token.description, readOnly: token.readOnly, flowIds: token.flowIds };
    const entry = { action: 'create', objectKind: 'access token', objectId: null } as const;
    await writeAudit(tx, { ...entry, personId: caller.personId, after });
    return insertToken(tx, caller.personId, value, { ...token, expiresAt, now, parentId: caller.tokenId });
  });
  return { value, info: await readToken(db, caller, tokenId) };
}

function refuseStronger(caller: Caller, token: NewToken, expiresAt: number | null): void {
  if (caller.via !== 'token') return;
  if (caller.readOnly && !token.readOnly)
    throw new Problem('forbidden', 'A read-only token can only make read-only tokens.');
  const end = caller.expiresAt ?? null;
  if (end !== null && (expiresAt === null || expiresAt > end)) {
    const max = `must not be longer than the token in use lasts (until ${new Date(end).toISOString()}).`;
    throw invalidField('lifetimeSeconds', max);
  }
  const allowed = caller.flowIds;
  if (allowed === null) return;
  const inside = token.flowIds?.every((flowId) => allowed.includes(flowId)) ?? false;
  if (!inside) throw invalidField('flowIds', 'must name only flows that the token in use is narrowed to.');
}

export interface TokenToInsert {
  readonly description: string;
  readonly readOnly: boolean;
  readonly flowIds: readonly number[] | null;
  readonly expiresAt: number | null;
  readonly now: number;
  /** The token that it was made with, which takes it along when it is removed. */
  readonly parentId?: string | undefined;
}

export async function insertToken(
  tx: Tx,
  personId: number,
  value: string,
  token: TokenToInsert,
): Promise<string> {
  const tokenId = randomUUID();
  const row = {
    token_id: tokenId,
    token_hash: hashToken(value),
    person_id: personId,
    description: token.description,
    read_only: token.readOnly ? 1 : 0,
    flow_ids: token.flowIds === null ? null : JSON.stringify(token.flowIds),
    created_at: token.now,
    expires_at: token.expiresAt,
    parent_id: token.parentId ?? null,
  };
  await tx.insertInto('access_tokens').values(row).execute();
  return tokenId;
}

type Owner = Pick<Caller, 'personId' | 'flowIds' | 'tokenId'>;

/** Those of the person; a token that is narrowed to flows sees itself, and those that were made with it. */
function selectTokens(db: Read, { personId, flowIds, tokenId = '' }: Owner) {
  const all = db.selectFrom('access_tokens').selectAll().where('person_id', '=', personId);
  if (flowIds === null) return all;
  return all.where(({ or, eb }) => or([eb('token_id', '=', tokenId), eb('parent_id', '=', tokenId)]));
}

type TokenRow = Awaited<ReturnType<ReturnType<typeof selectTokens>['executeTakeFirstOrThrow']>>;

function toInfo(row: TokenRow): TokenInfo {
  return {
    tokenId: row.token_id,
    description: row.description,
    readOnly: row.read_only === 1,
    flowIds: row.flow_ids === null ? null : (JSON.parse(row.flow_ids) as number[]),
    createdAt: row.created_at,
    expiredAt: row.expires_at,
    lastUsed: row.last_used_at,
  };
}

export async function listTokens(
  db: Read,
  owner: Owner,
  { where, orderBy, page }: Pick<AccountSelection, 'where' | 'orderBy' | 'page'>,
): Promise<TokenInfo[]> {
  const query = selectTokens(db, owner).where(where).orderBy(orderBy).modifyEnd(page);
  return (await query.execute()).map(toInfo);
}

export async function countTokens(
  db: Read,
  owner: Owner,
  { where }: Pick<AccountSelection, 'where'>,
): Promise<number> {
  const query = selectTokens(db, owner).where(where).clearSelect();
  const { count } = await query.select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow();
  return count;
}

export async function readToken(db: Database, owner: Owner, tokenId: string): Promise<TokenInfo> {
  const row = await selectTokens(db.read, owner).where('token_id', '=', tokenId).executeTakeFirst();
  if (row === undefined) throw notFound('access token', tokenId);
  return toInfo(row);
}

/** With those that were made with it, and so on: whoever had it may have made them. */
export async function removeToken(db: Database, personId: number, tokenId: string): Promise<void> {
  await db.transaction(async (tx) => {
    const { rows } = await sql<{ token_id: string }>`
      with recursive family (token_id) as (
        select token_id from access_tokens where person_id = ${personId} and token_id = ${tokenId}
        union select child.token_id from access_tokens child join family on child.parent_id = family.token_id
      )
      delete from access_tokens where token_id in (select token_id from family) returning token_id`.execute(
      tx,
    );
    if (rows.length === 0) throw notFound('access token', tokenId);
    const madeWithIt = rows.map((row) => row.token_id).filter((id) => id !== tokenId);
    await writeAudit(tx, {
      personId,
      action: 'remove',
      objectKind: 'access token',
      objectId: null,
      after: { tokenId, madeWithIt },
    });
    db.announce(tx, { topic: peopleChanged, flowId: null, ids: [personId] });
  });
}
