// Tables made at random and how they are written: as CSV in many ways, as JSON lines, as Parquet.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as fc from 'fast-check';
import { foldName } from '@flowhook/contract/flow/name';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Format } from '../src/engine/dataset.ts';

export const kinds = ['whole', 'number', 'code', 'text', 'date', 'moment', 'instant', 'truth'] as const;
export type Kind = (typeof kinds)[number];

/** The text of a value; null where it is missing. */
export type Value = string | null;

export interface RandomColumn {
  readonly name: string;
  readonly kind: Kind;
}

export interface Table {
  readonly columns: readonly RandomColumn[];
  readonly rows: readonly (readonly Value[])[];
}

/** How a file is written. All but `format` is for CSV alone. */
export interface Form {
  readonly format: Extract<Format, 'csv' | 'ndjson' | 'parquet'>;
  readonly delimiter: string;
  readonly lineEnd: string;
  /** Every value in quotes. */
  readonly quotes: boolean;
  readonly encoding: 'utf-8' | 'utf-8-mark' | 'utf-16le';
  readonly header: boolean;
}

const two = (max: number, min = 0) => fc.integer({ min, max }).map((n) => String(n).padStart(2, '0'));
const day = fc
  .tuple(fc.integer({ min: 1900, max: 2100 }), two(12, 1), two(28, 1))
  .map((parts) => parts.join('-'));
const clock = fc
  .tuple(two(23), two(59), two(59), fc.constantFrom('', '.5', '.123456'))
  .map(([h, m, s, f]) => `${h}:${m}:${s}${f}`);
const moment = fc.tuple(day, fc.constantFrom(' ', 'T'), clock).map((parts) => parts.join(''));

const words = [
  'a',
  'Zoë',
  'x y',
  ' lead',
  'trail ',
  'say "hi"',
  "it's",
  'a,b',
  'a;b',
  'a|b',
  'a\tb',
  'two\nlines',
  '#x',
  '-',
  'NA',
  'null',
  'no',
  'T',
  '東京',
  '🚲',
  '\\',
  '1,5',
  '1 000',
  '2024-13-45',
  '=1+1',
];
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...words) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map(withoutControls) },
);

/** What no text file keeps: line ends become others, and zeros are left out. */
function withoutControls(value: string): string {
  // oxlint-disable-next-line no-control-regex
  return value.replaceAll(/[\u0000-\u001f\u007f-\u009f\ufeff\u2028\u2029]/gu, '_') || '_';
}

const whole = fc.oneof(
  fc.integer({ min: -99, max: 99 }).map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
);

const valueOf: Readonly<Record<Kind, fc.Arbitrary<string>>> = {
  whole,
  number: fc.tuple(fc.integer({ min: -9999, max: 9999 }), two(99)).map((parts) => parts.join('.')),
  code: fc.integer({ min: 1, max: 9999 }).map((n) => `00${n}`),
  text,
  date: day,
  moment,
  instant: fc.tuple(moment, fc.constantFrom('Z', '+02:00', '-05:30')).map((parts) => parts.join('')),
  truth: fc.constantFrom('true', 'false'),
};

const name = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('id', 'name', 'Total', 'ship date', 'größe', 'É', 'é', 'q"x', 'a,b', 'select'),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z][\w .-]{0,6}[a-z]$/u) },
);

export const names = (min: number, max: number) =>
  fc.uniqueArray(name, { minLength: min, maxLength: max, selector: foldName });

/** The first row has all values, so that no column is without a type. */
export function rowsOf(columns: readonly RandomColumn[], min: number, max: number) {
  const cells = columns.map(({ kind }) => valueOf[kind]);
  const mayMiss = cells.map((cell) => fc.option(cell, { freq: 6 }));
  const rest = fc.array(fc.tuple(...mayMiss), { minLength: Math.max(0, min - 1), maxLength: max - 1 });
  return fc.tuple(fc.tuple(...cells), rest).map(([first, others]): Table['rows'] => [first, ...others]);
}

export const table: fc.Arbitrary<Table> = names(1, 5)
  .chain((all) =>
    fc.tuple(...all.map((each) => fc.record({ name: fc.constant(each), kind: fc.constantFrom(...kinds) }))),
  )
  .chain((columns) => rowsOf(columns, 2, 12).map((rows) => ({ columns, rows })));

export const form: fc.Arbitrary<Form> = fc.record({
  format: fc.constantFrom(
    'csv' as const,
    'csv' as const,
    'csv' as const,
    'ndjson' as const,
    'parquet' as const,
  ),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  quotes: fc.boolean(),
  encoding: fc.constantFrom('utf-8' as const, 'utf-8' as const, 'utf-8-mark' as const, 'utf-16le' as const),
  header: fc.constant(true),
});

