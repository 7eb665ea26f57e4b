// The numbers that new rows get: how far they have come, what of them stands in tables, and raising them.
import { sql } from 'kysely';
import type { Read, Tx } from './database.ts';

/** The last number given out, by table; 0 where there was none. */
export type Sequences = Readonly<Record<string, number>>;

interface Given {
  readonly name: string;
  readonly last: number | null;
}

export async function readSequences(db: Read): Promise<Sequences> {
  const { rows } = await (db.dialect === 'sqlite' ? readSqlite(db) : readPostgres(db));
  return Object.fromEntries(rows.map(({ name, last }) => [name, last ?? 0]));
}

/** A table has its entry there since its first row. */
function readSqlite(db: Read) {
  return sql<Given>`select m.name, s.seq as last from sqlite_master m left join sqlite_sequence s on s.name = m.name
    where m.type = 'table' and m.sql like '%autoincrement%'`.execute(db);
}

function readPostgres(db: Read) {
  return sql<Given>`select regexp_replace(sequencename, '_id_seq$', '') as name, last_value as last
    from pg_sequences where schemaname = current_schema()`.execute(db);
}

/** The largest number that stands in each table: what is committed, while a sequence may be ahead of that. */
export async function readLargestIds(db: Read, tables: readonly string[]): Promise<Sequences> {
  const largest = tables.map(
    (table) => sql`select ${sql.lit(table)} as name, max(id) as last from ${sql.table(table)}`,
  );
  const { rows } = await sql<Given>`${sql.join(largest, sql` union all `)}`.execute(db);
  return Object.fromEntries(rows.map(({ name, last }) => [name, last ?? 0]));
}

/** The next row of each table gets a larger number than this; none gets a smaller one than it would have. */
export async function raiseSequences(tx: Tx, least: Sequences): Promise<void> {
  for (const [table, last] of Object.entries(least))
    await (tx.dialect === 'sqlite' ? raiseSqlite(tx, table, last) : raisePostgres(tx, table, last));
}

async function raiseSqlite(tx: Tx, table: string, last: number): Promise<void> {
  await sql`insert into sqlite_sequence (name, seq)
    select ${table}, 0 where not exists (select 1 from sqlite_sequence where name = ${table})`.execute(tx);
  await sql`update sqlite_sequence set seq = max(seq, ${last}) where name = ${table}`.execute(tx);
}

async function raisePostgres(tx: Tx, table: string, last: number): Promise<void> {
  const name = `${table}_id_seq`;
  await sql`select setval(${name}, greatest(${last}::bigint, (select last_value from ${sql.table(name)})))`.execute(
    tx,
  );
}
