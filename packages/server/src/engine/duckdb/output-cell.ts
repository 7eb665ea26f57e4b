// Pure: values as a format can hold them: JSON knows no NaN, CSV no lists, and narrow integers are read by everybody.
import type { Column } from '../dataset.ts';
import type { FilePlan } from '../engine.ts';
import { quoteName, quoteText } from './quote.ts';
import { holdsType, isNested, readShape, type TypeShape } from './type-shape.ts';

const isFloating = (type: string): boolean => type === 'DOUBLE' || type === 'FLOAT';

/** A value without NaN and infinities: null stands in their place. */
function finite(sql: string, shape: TypeShape, depth = 0): string {
  if (!holdsType(shape, isFloating)) return sql;
  if (shape.kind === 'plain') return `CASE WHEN isfinite(${sql}) THEN ${sql} END`;
  const each = `v${depth}`;
  if (shape.kind === 'list')
    return `list_transform(${sql}, lambda ${each}: ${finite(each, shape.of, depth + 1)})`;
  if (shape.kind === 'map') {
    const entry = `{key: ${each}.key, value: ${finite(`${each}.value`, shape.value, depth + 1)}}`;
    return `map_from_entries(list_transform(map_entries(${sql}), lambda ${each}: ${entry}))`;
  }
  const members = shape.members.map(
    ([name, member]) => `${quoteText(name)}: ${finite(`(${sql})[${quoteText(name)}]`, member, depth)}`,
  );
  return `CASE WHEN ${sql} IS NULL THEN NULL ELSE {${members.join(', ')}} END`;
}

const isWide = (type: string): boolean => type === 'HUGEINT' || type === 'UHUGEINT';

/** Columns that DuckDB would write to Parquet as floating point, such as every sum of BIGINT. */
export const listWide = (columns: readonly Column[]): Column[] => columns.filter(({ type }) => isWide(type));

/** Names of wide columns whose values all fit 64 bits. */
export type Narrow = ReadonlySet<string>;

function cellFor(format: FilePlan['format'], { name, type }: Column, narrow: Narrow): string | null {
  const column = quoteName(name);
  const shape = readShape(type);
  if (format === 'pqt')
    return isWide(type) ? `CAST(${column} AS ${narrow.has(name) ? 'BIGINT' : 'DECIMAL(38,0)'})` : null;
  if (format === 'csv' && !isNested(shape)) return null;
  if (format === 'json' && !holdsType(shape, isFloating)) return null;
  return format === 'csv' ? `CAST(to_json(${finite(column, shape)}) AS VARCHAR)` : finite(column, shape);
}

/** All rows, with what the format can't hold turned into what it can. */
export function selectFor(
  format: FilePlan['format'],
  source: string,
  columns: readonly Column[],
  narrow: Narrow,
): string {
  const cells = columns.flatMap((column) => {
    const cell = cellFor(format, column, narrow);
    return cell === null ? [] : [`${cell} AS ${quoteName(column.name)}`];
  });
  return cells.length === 0 ? `FROM ${source}` : `SELECT * REPLACE (${cells.join(', ')}) FROM ${source}`;
}
