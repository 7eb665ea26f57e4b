// The first administrator: from the settings, or by a link that is printed once.
import { sql } from 'kysely';
import { Problem } from '../base/error.ts';
import { hashToken, makeToken } from '../base/secret.ts';
import { StartError } from '../base/start-error.ts';
import type { Database, Read, Tx } from '../db/database.ts';
import { readStored, storeAnew, takeStored } from '../workspace/stored-value.ts';
import { insertToken } from './access-token.ts';
import { insertAccount } from './account.ts';
import { hashPassword } from './password.ts';

export interface FirstAdministrator {
  readonly email: string | null;
  readonly password: string | null;
  readonly token: string | null;
}

/** Makes the administrator that the settings name, or gives the token of the link to print. Null where there are people already. */
export async function prepareFirstStart(
  db: Database,
  first: FirstAdministrator,
  now: number,
): Promise<{ setupToken: string } | null> {
  if (!(await isSetupNeeded(db.read))) return null;
  const { email, password, token } = first;
  if (email === null && password === null) return { setupToken: await makeSetupToken(db) };
  if (email === null || password === null) {
    throw new StartError(
      'The first administrator needs FLOWHOOK_ADMIN_EMAIL and FLOWHOOK_ADMIN_PASSWORD: set both, or none to get a set-up link.',
    );
  }
  await makeFirst(db, { email, password, token }, now);
  return null;
}

async function makeFirst(
  db: Database,
  { email, password, token }: { email: string; password: string; token: string | null },
  now: number,
): Promise<void> {
  const passwordHash = await hashPassword(password);
  await db.transaction(async (tx) => {
    await lockFirst(tx);
    // Of several nodes at their first start, one makes it.
    if (!(await isSetupNeeded(tx))) return;
    const account = { email, name: email.split('@')[0]!, role: 'administrator', passwordHash } as const;
    const id = await insertAccount(tx, account, null);
    const info = { description: 'FLOWHOOK_ADMIN_TOKEN', readOnly: false, flowIds: null, expiresAt: null };
    if (token !== null) await insertToken(tx, id, token, { ...info, now });
  });
}

const firstLock = 0x666c_6f78;

/** SQLite has one writer and needs no lock. */
async function lockFirst(tx: Tx): Promise<void> {
  if (tx.dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(firstLock)})`.execute(tx);
}

export async function isSetupNeeded(db: Read): Promise<boolean> {
  const person = await db.selectFrom('people').select('id').limit(1).executeTakeFirst();
  return person === undefined;
}

/** A new token at every start: the link that was printed last is the one that works. */
export async function makeSetupToken(db: Database): Promise<string> {
  const token = makeToken('setup');
  await db.transaction((tx) => storeAnew(tx, 'setupToken', hashToken(token)));
  return token;
}

/** Makes the first administrator by the printed link, which works once. */
export async function completeSetup(
  db: Database,
  token: string,
  { email, name, password }: { email: string; name: string; password: string },
): Promise<void> {
  await refuseSetup(db.read, token);
  const passwordHash = await hashPassword(password);
  await db.transaction(async (tx) => {
    await lockFirst(tx);
    await refuseSetup(tx, token);
    await takeStored(tx, 'setupToken', hashToken(token));
    await insertAccount(tx, { email, name, role: 'administrator', passwordHash }, null);
  });
}

async function refuseSetup(db: Read, token: string): Promise<void> {
  if (!(await isSetupNeeded(db))) throw new Problem('conflict', 'This server is set up already: sign in.');
  if ((await readStored(db, 'setupToken')) === hashToken(token)) return;
  throw new Problem(
    'forbidden',
    'This set-up link is not valid: use the one that the server printed at its last start.',
  );
}
