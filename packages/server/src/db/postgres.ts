// PostgreSQL: a pool, transactions that are repeated after a deadlock, and one session that listens and holds the node's lock.
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import { Pool, types } from 'pg';
import type { Read, Tx } from './database.ts';
import { speak } from './dialect.ts';
import {
  connectMs,
  createSilenceWatch,
  keptAlive,
  ordinaryPatience,
  patienceText,
  type Patience,
} from './postgres/patience.ts';
import { createPlanRenewal, createStatementNames, keepStatements } from './postgres/statement.ts';
import type { Schema } from './schema.ts';

// bigint comes as text unless told otherwise; every number of ours is below 2^53.
const int8 = 20;
types.setTypeParser(int8, Number);

const repeatable = new Set(['40001', '40P01']);
const maxTries = 4;

export interface PostgresPool {
  readonly pool: Pool;
  readonly read: Read;
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** What the session sees: while the database is silent, connections that wait for it are given up sooner. */
  setSilent(isSilent: boolean): void;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** At most. */
  readonly connections?: number;
  readonly patience?: Patience;
}

/** Connections that are closing are given up after this: a silent network never says that it heard of it. */
const closeMs = 2000;

export function openPostgres(
  url: string,
  onError: (error: unknown) => void,
  { connections = 16, patience = ordinaryPatience }: PoolOptions = {},
): PostgresPool {
  const watch = createSilenceWatch(patience);
  const pool = new Pool({
    connectionString: url,
    max: connections,
    application_name: 'flowhook',
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: connectMs,
    ...keptAlive,
    // The pool waits for what it gives; the type of the package does not say so.
    onConnect: (client) => {
      watch.follow(client);
      return client.query(patienceText(patience)) as unknown as void;
    },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', onError);
  // The pool listens to idle ones only: one that breaks between two statements of a transaction would end it, too.
  pool.on('connect', (client) => client.on('error', onError));
  const nameOf = createStatementNames();
  pool.on('connect', (client) => keepStatements(client, nameOf));
  const onReserveConnection = createPlanRenewal(Date.now);
  const read = speak(
    new Kysely<Schema>({ dialect: new PostgresDialect({ pool, onReserveConnection }) }),
    'postgres',
  );
  return {
    pool,
    read,
    transaction: (work) => runRepeated(() => runOnce(read, work)),
    setSilent: watch.setSilent,
    async close() {
      const giveUp = setTimeout(() => watch.destroyAll('the pool is closed'), closeMs);
      await read.destroy();
      clearTimeout(giveUp);
      watch.stop();
    },
  };
}

/** What went wrong is what `work` met, and not that its connection could not even be rolled back. */
async function runOnce<Result>(db: Kysely<Schema>, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  let met: { readonly error: unknown } | undefined;
  const noted = (tx: Transaction<Schema>) =>
    work(speak(tx, 'postgres') as Tx).catch((error: unknown) => {
      met = { error };
      throw error;
    });
  try {
    return await db.transaction().execute(noted);
  } catch (error) {
    throw met === undefined ? error : met.error;
  }
}

async function runRepeated<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (tries === maxTries || !repeatable.has(readCode(error))) throw error;
    }
  }
}

function readCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
