// Pure: values as a format can hold them: JSON knows no NaN, CSV no lists, and narrow integers are read by everybody.
import type { Column } from '../dataset.ts';
import type { FilePlan } from '../engine.ts';
import { quoteName, quoteText } from './quote.ts';
import { holdsType, isNested, readShape, type TypeShape } from './type-shape.ts';

const isFloating = (type: string): boolean => type === 'DOUBLE' || type === 'FLOAT';

/** A value without NaN and infinities: null stands in their place; `count` is SQL that counts one, and is true. */
function finite(sql: string, shape: TypeShape, count: string, depth = 0): string {
  if (!holdsType(shape, isFloating)) return sql;
  if (shape.kind === 'plain')
    return `CASE WHEN ${sql} IS NULL OR isfinite(${sql}) THEN ${sql} WHEN ${count} THEN NULL END`;
  const each = `v${depth}`;
  if (shape.kind === 'list')
    return `list_transform(${sql}, lambda ${each}: ${finite(each, shape.of, count, depth + 1)})`;
  if (shape.kind === 'map') {
    const entry = `{key: ${each}.key, value: ${finite(`${each}.value`, shape.value, count, depth + 1)}}`;
    return `map_from_entries(list_transform(map_entries(${sql}), lambda ${each}: ${entry}))`;
  }
  const members = shape.members.map(
    ([name, member]) => `${quoteText(name)}: ${finite(`(${sql})[${quoteText(name)}]`, member, count, depth)}`,
  );
  return `CASE WHEN ${sql} IS NULL THEN NULL ELSE {${members.join(', ')}} END`;
}

const isWide = (type: string): boolean => type === 'HUGEINT' || type === 'UHUGEINT';

/** Columns that DuckDB would write to Parquet as floating point, such as every sum of BIGINT. */
export const listWide = (columns: readonly Column[]): Column[] => columns.filter(({ type }) => isWide(type));

/** Names of wide columns whose values all fit 64 bits. */
export type Narrow = ReadonlySet<string>;

/** Whether values of the column may be written as JSON that has no word for them. */
export function losesNumbers(format: FilePlan['format'], { type }: Column): boolean {
  const shape = readShape(type);
  return format !== 'pqt' && (format === 'json' || isNested(shape)) && holdsType(shape, isFloating);
}

interface Making {
  readonly narrow: Narrow;
  readonly count: string;
}

function cellFor(
  format: FilePlan['format'],
  { name, type }: Column,
  { narrow, count }: Making,
): string | null {
  const column = quoteName(name);
  const shape = readShape(type);
  if (format === 'pqt')
    return isWide(type) ? `CAST(${column} AS ${narrow.has(name) ? 'BIGINT' : 'DECIMAL(38,0)'})` : null;
  if (format === 'csv' && !isNested(shape)) return null;
  if (format === 'json' && !holdsType(shape, isFloating)) return null;
  const value = finite(column, shape, count);
  return format === 'csv' ? `CAST(to_json(${value}) AS VARCHAR)` : value;
}

export interface Selected {
  /** A quoted name. */
  readonly source: string;
  readonly columns: readonly Column[];
  /** Wide columns whose values fit 64 bits; none where nobody looked. */
  readonly narrow?: Narrow | undefined;
  /** By a column's place: SQL that counts a number which JSON has not, and is true. */
  readonly count: (at: number) => string;
}

/** All rows, with what the format can't hold turned into what it can. */
export function selectFor(
  format: FilePlan['format'],
  { source, columns, narrow = new Set(), count }: Selected,
): string {
  const cells = columns.flatMap((column, at) => {
    const cell = cellFor(format, column, { narrow, count: count(at) });
    return cell === null ? [] : [`${cell} AS ${quoteName(column.name)}`];
  });
  return cells.length === 0 ? `FROM ${source}` : `SELECT * REPLACE (${cells.join(', ')}) FROM ${source}`;
}
