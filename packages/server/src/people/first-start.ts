// The first administrator: from the settings, or by a link that is printed once.
import { Problem } from '../base/error.ts';
import { hashToken, makeToken } from '../base/secret.ts';
import type { Database, Read } from '../db/database.ts';
import { insertToken } from './access-token.ts';
import { createAccount, type NewAccount } from './account.ts';

export interface FirstAdministrator {
  readonly email: string | null;
  readonly password: string | null;
  readonly token: string | null;
}

/** Where the hash of the set-up link's token is kept until it is used. */
const setupKey = 'internal.setupToken';

/** Makes the administrator that the settings name, or gives the token of the link to print. Null where there are people already. */
export async function prepareFirstStart(
  db: Database,
  first: FirstAdministrator,
  now: number,
): Promise<{ setupToken: string } | null> {
  if (!(await isSetupNeeded(db.read))) return null;
  if (first.email === null || first.password === null) return { setupToken: await makeSetupToken(db, now) };
  const id = await createAccount(db, {
    email: first.email,
    name: first.email.split('@')[0]!,
    role: 'administrator',
    password: first.password,
  });
  const { token } = first;
  if (token !== null) {
    const info = {
      description: 'FLOWHOOK_ADMIN_TOKEN',
      readOnly: false,
      flowIds: null,
      expiresAt: null,
      now,
    };
    await db.transaction((tx) => insertToken(tx, id, token, info));
  }
  return null;
}

export async function isSetupNeeded(db: Read): Promise<boolean> {
  const person = await db.selectFrom('people').select('id').limit(1).executeTakeFirst();
  return person === undefined;
}

/** A new token at every start: the link that was printed last is the one that works. */
export async function makeSetupToken(db: Database, now: number): Promise<string> {
  const token = makeToken('setup');
  const row = { value: JSON.stringify(hashToken(token)), updated_at: now };
  await db.transaction((tx) =>
    tx
      .insertInto('workspace_settings')
      .values({ key: setupKey, ...row })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute(),
  );
  return token;
}

/** Makes the first administrator by the printed link. The token works once. */
export async function completeSetup(
  db: Database,
  token: string,
  account: Omit<NewAccount, 'role'>,
): Promise<void> {
  if (!(await isSetupNeeded(db.read)))
    throw new Problem('conflict', 'This server is set up already: sign in.');
  const row = await db.read
    .selectFrom('workspace_settings')
    .select('value')
    .where('key', '=', setupKey)
    .executeTakeFirst();
  if (row === undefined || (JSON.parse(row.value) as string) !== hashToken(token)) {
    throw new Problem(
      'forbidden',
      'This set-up link is not valid: use the one that the server printed at its last start.',
    );
  }
  const { numDeletedRows } = await db.transaction((tx) =>
    tx
      .deleteFrom('workspace_settings')
      .where('key', '=', setupKey)
      .where('value', '=', row.value)
      .executeTakeFirstOrThrow(),
  );
  if (numDeletedRows === 0n) throw new Problem('conflict', 'This set-up link was used at the same moment.');
  await createAccount(db, { ...account, role: 'administrator' });
}
