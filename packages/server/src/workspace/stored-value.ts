// Values that the server itself keeps beside the workspace settings; people neither see nor change them.
import type { Database, Read } from '../db/database.ts';

/** `keyCheck`: a text sealed with the encryption key. `dataFolder`: the marker of the shared folder. `setupToken`: a hash. */
export type StoredName = 'keyCheck' | 'dataFolder' | 'setupToken';

const keyOf = (name: StoredName) => `internal.${name}`;

export async function readStored(db: Read, name: StoredName): Promise<unknown> {
  const query = db.selectFrom('workspace_settings').select('value').where('key', '=', keyOf(name));
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : (JSON.parse(row.value) as unknown);
}

/** Stores the value unless there is one; gives the one that is there then: of two nodes at their first start, one decides. */
export async function storeOnce(db: Database, name: StoredName, value: unknown): Promise<unknown> {
  const row = { key: keyOf(name), value: JSON.stringify(value), updated_at: db.read.now };
  await db.transaction((tx) =>
    tx
      .insertInto('workspace_settings')
      .values(row)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute(),
  );
  return readStored(db.read, name);
}

export async function storeAnew(tx: Read, name: StoredName, value: unknown): Promise<void> {
  const row = { value: JSON.stringify(value), updated_at: tx.now };
  await tx
    .insertInto('workspace_settings')
    .values({ key: keyOf(name), ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
}

/** Removes the value if it is still this one; false where it was not. */
export async function takeStored(tx: Read, name: StoredName, value: unknown): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('workspace_settings')
    .where('key', '=', keyOf(name))
    .where('value', '=', JSON.stringify(value))
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}
