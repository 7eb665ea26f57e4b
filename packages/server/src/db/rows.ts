// Many rows as one parameter: the batched statements read them as a table, with the same text around it in both dialects.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from './database.ts';
import type { DialectWords } from './dialect.ts';
import type { Schema } from './schema.ts';

export type Cell = string | number | null;
export type ColumnType = 'bigint' | 'text';
export type Columns = Readonly<Record<string, ColumnType>>;
/** One row's cells by column name. */
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: Cell };

/** The same, by the type of each column. */
export type CellsOf<C extends Columns> = {
  readonly [Name in keyof C]: (C[Name] extends 'bigint' ? number : string) | null;
};

/**
 * A derived table `alias` with these columns and rows, to stand after `from`.
 * PostgreSQL gets an array a column (`unnest`), SQLite one JSON text (`json_each`): both are read in one pass.
 */
export function tableOf<C extends Columns>(
  { dialect }: Pick<DialectWords, 'dialect'>,
  alias: string,
  columns: C,
  rows: readonly RowOf<C>[],
): RawBuilder<unknown> {
  const names = Object.keys(columns);
  return dialect === 'postgres' ? unnest(alias, columns, names, rows) : jsonEach(alias, names, rows);
}

function unnest<C extends Columns>(
  alias: string,
  columns: C,
  names: string[],
  rows: readonly RowOf<C>[],
): RawBuilder<unknown> {
  const arrays = names.map(
    (name) => sql`${sql.val(rows.map((row) => row[name] ?? null))}::${sql.raw(columns[name]!)}[]`,
  );
  return sql`unnest(${sql.join(arrays)}) as ${sql.raw(`${alias} (${names.join(', ')})`)}`;
}

function jsonEach<C extends Columns>(
  alias: string,
  names: string[],
  rows: readonly RowOf<C>[],
): RawBuilder<unknown> {
  const cells = names.map((name, index) => `value ->> ${index} as ${name}`).join(', ');
  const json = JSON.stringify(rows.map((row) => names.map((name) => row[name] ?? null)));
  return sql`(select ${sql.raw(cells)} from json_each(${json})) as ${sql.raw(alias)}`;
}

const nothing = sql.raw('');

/**
 * Inserts the rows; with `returning`, gives these columns of each, in no promised order. A column may be an expression,
 * as `{ now: tx.now }`.
 */
export async function insertMany<C extends Columns, Returned = never>(
  db: Read,
  into: {
    table: keyof Schema;
    columns: C;
    rows: readonly RowOf<C>[];
    /** What is done about a row that is there already. */
    onConflict?: RawBuilder<unknown>;
    returning?: readonly (keyof Returned | Readonly<Partial<Record<keyof Returned, RawBuilder<unknown>>>>)[];
  },
): Promise<Returned[]> {
  if (into.rows.length === 0) return [];
  const names = sql.raw(Object.keys(into.columns).join(', '));
  const returned = (into.returning ?? []).flatMap((column) =>
    typeof column === 'object'
      ? Object.entries<RawBuilder<unknown>>(column as Record<string, RawBuilder<unknown>>).map(
          ([name, expression]) => sql`${expression} as ${sql.raw(name)}`,
        )
      : [sql.raw(String(column))],
  );
  const returning = returned.length === 0 ? sql.raw('') : sql`returning ${sql.join(returned)}`;
  const rows = tableOf(db, 'given', into.columns, into.rows);
  const statement = sql<Returned>`insert into ${sql.raw(into.table)} (${names}) select ${names} from ${rows} ${whereTrue(db)} ${into.onConflict ?? nothing} ${returning}`;
  return (await statement.execute(db)).rows;
}

/** SQLite reads `on` of a join into an insert from a select that has no `where`. */
function whereTrue({ dialect }: Read): RawBuilder<unknown> {
  return sql.raw(dialect === 'sqlite' ? 'where true' : '');
}