/** The file's bytes. */
export async function writeTable(made: Table, how: Form): Promise<Uint8Array> {
  if (how.format === 'csv') return encode(writeCsv(made, how), how);
  return how.format === 'ndjson' ? Buffer.from(writeLines(made)) : writeParquet(made);
}

function encode(content: string, { encoding }: Form): Uint8Array {
  if (encoding === 'utf-8') return Buffer.from(content);
  return encoding === 'utf-8-mark'
    ? Buffer.from(`\uFEFF${content}`)
    : Buffer.from(`\uFEFF${content}`, 'utf16le');
}

function writeCsv({ columns, rows }: Table, how: Form): string {
  const head = how.header ? [columns.map((each) => each.name)] : [];
  return [...head, ...rows]
    .map((row) => `${row.map((cell) => writeCell(cell, how)).join(how.delimiter)}${how.lineEnd}`)
    .join('');
}

function writeCell(cell: Value, { delimiter, quotes }: Form): string {
  if (cell === null) return '';
  const asks =
    quotes || cell === '' || /["\r\n#]/u.test(cell) || cell.includes(delimiter) || cell.trim() !== cell;
  return asks ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function writeLines({ columns, rows }: Table): string {
  const pairs = (row: readonly Value[]) =>
    columns.map((column, at) => `${JSON.stringify(column.name)}: ${writeJson(row[at] ?? null, column.kind)}`);
  return rows.map((row) => `{${pairs(row).join(', ')}}\n`).join('');
}

const writeJson = (cell: Value, kind: Kind): string =>
  cell !== null &&
  ['whole', 'number', 'truth'].includes(kind) &&
  /^(-?(0|[1-9]\d*)(\.\d+)?|true|false)$/u.test(cell)
    ? cell
    : JSON.stringify(cell);

const types: Readonly<Record<Kind, string>> = {
  whole: 'BIGINT',
  number: 'DECIMAL(18,2)',
  code: 'VARCHAR',
  text: 'VARCHAR',
  date: 'DATE',
  moment: 'TIMESTAMP',
  instant: 'TIMESTAMPTZ',
  truth: 'BOOLEAN',
};

const patterns: Readonly<Record<Kind, RegExp>> = {
  whole: /^-?(0|[1-9]\d{0,18})$/u,
  number: /^-?(0|[1-9]\d{0,8})\.\d\d$/u,
  code: /^/u,
  text: /^/u,
  date: /^\d{4}-\d\d-\d\d$/u,
  moment: /^\d{4}-\d\d-\d\d[ T][\d:.]+$/u,
  instant: /^\d{4}-\d\d-\d\d[ T][\d:.]+(Z|[+-]\d\d:\d\d)$/u,
  truth: /^(true|false)$/u,
};

const sql = (value: string, sign: string): string => `${sign}${value.replaceAll(sign, sign + sign)}${sign}`;

let writer: ReturnType<DuckDBInstance['connect']> | undefined;
const openWriter = async () => (await DuckDBInstance.create()).connect();

/** A value that is not of its column's kind makes the column one of texts: Parquet has one type for all. */
async function writeParquet({ columns, rows }: Table): Promise<Uint8Array> {
  const folder = await mkdtemp(`${tmpdir()}/flowhook-parquet-`);
  const connection = await (writer ??= openWriter());
  await connection.run("SET TimeZone = 'UTC'");
  const lists = rows.map(
    (row) => `(${row.map((cell) => (cell === null ? 'NULL' : sql(cell, "'"))).join(', ')})`,
  );
  const nothing = `(${columns.map(() => 'NULL').join(', ')})`;
  const values = `(VALUES ${[nothing, ...lists].join(', ')} OFFSET 1)`;
  const from = `${values} AS t(${columns.map((_, at) => `c${at}`).join(', ')})`;
  const cells = columns.map(({ name: title, kind }, at) => {
    const fits = rows.every((row) => row[at] == null || patterns[kind].test(row[at]));
    return `CAST(c${at} AS ${fits ? types[kind] : 'VARCHAR'}) AS ${sql(title, '"')}`;
  });
  await connection.run(`COPY (SELECT ${cells.join(', ')} FROM ${from}) TO '${folder}/t.parquet'`);
  const bytes = await readFile(`${folder}/t.parquet`);
  await rm(folder, { recursive: true });
  return bytes;
}
