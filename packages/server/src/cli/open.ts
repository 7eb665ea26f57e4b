// Opens the database for a command that works on it without a server.
import type { Config } from '../base/config.ts';
import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/open-database.ts';
import { openDataFolder } from '../workspace/data-folder.ts';
import { readSettings, type FlagValues } from './setting-flag.ts';

/** On SQLite it throws `AlreadyOwned` while a server runs. */
export async function withDatabase(
  options: FlagValues,
  work: (db: Database, config: Config) => Promise<void>,
): Promise<void> {
  const config = readSettings(options);
  const dataDir = await openDataFolder(config.dataDir);
  const nodeName = `command ${process.pid}`;
  const onError = (error: unknown) => console.error(error);
  const db = await openDatabase({ url: config.databaseUrl, dataDir, nodeName, onError });
  try {
    await work(db, config);
  } finally {
    await db.close();
  }
}
