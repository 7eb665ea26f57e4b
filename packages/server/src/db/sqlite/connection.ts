// A connection to SQLite as each of ours is: how durable, and which statements are kept.
import SqliteConnection from 'better-sqlite3';

/** Opens the file; what only reads needs it to be there. */
export function openConnection(path: string, readonly: boolean): SqliteConnection.Database {
  const database = new SqliteConnection(path, { readonly, fileMustExist: readonly, timeout: 5000 });
  if (!readonly) {
    database.pragma('journal_mode = WAL');
    // 16 MB instead of 4: a page that many commits change is written back once, a reader looks through more of the log.
    database.pragma('wal_autocheckpoint = 4000');
  }
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('cache_size = -65536');
  database.pragma('temp_store = MEMORY');
  return database;
}

/** What Kysely needs of a database. */
interface KeptStatements {
  close(): void;
  prepare(text: string): SqliteConnection.Statement;
}

/** Kysely prepares each statement anew, 10 to 20 µs each time; one kept by its text costs a look-up. */
export function keepStatements(database: SqliteConnection.Database): KeptStatements {
  const kept = new Map<string, SqliteConnection.Statement>();
  return {
    close: () => void database.close(),
    prepare(text: string) {
      let statement = kept.get(text);
      if (statement === undefined) {
        if (kept.size >= 1000) kept.clear();
        statement = database.prepare(text);
        kept.set(text, statement);
      }
      return statement;
    },
  };
}
