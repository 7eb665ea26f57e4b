// SQLite: one connection that writes, one that reads; waiting transactions share one commit.
import { setImmediate } from 'node:timers/promises';
import { CompiledQuery, Kysely, SqliteDialect, type Transaction } from 'kysely';
import type { Read, Tx } from './database.ts';
import { speak } from './dialect.ts';
import type { Schema } from './schema.ts';
import { openAside } from './sqlite/aside.ts';
import { asideMs } from './took-too-long.ts';
import { keepStatements, openConnection } from './sqlite/connection.ts';

/** A transaction waits at most for this many before it, and for this long, until the commit that it shares. */
const groupSize = 64;
const groupMs = 10;
const asideThreads = 3;

export interface SqliteFile {
  readonly read: Read;
  readonly aside: Read;
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
  const aside = openAside(path, { threads: asideThreads, statementMs: asideMs });
  const group = createGroup(writer);
  return {
    read,
    aside,
    transaction: group.add,
    async close() {
      await group.idle();
      await aside.destroy();
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
  return new SqliteDialect({ database: keepStatements(openConnection(path, readonly)) });
}

/** A full commit costs 0.5 ms here and more elsewhere: what waits together is committed together, each behind its own savepoint. */
function createGroup(writer: Kysely<Schema>) {
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  function add<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      waiting.push({ work, resolve, reject });
      running ??= setImmediate().then(runAll);
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

/** Runs one of the group; what it did is undone alone if it throws. Returns what to tell it after the commit. */
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
