// Where a server of a bench lives: a data folder of its own, and on PostgreSQL a database of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import SqliteConnection from 'better-sqlite3';
import {
  findPostgresBinaries,
  startPostgres,
  type PostgresServer,
} from '../../packages/server/test/postgres.ts';
import type { Dialect } from '../../packages/server/src/db/dialect.ts';
import { sqliteFileName } from '../../packages/server/src/db/open-database.ts';
import { readTreeCpuMs } from './process-cost.ts';

export interface Home {
  readonly dataDir: string;
  /** Null on SQLite. */
  readonly databaseUrl: string | null;
  /** Reads beside the server, as `flowhook audit` does. */
  query<Row>(text: string): Promise<Row[]>;
  /** Writes beside the server what it would take too long to bring about. */
  write(text: string): Promise<void>;
  /** Processor time of PostgreSQL, milliseconds; 0 on SQLite, whose work is the server's own. */
  databaseCpuMs(): number;
  remove(): Promise<void>;
}

export interface Homes {
  readonly dialects: readonly Dialect[];
  make(dialect: Dialect): Promise<Home>;
  stop(): Promise<void>;
}

/** Starts PostgreSQL (fsync on, its defaults otherwise) where it is installed; says so where it is not. */
export async function openHomes(only: string | undefined): Promise<Homes> {
  const wanted = (['sqlite', 'postgres'] as const).filter(
    (dialect) => only === undefined || dialect === only,
  );
  const found = findPostgresBinaries() !== undefined;
  if (wanted.includes('postgres') && !found) console.log('postgres: left out, it is not installed');
  const postgres = wanted.includes('postgres') && found ? await startPostgres() : null;
  return {
    dialects: wanted.filter((dialect) => dialect === 'sqlite' || postgres !== null),
    make: (dialect) => makeHome(dialect === 'sqlite' ? null : postgres),
    stop: async () => postgres?.stop(),
  };
}

async function makeHome(postgres: PostgresServer | null): Promise<Home> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flowhook-bench-'));
  const databaseUrl = postgres === null ? null : await postgres.createDatabase();
  const reader =
    databaseUrl === null ? openSqlite(join(dataDir, sqliteFileName)) : await openClient(databaseUrl);
  return {
    dataDir,
    databaseUrl,
    query: reader.query,
    write: (text) => write(dataDir, databaseUrl, text),
    databaseCpuMs: () => (postgres === null ? 0 : readTreeCpuMs(postgres.pid)),
    async remove() {
      await reader.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function write(dataDir: string, databaseUrl: string | null, text: string): Promise<void> {
  if (databaseUrl === null) {
    const file = new SqliteConnection(join(dataDir, sqliteFileName), { timeout: 30_000 });
    file.prepare(text).run();
    file.close();
    return;
  }
  const client = await openClient(databaseUrl);
  await client.query(text);
  await client.close();
}

interface Reader {
  query<Row>(text: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** Opened at the first query: the server makes the file. */
function openSqlite(path: string): Reader {
  let file: SqliteConnection.Database | undefined;
  return {
    async query<Row>(text: string) {
      file ??= new SqliteConnection(path, { readonly: true });
      return file.prepare(text).all() as Row[];
    },
    async close() {
      file?.close();
    },
  };
}

async function openClient(url: string): Promise<Reader> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    query: async <Row>(text: string) => (await client.query(text)).rows as Row[],
    close: () => client.end(),
  };
}
