// Who is calling: a session, an access token or email and password become a Caller; what was verified is remembered for minutes.
import { hash, randomBytes } from 'node:crypto';
import { Problem } from '../base/error.ts';
import { hashToken, makeToken } from '../base/secret.ts';
import { announcementsMissed, type Database } from '../db/database.ts';
import { normalizeEmail, peopleChanged } from './account.ts';
import type { Caller } from './caller.ts';
import { checkPassword } from './password.ts';
import { readPerson, readSession, readToken, touchSession, touchToken } from './sign-in-store.ts';

export type Credentials =
  | { readonly kind: 'session'; readonly value: string }
  | { readonly kind: 'token'; readonly value: string }
  | { readonly kind: 'basic'; readonly email: string; readonly password: string };

export interface SignIn {
  /** The caller, if these credentials were verified within the last minutes: costs no query. */
  recall(credentials: Credentials): Caller | null;
  /** Throws `credentials_wrong`. */
  identify(credentials: Credentials): Promise<Caller>;
  /** The same without remembering and without prolonging a session: for what listens on by itself. */
  check(credentials: Credentials): Promise<Caller>;
  /** Checks email and password and opens a session; gives its token, which is not stored. */
  openSession(email: string, password: string): Promise<{ token: string; personId: number }>;
  /** Opens a session for somebody whom another way has proven: single sign-on. */
  openSessionOf(personId: number): Promise<string>;
  closeSession(token: string): Promise<void>;
  /** Removes what has ended; gives how many sessions. */
  sweep(): Promise<number>;
}

export interface SignInOptions {
  readonly db: Database;
  now(): number;
  readonly sessionMs: number;
  /** Who may come by email and password; asked at every sign-in. */
  passwordsFor(): 'all' | 'administrators';
}

/** argon2id costs 31 ms, a token's query 0.1 ms: neither is paid again for this long. */
const rememberMs = { basic: 5 * 60_000, token: 60_000, session: 60_000 };
const maxRemembered = 10_000;

interface Remembered {
  readonly caller: Caller;
  readonly until: number;
}

export function createSignIn(options: SignInOptions): SignIn {
  const { db, now } = options;
  const memory = createMemory(options);
  const once = createTurns(memory);

  return {
    recall: (credentials) => memory.find(memory.keyOf(credentials)),
    async identify(credentials) {
      const key = memory.keyOf(credentials);
      const found = memory.find(key);
      if (found !== null) return found;
      return once(key, async (since) => {
        const caller = await verify(options, credentials, true);
        memory.keep(key, caller, rememberMs[credentials.kind], since);
        return caller;
      });
    },
    check: (credentials) => verify(options, credentials, false),
    async openSession(email, password) {
      const credentials = { kind: 'basic', email, password } as const;
      const { personId } = await once(memory.keyOf(credentials), () => verify(options, credentials, true));
      return { token: await insertSession(options, personId), personId };
    },
    openSessionOf: (personId) => insertSession(options, personId),
    async closeSession(token) {
      await db.transaction(async (tx) => {
        const query = tx.deleteFrom('sessions').where('token_hash', '=', hashToken(token));
        const ended = await query.returning('person_id').executeTakeFirst();
        if (ended !== undefined)
          db.announce(tx, { topic: peopleChanged, flowId: null, ids: [ended.person_id] });
      });
    },
    async sweep() {
      const { numDeletedRows } = await db.transaction((tx) =>
        tx.deleteFrom('sessions').where('expires_at', '<=', now()).executeTakeFirstOrThrow(),
      );
      return Number(numDeletedRows);
    },
  };
}

async function insertSession({ db, now, sessionMs }: SignInOptions, personId: number): Promise<string> {
  const token = makeToken('fhs');
  const times = { created_at: now(), expires_at: now() + sessionMs };
  const row = { token_hash: hashToken(token), person_id: personId, ...times };
  await db.transaction((tx) => tx.insertInto('sessions').values(row).execute());
  return token;
}

/** What was verified of late; forgotten as soon as its person's rights change on any node. */
function createMemory(options: SignInOptions) {
  const { db, now } = options;
  // The key is of this process alone: what is remembered tells nothing about a credential.
  const secret = randomBytes(32).toString('base64');
  const remembered = new Map<string, Remembered>();
  const changes = createChanges();
  db.listen(({ topic, ids }) => {
    if (topic !== peopleChanged && topic !== announcementsMissed) return;
    const all = topic === announcementsMissed || ids.length === 0;
    changes.note(all ? null : ids);
    for (const [key, { caller }] of remembered)
      if (all || ids.includes(caller.personId)) remembered.delete(key);
  });

  return {
    ...changes,
    keyOf(credentials: Credentials): string {
      const text =
        credentials.kind === 'basic'
          ? `${normalizeEmail(credentials.email)}\n${credentials.password}`
          : credentials.value;
      return hash('sha256', `${secret}\n${credentials.kind}\n${text}`, 'base64');
    },
    find(key: string): Caller | null {
      const found = remembered.get(key);
      if (found === undefined || found.until <= now()) return null;
      return found.caller.via === 'basic' && !mayUsePassword(options, found.caller) ? null : found.caller;
    },
    /** Nothing is kept where the person's rights have changed since the check began. */
    keep(key: string, caller: Caller, forMs: number, since: number): void {
      if (!changes.isCurrent(caller.personId, since)) return;
      if (remembered.size >= maxRemembered) remembered.clear();
      const until = Math.min(now() + forMs, caller.expiresAt ?? Number.POSITIVE_INFINITY);
      remembered.set(key, { caller, until });
    },
  };
}

