// Who is calling: a session, an access token or email and password become a Caller; what was verified is remembered for minutes.
import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { Problem } from '../base/error.ts';
import { hashToken, makeToken } from '../base/secret.ts';
import type { Database } from '../db/database.ts';
import { normalizeEmail, peopleChanged } from './account.ts';
import type { Caller, Role } from './caller.ts';
import { checkPassword } from './password.ts';

export type Credentials =
  | { readonly kind: 'session'; readonly value: string }
  | { readonly kind: 'token'; readonly value: string }
  | { readonly kind: 'basic'; readonly email: string; readonly password: string };

export interface SignIn {
  /** Throws `credentials_wrong`. */
  identify(credentials: Credentials): Promise<Caller>;
  /** Checks email and password and opens a session; gives its token, which is not stored. */
  openSession(email: string, password: string): Promise<{ token: string; personId: number }>;
  closeSession(token: string): Promise<void>;
}

interface Options {
  readonly db: Database;
  now(): number;
  readonly sessionMs: number;
}

/** argon2id costs 31 ms, a token's query 0.1 ms: neither is paid again for this long. */
const rememberMs = 5 * 60_000;
const mostRemembered = 10_000;
/** `last_used_at` and a session's end are written at most this often. */
const touchMs = 60_000;

interface Remembered {
  readonly caller: Caller;
  readonly until: number;
}

export function createSignIn({ db, now, sessionMs }: Options): SignIn {
  // The key is of this process alone: what is remembered tells nothing about a credential.
  const key = randomBytes(32);
  const remembered = new Map<string, Remembered>();
  db.listen(({ topic }) => {
    if (topic === peopleChanged) remembered.clear();
  });

  function keyOf(credentials: Credentials): string {
    const text =
      credentials.kind === 'basic'
        ? `${normalizeEmail(credentials.email)}\n${credentials.password}`
        : credentials.value;
    return createHmac('sha256', key).update(`${credentials.kind}\n${text}`).digest('base64url');
  }

  async function verify(credentials: Credentials): Promise<{ caller: Caller; expiresAt: number | null }> {
    if (credentials.kind === 'token') return readTokenCaller(db, credentials.value, now());
    if (credentials.kind === 'session') return readSessionCaller(db, credentials.value, now(), sessionMs);
    return { caller: await readBasicCaller(db, credentials.email, credentials.password), expiresAt: null };
  }

  return {
    async identify(credentials) {
      const id = keyOf(credentials);
      const found = remembered.get(id);
      if (found !== undefined && found.until > now()) return found.caller;
      const { caller, expiresAt } = await verify(credentials);
      if (remembered.size >= mostRemembered) remembered.clear();
      const until = now() + (credentials.kind === 'basic' ? rememberMs : touchMs);
      remembered.set(id, { caller, until: Math.min(until, expiresAt ?? until) });
      return caller;
    },
    async openSession(email, password) {
      const { personId } = await readBasicCaller(db, email, password);
      const token = makeToken('fhs');
      const row = {
        token_hash: hashToken(token),
        person_id: personId,
        created_at: now(),
        expires_at: now() + sessionMs,
      };
      await db.transaction((tx) => tx.insertInto('sessions').values(row).execute());
      return { token, personId };
    },
    async closeSession(token) {
      await db.transaction(async (tx) => {
        await tx.deleteFrom('sessions').where('token_hash', '=', hashToken(token)).execute();
        db.announce(tx, { topic: peopleChanged, flowId: null, ids: [] });
      });
    },
  };
}

async function readBasicCaller(db: Database, email: string, password: string): Promise<Caller> {
  const person = await db.read
    .selectFrom('people')
    .select(['id', 'email', 'name', 'role', 'password_hash'])
    .where('email', '=', normalizeEmail(email))
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  const right = await checkPassword(password, person?.password_hash ?? null);
  if (person === undefined || !right) throw new Problem('credentials_wrong', 'Email or password is wrong.');
  return { ...toPerson(person), via: 'basic', readOnly: false, flowIds: null };
}

async function readTokenCaller(db: Database, value: string, now: number) {
  const row = await db.read
    .selectFrom('access_tokens')
    .innerJoin('people', 'people.id', 'access_tokens.person_id')
    .select(['people.id', 'people.email', 'people.name', 'people.role', 'access_tokens.id as tokenId'])
    .select(['read_only', 'flow_ids', 'expires_at', 'last_used_at'])
    .where('token_hash', '=', hashToken(value))
    .where('people.deleted_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined)
    throw new Problem('credentials_wrong', 'This access token is not known: make a new one.');
  if (row.expires_at !== null && row.expires_at <= now)
    throw new Problem('credentials_wrong', 'This access token has expired: make a new one.');
  if (now - (row.last_used_at ?? 0) > touchMs) {
    await db.transaction((tx) =>
      tx.updateTable('access_tokens').set({ last_used_at: now }).where('id', '=', row.tokenId).execute(),
    );
  }
  const flowIds = row.flow_ids === null ? null : (JSON.parse(row.flow_ids) as number[]);
  const caller: Caller = { ...toPerson(row), via: 'token', readOnly: row.read_only === 1, flowIds };
  return { caller, expiresAt: row.expires_at };
}

async function readSessionCaller(db: Database, token: string, now: number, sessionMs: number) {
  const hash = hashToken(token);
  const row = await db.read
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person_id')
    .select(['people.id', 'people.email', 'people.name', 'people.role', 'expires_at'])
    .where('token_hash', '=', hash)
    .where('people.deleted_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined || row.expires_at <= now)
    throw new Problem('credentials_wrong', 'Your session has ended: sign in again.');
  const expiresAt = now + sessionMs;
  if (expiresAt - row.expires_at > touchMs) {
    await db.transaction((tx) =>
      tx.updateTable('sessions').set({ expires_at: expiresAt }).where('token_hash', '=', hash).execute(),
    );
  }
  const caller: Caller = { ...toPerson(row), via: 'session', readOnly: false, flowIds: null };
  return { caller, expiresAt };
}

function toPerson({ id, email, name, role }: { id: number; email: string; name: string; role: Role }) {
  return { personId: id, email, name, role };
}

/** Sessions that have ended are swept now and then. */
export async function sweepSessions(db: Database, now: number): Promise<void> {
  await db.transaction((tx) => sql`delete from sessions where expires_at <= ${now}`.execute(tx));
}
