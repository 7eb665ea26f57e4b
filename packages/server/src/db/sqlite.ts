// SQLite: one connection that writes, one that reads; waiting transactions share one commit.
import SqliteConnection from 'better-sqlite3';
import { CompiledQuery, Kysely, SqliteDialect, type SqliteDatabase, type Transaction } from 'kysely';
import { systemClock } from '../base/clock.ts';
import type { Read, Tx } from './database.ts';
import { speak } from './dialect.ts';
import type { Schema } from './schema.ts';

/** A transaction waits at most for this many before it, and for this long, until the commit that it shares. */
const groupSize = 64;
const groupMs = 10;

export interface SqliteFile {
  readonly read: Read;
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

interface Waiting {
  work(tx: Tx): Promise<unknown>;
  resolve(value: never): void;
  reject(reason: unknown): void;
}

/** Opens the file, which is made if it is missing. The schema is not touched. */
export function openSqlite(path: string): SqliteFile {
  const writer = new Kysely<Schema>({ dialect: openDialect(path, false) });
  const read = openSqliteReader(path);
  const group = createGroup(writer);
  return {
    read,
    transaction: group.add,
    async close() {
      await group.idle();
      await read.destroy();
      await writer.destroy();
    },
  };
}

/** Opens the file to read beside its owner, as audit and backup do. */
export function openSqliteReader(path: string): Read {
  return speak(new Kysely<Schema>({ dialect: openDialect(path, true) }), 'sqlite');
}

function openDialect(path: string, readonly: boolean): SqliteDialect {
  const database = new SqliteConnection(path, { readonly, fileMustExist: readonly, timeout: 5000 });
  if (!readonly) database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('cache_size = -65536');
  database.pragma('temp_store = MEMORY');
  // SQLite's word for what stays the same throughout a statement, which then asks once and not for each row.
  database.function('flowhook_now', { deterministic: true }, readStatementTime);
  return new SqliteDialect({ database: keepStatements(database) });
}

let statementTime: number | undefined;

/** The same throughout a statement, which runs without a turn of the event loop. */
function readStatementTime(): number {
  if (statementTime === undefined) {
    statementTime = systemClock.now();
    queueMicrotask(() => {
      statementTime = undefined;
    });
  }
  return statementTime;
}

/** Kysely prepares each statement anew, 10 to 20 µs each time; one kept by its text costs a look-up. */
function keepStatements(database: SqliteConnection.Database): SqliteDatabase {
  const kept = new Map<string, SqliteConnection.Statement>();
  return {
    close: () => database.close(),
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

/** A full commit costs 0.5 ms here and more elsewhere: what waits together is committed together, each behind its own savepoint. */
function createGroup(writer: Kysely<Schema>) {
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  function add<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      waiting.push({ work, resolve, reject });
      running ??= nextTurn().then(runAll);
    });
  }

  async function runAll(): Promise<void> {
    while (waiting.length > 0)
      await writer.connection().execute((db) => runGroup(speak(db, 'sqlite') as unknown as Tx));
    running = undefined;
  }

  async function runGroup(tx: Tx): Promise<void> {
    const done: (() => void)[] = [];
    const begun: Waiting[] = [];
    try {
      await runText(tx, 'begin immediate');
      const until = performance.now() + groupMs;
      while (waiting.length > 0 && begun.length < groupSize && performance.now() < until) {
        const next = waiting.shift()!;
        begun.push(next);
        done.push(await runOne(tx, next));
      }
      await runText(tx, 'commit');
      for (const tell of done) tell();
    } catch (error) {
      await runText(tx, 'rollback').catch(() => undefined);
      if (begun.length === 0) begun.push(...waiting.splice(0));
      for (const each of begun) each.reject(error);
    }
  }

  return { add, idle: async () => running };
}

/** Runs one of the group; what it did is undone alone if it throws. Gives what to tell it after the commit. */
async function runOne(tx: Tx, { work, resolve, reject }: Waiting): Promise<() => void> {
  await runText(tx, 'savepoint one');
  try {
    const value = await work(tx);
    await runText(tx, 'release one');
    return () => resolve(value as never);
  } catch (error) {
    await runText(tx, 'rollback to one');
    await runText(tx, 'release one');
    return () => reject(error);
  }
}

function runText(tx: Transaction<Schema>, text: string) {
  return tx.executeQuery(CompiledQuery.raw(text));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
