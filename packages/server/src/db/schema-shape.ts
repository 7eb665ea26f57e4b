// Whether a database has every table, column and index that the migrations make: one that an edited migration made has not.
import SqliteConnection from 'better-sqlite3';
import { sql } from 'kysely';
import type { Tx } from './database.ts';
import type { Migration } from './migration-list.ts';
import { fillWords } from './migration-word.ts';

interface Part {
  readonly kind: 'column' | 'index';
  readonly name: string;
}

/** Says in a few words what is missing; null where nothing is. What a database has beyond that is its owner's. */
export async function findSchemaFault(tx: Tx, migrations: readonly Migration[]): Promise<string | null> {
  const found = new Set((await readParts(tx)).map(writePart));
  const missing = listParts(migrations).filter((part) => !found.has(part));
  if (missing.length === 0) return null;
  const [first, ...others] = missing;
  return `it has no ${first}${others.length === 0 ? '' : `, and ${others.length} more things are missing`}`;
}

function writePart({ kind, name }: Part): string {
  return `${kind} ${name}`;
}

const sqliteParts = `
  select 'column' as kind, t.name || '.' || c.name as name
  from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table' and t.name not like 'sqlite_%'
  union all select 'index', name from sqlite_schema where type = 'index' and name not like 'sqlite_%'`;

const postgresParts = `
  select 'column' as kind, table_name || '.' || column_name as name
  from information_schema.columns where table_schema = current_schema()
  union all select 'index', indexname from pg_indexes where schemaname = current_schema()`;

async function readParts(tx: Tx): Promise<Part[]> {
  const { rows } = await sql<Part>`${sql.raw(tx.dialect === 'sqlite' ? sqliteParts : postgresParts)}`.execute(
    tx,
  );
  return rows;
}

/** Made once for a list: a process that opens several databases asks for the same again. */
const partsOf = new WeakMap<readonly Migration[], string[]>();

function listParts(migrations: readonly Migration[]): string[] {
  const parts = partsOf.get(migrations) ?? makeParts(migrations).map(writePart);
  partsOf.set(migrations, parts);
  return parts;
}

/** Names are the same on both databases: what SQLite makes of the migrations in memory tells what there must be. */
function makeParts(migrations: readonly Migration[]): Part[] {
  const memory = new SqliteConnection(':memory:');
  try {
    for (const { text } of migrations) memory.exec(fillWords(text, 'sqlite'));
    return memory.prepare<[], Part>(sqliteParts).all();
  } finally {
    memory.close();
  }
}
