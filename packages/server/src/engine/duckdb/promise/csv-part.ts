// How the columns of one CSV or TSV file stand beside the promise: by the names in its header, or by their places.
import { dropUndefined } from '../../../base/drop-undefined.ts';
import { keepsSecrets, maskedValue, ownColumns, type Dataset, type FileOptions } from '../../dataset.ts';
import { packing, csvArguments, listPaths } from '../read-sql.ts';
import { quoteText } from '../quote.ts';
import type { Session } from '../task/session.ts';
import { nameColumns } from '../look/csv-header.ts';
import { RecordReader } from '../look/csv-record.ts';
import { listNames, matchColumns } from './column-match.ts';
import type { Cell, InputPath, Part } from './part.ts';
import { brokenPromise, missingColumns, warnOfExtra } from './broken-promise.ts';
import { isClean } from './csv-scan.ts';
import { isText, readStrictly } from './strict-sql.ts';

/** Lines that a header with line ends in its names may take. */
const maxHeaderLines = 50;
/** A separator of units, which texts do not have: each line is one value. */
const noDelimiter = '\u001f';

export interface Found {
  /** Files that are laid out alike have the same. */
  readonly layout: string;
  readonly warnings: readonly string[];
  readonly part: Omit<Part, 'files'>;
}

/** How far a file is trusted before its rows are read. */
export interface Trust {
  /** Nothing has changed in it since all of it was held against the promise. */
  readonly isKnown: boolean;
  /** Whether a walk through all its bytes is worth it: not for a few rows. */
  readonly walk: boolean;
}

export async function findCsvPart(
  session: Session,
  dataset: Dataset,
  file: InputPath,
  { isKnown, walk }: Trust,
): Promise<Found> {
  const options = settleOptions(dataset);
  const { places, names, warnings } = await placeColumns(session, { ...dataset, options }, file, isKnown);
  const width = Math.max(names.length, dataset.schema.length);
  const plainTypes = typesOf(dataset, places, width);
  const { path } = file;
  const { compression } = dataset;
  const isPlain =
    isKnown ||
    (walk &&
      needsCare(dataset) &&
      options.raggedRows !== 'pad' &&
      (await isClean({ path, compression, options, types: plainTypes })));
  const form = { options, places, isPlain, types: isPlain ? plainTypes : plainTypes.map(() => 'VARCHAR') };
  return { layout: JSON.stringify([isPlain, names]), warnings, part: layOut(dataset, form) };
}

interface Placed {
  readonly places: readonly number[];
  /** Those of the header; none where the file has none. */
  readonly names: readonly string[];
  readonly warnings: readonly string[];
}

async function placeColumns(
  session: Session,
  dataset: Dataset,
  file: InputPath,
  isKnown: boolean,
): Promise<Placed> {
  const { options } = dataset;
  const promised = dataset.schema.map(({ name }) => name);
  const byPlace = { places: promised.map((_, place) => place), names: [], warnings: [] };
  if (options.header !== true) return byPlace;
  const cells = await readHeader(session, dataset, options, file);
  const names = nameColumns(cells);
  const { places, extra } = matchColumns(promised, names);
  // The look knows names that no header has, as where it is one name short.
  if (isKnown && places.includes(-1)) return byPlace;
  refuseMissing(dataset, file, { names, cells, places });
  return { places, names, warnings: extra.length === 0 ? [] : [warnOfExtra(dataset, file, extra)] };
}

/** Whether the header, where one is expected, has the promised names and no others, in their order. */
export async function hasPromisedHeader(
  session: Session,
  dataset: Dataset,
  file: InputPath,
): Promise<boolean> {
  const options = settleOptions(dataset);
  if (options.header !== true) return true;
  const names = nameColumns(await readHeader(session, dataset, options, file));
  const promised = ownColumns(dataset);
  return names.length === promised.length && promised.every(({ name }, at) => names[at] === name);
}

/** Those of the file's columns in their order. */
function typesOf({ schema }: Dataset, places: readonly number[], width: number): string[] {
  const types = Array.from({ length: width }, () => 'VARCHAR');
  for (const [at, place] of places.entries()) types[place] = schema[at]!.type;
  return types;
}

/** Texts are what they are; what must be there is looked at row by row. */
const needsCare = ({ schema, options }: Dataset): boolean =>
  (options.required ?? []).length === 0 &&
  (options.raggedRows === 'skip' || schema.some(({ type }) => !isText(type)));

/** With what is usual where nothing was found. */
export function settleOptions(dataset: Pick<Dataset, 'format' | 'options'>): FileOptions {
  const delimiter = dataset.options.delimiter ?? (dataset.format === 'tsv' ? '\t' : ',');
  return { header: true, quote: '"', escape: '"', ...dataset.options, delimiter };
}

