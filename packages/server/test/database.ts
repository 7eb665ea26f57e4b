// Databases for tests: every suite that stores something runs on both databases.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import type { Dialect } from '../src/db/dialect.ts';
import type { Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { openDatabase, sqliteFileName } from '../src/db/open-database.ts';
import { openSqlite } from '../src/db/sqlite.ts';
import { createPostgresDatabase, postgresUrl } from './postgres-server.ts';

export interface TestDatabase {
  readonly dialect: Dialect;
  /** A folder of its own, gone with `remove`. */
  readonly dataDir: string;
  /** Null on SQLite. */
  readonly url: string | null;
  open(): Promise<Database>;
  remove(): Promise<void>;
}

/** Runs a suite once on SQLite and once on PostgreSQL; says so where there is no PostgreSQL. */
export function describeOnBoth(
  name: string,
  suite: (make: () => Promise<TestDatabase>, dialect: Dialect) => void,
): void {
  describe(`${name} on SQLite`, () => suite(() => makeTestDatabase('sqlite'), 'sqlite'));
  const skip =
    postgresUrl() === undefined ? 'PostgreSQL not available: set FLOWHOOK_TEST_POSTGRES_URL' : false;
  describe(`${name} on PostgreSQL`, { skip }, () => suite(() => makeTestDatabase('postgres'), 'postgres'));
}

const templateVariable = 'FLOWHOOK_TEST_SQLITE_TEMPLATE';

/**
 * Makes the database that this process and its children copy from now on, in place of the migrations: they are half of what
 * the start of a server costs. What it gives removes it.
 */
export async function makeSqliteTemplate(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-template-'));
  const path = join(folder, sqliteFileName);
  const { transaction, close } = openSqlite(path);
  await migrate(transaction);
  await close();
  process.env[templateVariable] = path;
  return () => rm(folder, { recursive: true });
}

export async function makeTestDatabase(dialect: Dialect): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flowhook-test-'));
  const template = process.env[templateVariable];
  if (dialect === 'sqlite' && template !== undefined) await copyFile(template, join(dataDir, sqliteFileName));
  const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null;
  const url = postgres?.url ?? null;
  return {
    dialect,
    dataDir,
    url,
    open: () => openDatabase({ url, dataDir, nodeName: 'test', onError: (error) => console.error(error) }),
    async remove() {
      await postgres?.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
