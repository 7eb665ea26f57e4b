// The profile of a table: one pass for counts, one for quantiles, one small query a column for its top values.
import type { Column } from '../../dataset.ts';
import type { ColumnProfile, Profile } from '../../profile.ts';
import { quoteName } from '../quote.ts';
import type { Row, Session } from './session.ts';

/** Above this many distinct values counting them all costs memory; then the top is found approximately. */
const maxCounted = 100_000;
const topSize = 10;
const longestValue = 200;

const isNested = (type: string): boolean => /\]$|^(STRUCT|MAP|UNION|JSON|VARIANT|GEOMETRY)\b/.test(type);
const isNumber = (type: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)\b/.test(type) && !isNested(type);
const isTime = (type: string): boolean => /^(DATE|TIMESTAMP)/.test(type) && !isNested(type);

/** Nested values are compared as the text that stands for them. */
const valueOf = ({ name, type }: Column): string =>
  isNested(type) ? `CAST(${quoteName(name)} AS VARCHAR)` : quoteName(name);
const asText = (expression: string): string => `left(CAST(${expression} AS VARCHAR), ${longestValue})`;
const number = (value: unknown): number => Number(value ?? 0);
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function countColumns(column: Column, index: number): string[] {
  const value = valueOf(column);
  return [
    `count(*) - count(${quoteName(column.name)}) AS missing${index}`,
    `approx_count_distinct(${value}) AS distinct${index}`,
    `${asText(`min(${value})`)} AS min${index}`,
    `${asText(`max(${value})`)} AS max${index}`,
    ...(column.type === 'VARCHAR' ? [`count(*) FILTER (${value} = '') AS empty${index}`] : []),
    ...(isNumber(column.type) ? [`CAST(avg(${value}) AS DOUBLE) AS mean${index}`] : []),
  ];
}

const countQuery = (source: string, columns: readonly Column[]): string =>
  `SELECT count(*) AS rows, ${columns.flatMap(countColumns).join(', ')} FROM ${source}`;

function quantileQuery(source: string, columns: readonly Column[], rows: number): string | null {
  const how = rows <= maxCounted ? 'quantile_disc' : 'approx_quantile';
  const lists = columns.flatMap((column, index) =>
    isNumber(column.type) || isTime(column.type)
      ? [`CAST(${how}(${quoteName(column.name)}, [0.05, 0.25, 0.5, 0.75, 0.95]) AS VARCHAR[]) AS q${index}`]
      : [],
  );
  return lists.length === 0 ? null : `SELECT ${lists.join(', ')} FROM ${source}`;
}

/** Counts all values and keeps the most frequent; the window counts how many different ones there are. */
const exactTop = (source: string, value: string): string =>
  `SELECT ${asText('v')} AS value, n, count(*) OVER () AS different FROM
   (SELECT ${value} AS v, count(*) AS n FROM ${source} WHERE ${value} IS NOT NULL GROUP BY 1)
   ORDER BY n DESC, v LIMIT ${topSize}`;

/** Finds candidates in bounded memory, then counts those exactly. */
const approximateTop = (source: string, value: string): string =>
  `SELECT ${asText('v')} AS value, n, NULL AS different FROM
   (SELECT ${value} AS v, count(*) AS n FROM ${source}
    WHERE ${value} IN (SELECT unnest(approx_top_k(${value}, ${topSize})) FROM ${source}) GROUP BY 1)
   ORDER BY n DESC, v`;

async function profileColumn(
  session: Session,
  source: string,
  column: Column,
  countOf: (name: string) => Row[string],
): Promise<Omit<ColumnProfile, 'quantiles'>> {
  const estimate = number(countOf('distinct'));
  const approximate = estimate > maxCounted;
  const query = (approximate ? approximateTop : exactTop)(source, valueOf(column));
  const top = await session.rows(query);
  const mean = countOf('mean');
  return {
    name: column.name,
    type: column.type,
    missing: number(countOf('missing')),
    empty: column.type === 'VARCHAR' ? number(countOf('empty')) : null,
    distinct: approximate ? estimate : number(top[0]?.['different']),
    distinctApproximate: approximate,
    min: textOrNull(countOf('min')),
    max: textOrNull(countOf('max')),
    mean: typeof mean === 'number' ? mean : null,
    top: top.map((row) => ({ value: textOrNull(row['value']) ?? '', count: number(row['n']) })),
    topApproximate: approximate,
  };
}

function quantilesOf(row: Row | undefined, index: number): ColumnProfile['quantiles'] {
  const list = row?.[`q${index}`];
  if (!Array.isArray(list) || list.length !== 5) return null;
  const [q05, q25, q50, q75, q95] = list.map(String) as [string, string, string, string, string];
  return { q05, q25, q50, q75, q95 };
}

/** Profiles `source` (a quoted name); `onPercent` is told how far it is. */
export async function profileTable(
  session: Session,
  source: string,
  columns: readonly Column[],
  onPercent: (percent: number) => void,
): Promise<Profile> {
  const [counts = {}] = await session.rows(countQuery(source, columns));
  onPercent(30);
  const quantile = quantileQuery(source, columns, number(counts['rows']));
  const quantiles = quantile === null ? undefined : (await session.rows(quantile))[0];
  const profiles: ColumnProfile[] = [];
  for (const [index, column] of columns.entries()) {
    onPercent(50 + (50 * index) / columns.length);
    const found = await profileColumn(session, source, column, (name) => counts[`${name}${index}`]);
    profiles.push({ ...found, quantiles: quantilesOf(quantiles, index) });
  }
  return { rows: number(counts['rows']), columns: profiles };
}
