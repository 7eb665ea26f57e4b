// A wrong encryption key is found at start, not at the first secret that can't be opened.
import type { SecretBox } from '../base/secret.ts';
import { SettingError } from '../base/setting-kind.ts';
import type { Database } from '../db/database.ts';

const checkKey = 'internal.keyCheck';
const context = 'key check';

/** Throws where the database was written with another key. */
export async function checkEncryptionKey(db: Database, box: SecretBox, now: number): Promise<void> {
  const row = { key: checkKey, value: box.seal('flowhook', context), updated_at: now };
  await db.transaction((tx) =>
    tx
      .insertInto('workspace_settings')
      .values(row)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute(),
  );
  const stored = await db.read
    .selectFrom('workspace_settings')
    .select('value')
    .where('key', '=', checkKey)
    .executeTakeFirstOrThrow();
  try {
    box.open(stored.value, context);
  } catch {
    throw new SettingError(
      'The encryption key is not the one that this database was written with: set FLOWHOOK_ENCRYPTION_KEY, or put the key file back into the data folder.',
    );
  }
}