interface Changes {
  /** Counts every change. */
  generation(): number;
  /** Of these people; null for everybody. */
  note(ids: readonly number[] | null): void;
  /** True where this person's rights have not changed since that generation. */
  isCurrent(personId: number, since: number): boolean;
}

function createChanges(): Changes {
  let generation = 0;
  let ofAll = 0;
  const ofPerson = new Map<number, number>();
  return {
    generation: () => generation,
    note(ids) {
      generation += 1;
      if (ids === null) ofAll = generation;
      for (const id of ids ?? []) ofPerson.set(id, generation);
    },
    isCurrent: (personId, since) => Math.max(ofAll, ofPerson.get(personId) ?? 0) <= since,
  };
}

/**
 * Calls with the same credentials share a check that is under way, unless the person's rights have changed since it began.
 * Each minute, when what was verified is forgotten, 14 calls in flight wrote the same token's row one after the other, a
 * commit each: the last of them waited for 14 (`bench/external-end.ts` on PostgreSQL).
 */
function createTurns({ generation, isCurrent }: Pick<Changes, 'generation' | 'isCurrent'>) {
  const underWay = new Map<string, { readonly since: number; readonly caller: Promise<Caller> }>();

  function begin(key: string, check: (since: number) => Promise<Caller>): Promise<Caller> {
    const since = generation();
    const turn = { since, caller: check(since).finally(forget) };
    underWay.set(key, turn);
    return turn.caller;

    function forget(): void {
      if (underWay.get(key) === turn) underWay.delete(key);
    }
  }

  return async (key: string, check: (since: number) => Promise<Caller>): Promise<Caller> => {
    const begun = underWay.get(key);
    if (begun === undefined) return begin(key, check);
    const asked = generation();
    const caller = await begun.caller.catch((error: unknown) => {
      if (begun.since === asked) throw error;
      return null;
    });
    // What changed before this call was made must be seen by it.
    if (caller !== null && (begun.since === asked || isCurrent(caller.personId, begun.since))) return caller;
    return begin(key, check);
  };
}

/** `touch`: that it was used is written. */
async function verify(options: SignInOptions, credentials: Credentials, touch: boolean): Promise<Caller> {
  if (credentials.kind === 'basic') return verifyPassword(options, credentials.email, credentials.password);
  const { value } = credentials;
  return credentials.kind === 'token'
    ? verifyToken(options, value, touch)
    : verifySession(options, value, touch);
}

async function verifyPassword(options: SignInOptions, email: string, password: string): Promise<Caller> {
  const found = await readPerson(options.db.read, normalizeEmail(email));
  const right = await checkPassword(password, found?.passwordHash ?? null);
  if (found === undefined || !right) throw new Problem('credentials_wrong', 'Email or password is wrong.');
  if (!mayUsePassword(options, found.person))
    throw new Problem(
      'credentials_wrong',
      'Passwords are for administrators alone here: use single sign-on.',
    );
  return { ...found.person, via: 'basic', readOnly: false, flowIds: null, expiresAt: null };
}

/** Administrators keep this way in: a provider that is down or set up wrongly locks nobody out for good. */
function mayUsePassword({ passwordsFor }: SignInOptions, { role }: Pick<Caller, 'role'>): boolean {
  return role === 'administrator' || passwordsFor() === 'all';
}

async function verifyToken({ db, now }: SignInOptions, value: string, touch: boolean): Promise<Caller> {
  const found = await readToken(db.read, hashToken(value));
  if (found === undefined)
    throw new Problem('credentials_wrong', 'This access token is not known: make a new one.');
  const { tokenId, person, expiresAt, readOnly, flowIds } = found;
  if (expiresAt !== null && expiresAt <= now())
    throw new Problem('credentials_wrong', 'This access token has expired: make a new one.');
  if (touch) await touchToken(db, found, now());
  return { ...person, via: 'token', tokenId, readOnly, flowIds, expiresAt };
}

async function verifySession(
  { db, now, sessionMs }: SignInOptions,
  value: string,
  touch: boolean,
): Promise<Caller> {
  const tokenHash = hashToken(value);
  const found = await readSession(db.read, tokenHash);
  if (found === undefined || found.expiresAt <= now())
    throw new Problem('credentials_wrong', 'Your session has ended: sign in again.');
  const wanted = touch ? now() + sessionMs : found.expiresAt;
  const expiresAt = await touchSession(db, tokenHash, found.expiresAt, wanted);
  return { ...found.person, via: 'session', readOnly: false, flowIds: null, expiresAt };
}

/** Whether this is the person's password of now. */
export async function isOwnPassword(db: Database, personId: number, password: string): Promise<boolean> {
  const query = db.read.selectFrom('people').select('password_hash').where('id', '=', personId);
  const row = await query.where('deleted_at', 'is', null).executeTakeFirst();
  return checkPassword(password, row?.password_hash ?? null);
}
