// One process owns a SQLite database: an open exclusive transaction on a file beside it, which dies with its process.
import SqliteConnection from 'better-sqlite3';
import { StartError } from '../base/start-error.ts';

export class AlreadyOwned extends StartError {}

/** Takes the lock or throws `AlreadyOwned`. `release` gives it back; so does the end of the process, however it ends. */
export function takeOwnerLock(path: string): { release(): void } {
  const lock = new SqliteConnection(path, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new AlreadyOwned(
      `Another Flowhook has the database beside ${path} open. Stop it first, or use PostgreSQL (DATABASE_URL), which several processes can share.`,
    );
  }
  return { release: () => lock.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof SqliteConnection.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
