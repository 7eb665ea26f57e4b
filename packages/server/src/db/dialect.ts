// The few words in which the engines' SQL differs.
import { sql, type RawBuilder } from 'kysely';
import type { Database, Read } from './database.ts';

export type EngineName = Database['engine'];

/** The database's own time in epoch milliseconds: due times and leases compare with it, never with a node's clock. */
export function sqlNow(engine: EngineName): RawBuilder<number> {
  return sql<number>`${sql.raw(nowText(engine))}`;
}

/** The same as SQL text, for hand-written statements. */
export function nowText(engine: EngineName): string {
  return engine === 'sqlite'
    ? `cast(unixepoch('subsec') * 1000 as integer)`
    : `(extract(epoch from clock_timestamp()) * 1000)::bigint`;
}

/** Reads the database's time in epoch milliseconds. */
export async function readNow(engine: EngineName, db: Read): Promise<number> {
  const { rows } = await sql<{ now: number }>`select ${sqlNow(engine)} as now`.execute(db);
  return rows[0]!.now;
}

/** Locks the rows that a select names until the transaction ends; SQLite has one writer and needs no lock. */
export function forUpdate(engine: EngineName): RawBuilder<unknown> {
  return sql.raw(engine === 'sqlite' ? '' : 'for update');
}