interface Form {
  readonly options: FileOptions;
  readonly places: readonly number[];
  /** Whether the values are of their types as they stand. */
  readonly isPlain: boolean;
  readonly types: readonly string[];
}

function layOut(dataset: Dataset, { options, places, isPlain, types }: Form): Omit<Part, 'files'> {
  const required = new Set(dataset.options.required);
  const cells = dataset.schema.map((column, at): Cell => {
    const raw = readCell(`c${places[at]!}`, isText(types[places[at]!]!), isText(column.type), options);
    const strict = isPlain ? null : readStrictly(raw, column, options);
    return { column, place: at, raw, strict, required: !isPlain && required.has(column.name) };
  });
  const columns = `{${types.map((type, place) => `c${place}: ${quoteText(type)}`).join(', ')}}`;
  const read = (paths: readonly string[], more: readonly string[]) =>
    `read_csv(${[
      listPaths(paths),
      'auto_detect = false',
      `columns = ${columns}`,
      `compression = ${packing(dataset.compression)}`,
      'allow_quoted_nulls = false',
      ...csvArguments(options),
      ...more,
    ].join(', ')})`;
  const skips = options.raggedRows === 'skip';
  const from = (paths: readonly string[]) => `FROM ${read(paths, skips ? ['ignore_errors = true'] : [])}`;
  const noteRagged = skips && !isPlain ? (paths: readonly string[]) => read(paths, noted) : null;
  return { cells, from, isPlain, noteRagged };
}

const noted = [
  'store_rejects = true',
  "rejects_table = 'ragged'",
  "rejects_scan = 'ragged_scan'",
  'rejects_limit = 0',
];

/** What means "missing" does so in quotes as well; an empty text in quotes is one, where texts are promised. */
function readCell(
  raw: string,
  isRead: boolean,
  isPromised: boolean,
  { nullValues = [] }: FileOptions,
): string {
  const missing = [...(isPromised ? [] : ['']), ...nullValues];
  if (!isRead || missing.length === 0) return raw;
  return `(CASE WHEN ${raw} IN (${missing.map(quoteText).join(', ')}) THEN NULL ELSE ${raw} END)`;
}

/** The cells of the header, read as the engine decodes the file; none where there is no line. */
async function readHeader(
  session: Session,
  dataset: Dataset,
  options: FileOptions,
  { path }: InputPath,
): Promise<string[]> {
  const plain = {
    ...options,
    header: false,
    delimiter: noDelimiter,
    quote: '',
    escape: '',
    nullValues: undefined,
  };
  const source = [
    listPaths([path]),
    'auto_detect = false',
    "columns = {line: 'VARCHAR'}",
    // Quotes are looked at afterwards: until then a line end within a value is one of another kind than the file's.
    'strict_mode = false',
    `compression = ${packing(dataset.compression)}`,
    ...csvArguments(dropUndefined(plain)),
  ];
  const rows = await session.rows(`SELECT line FROM read_csv(${source.join(', ')}) LIMIT ${maxHeaderLines}`);
  const lines = rows.map(({ line }) => (typeof line === 'string' ? line : ''));
  const start = lines.findIndex((line) => line !== '');
  if (start < 0) return [];
  const text = lines
    .slice(start)
    .join('\n')
    .replace(/^\uFEFF/u, '');
  const { delimiter = ',', quote = '', escape = '' } = options;
  const [first] = new RecordReader({ delimiter, quote, escape, comment: '' }).push(text, true);
  return first === undefined || first.fault === 'unterminated quote' ? [] : first.fields;
}

interface Header {
  readonly names: readonly string[];
  readonly cells: readonly string[];
  readonly places: readonly number[];
}

function refuseMissing(dataset: Dataset, file: InputPath, { names, cells, places }: Header): void {
  const missing = dataset.schema.filter((_, at) => places[at] === -1).map(({ name }) => name);
  if (missing.length === 0) return;
  if (names.length === 0) throw brokenPromise(dataset, file, noHeader(missing));
  if (missing.length === places.length)
    throw brokenPromise(dataset, file, otherHeader(missing, keepsSecrets(dataset) ? [maskedValue] : cells));
  throw missingColumns(dataset, file, { missing, found: names });
}

const noHeader = (missing: readonly string[]): string =>
  `it has no header: a line with the names ${listNames(missing)} is expected, and there is nothing.`;

const otherHeader = (missing: readonly string[], cells: readonly string[]): string =>
  `a header with the names ${listNames(missing)} is expected, and its first line is ${listNames(cells.map((cell) => cell.slice(0, 50)))}: the header is missing, or names other columns.`;
