// NaN and infinities, which JSON has not: null stands in their place, and they are counted as they are written.
import type { Column } from '../dataset.ts';
import type { FilePlan } from '../engine.ts';
import { losesNumbers } from './output-cell.ts';
import type { Session } from './task/session.ts';

interface Counter {
  readonly column: string;
  /** A sequence: writing counts as it goes, no value is looked at twice. */
  readonly name: string;
}

const nameCounter = (file: number, column: number): string => `lost_${file}_${column}`;

/** The SQL that counts one value of a column of a file, and is true. */
export const countLost =
  (file: number) =>
  (column: number): string =>
    `nextval('job.${nameCounter(file, column)}') > 0`;

function listCounters(files: readonly FilePlan[], columns: readonly Column[]): Counter[] {
  return files.flatMap(({ format }, file) =>
    [...columns.entries()]
      .filter(([, column]) => losesNumbers(format, column))
      .map(([at, { name }]) => ({ column: name, name: nameCounter(file, at) })),
  );
}

/** Before anything is written. */
export async function makeCounters(
  session: Session,
  files: readonly FilePlan[],
  columns: readonly Column[],
): Promise<void> {
  for (const { name } of listCounters(files, columns)) await session.run(`CREATE SEQUENCE job.${name}`);
}

/** A sentence for each column that lost values. */
export async function tellLost(
  session: Session,
  files: readonly FilePlan[],
  columns: readonly Column[],
): Promise<string[]> {
  const counters = listCounters(files, columns);
  if (counters.length === 0) return [];
  const rows = await session.rows(
    "SELECT sequence_name AS name, last_value AS n FROM duckdb_sequences() WHERE schema_name = 'job' AND last_value > 0",
  );
  const counts = new Map(rows.map(({ name, n }) => [String(name), Number(n)]));
  const byColumn = new Map<string, number>();
  for (const { column, name } of counters)
    byColumn.set(column, Math.max(byColumn.get(column) ?? 0, counts.get(name) ?? 0));
  return [...byColumn].filter(([, count]) => count > 0).map(([column, count]) => word(column, count));
}

const word = (column: string, count: number): string =>
  `${count === 1 ? 'A value' : `${count.toLocaleString('en-US')} values`} of column "${column}" ${count === 1 ? 'was' : 'were'} written as null: JSON has no NaN and no infinity.`;
