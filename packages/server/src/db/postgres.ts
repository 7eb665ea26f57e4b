// PostgreSQL: a pool, transactions that are repeated after a deadlock, and one session that listens and holds the node's lock.
import { Kysely, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';
import type { Tx } from './database.ts';
import { createPlanRenewal, createStatementNames, keepStatements } from './postgres-statement.ts';
import type { Schema } from './schema.ts';

// bigint comes as text unless told otherwise; every number of ours is below 2^53.
const int8 = 20;
types.setTypeParser(int8, Number);

const repeatable = new Set(['40001', '40P01']);
const mostTries = 4;

export interface PostgresPool {
  readonly pool: Pool;
  readonly read: Kysely<Schema>;
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export function openPostgres(url: string, onError: (error: unknown) => void, connections = 16): PostgresPool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    application_name: 'flowhook',
    idleTimeoutMillis: 60_000,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', onError);
  // The pool listens to idle ones only: one that breaks between two statements of a transaction would end it, too.
  pool.on('connect', (client) => client.on('error', onError));
  const nameOf = createStatementNames();
  pool.on('connect', (client) => keepStatements(client, nameOf));
  const onReserveConnection = createPlanRenewal(Date.now);
  const read = new Kysely<Schema>({ dialect: new PostgresDialect({ pool, onReserveConnection }) });
  return {
    pool,
    read,
    transaction: (work) => runRepeated(() => read.transaction().execute((tx) => work(tx as Tx))),
    close: () => read.destroy(),
  };
}

async function runRepeated<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (tries === mostTries || !repeatable.has(readCode(error))) throw error;
    }
  }
}

function readCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
