// How each format is read: a dataset as a SELECT over its linked files, with nothing left to guess.
import type { Column, Dataset, FileOptions, Format } from '../dataset.ts';
import { saidType } from '../said-type.ts';
import { quoteName, quoteText } from './quote.ts';

/** Texts as a list in SQL. */
export const listPaths = (paths: readonly string[]): string => `[${paths.map(quoteText).join(', ')}]`;
/** Compression as `read_csv` and `read_json` both know it. */
export const packing = (compression: Dataset['compression']): string =>
  quoteText(compression === 'none' ? 'uncompressed' : compression);
const structOf = (columns: readonly Column[]): string =>
  `{${columns.map((column) => `${quoteText(column.name)}: ${quoteText(column.type)}`).join(', ')}}`;

/** The options that the caller set, as arguments of `read_csv` and `sniff_csv`. */
export function csvArguments(options: FileOptions): string[] {
  const given: [string, string | undefined][] = [
    ['delim', textArgument(options.delimiter)],
    ['quote', textArgument(options.quote)],
    ['escape', textArgument(options.escape)],
    ['header', options.header?.toString()],
    ['skip', options.skipLines?.toString()],
    ['decimal_separator', textArgument(options.decimalSeparator)],
    ['dateformat', textArgument(options.dateFormat)],
    ['timestampformat', textArgument(options.timestampFormat)],
    ...lineArguments(options),
    ['nullstr', nullArgument(options)],
    ['null_padding', options.raggedRows === 'pad' ? 'true' : undefined],
    // With line ends in quotes both can't be had.
    ['parallel', options.raggedRows === 'pad' ? 'false' : undefined],
  ];
  return given.flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${value}`]));
}

function nullArgument({ nullText, nullValues }: FileOptions): string | undefined {
  if (nullText === undefined && nullValues === undefined) return undefined;
  return listPaths([nullText ?? '', ...(nullValues ?? [])]);
}

/** The buffer holds several lines; 32 MB are usual. */
function lineArguments({ maxLineBytes }: FileOptions): [string, string][] {
  if (maxLineBytes === undefined || maxLineBytes <= 2_097_152) return [];
  return [
    ['max_line_size', String(maxLineBytes)],
    ['buffer_size', String(Math.max(32 * 2 ** 20, 4 * maxLineBytes))],
  ];
}

const textArgument = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : quoteText(value);

function csvSource(dataset: Dataset, paths: readonly string[]): string {
  const delimiter = dataset.options.delimiter ?? (dataset.format === 'tsv' ? '\t' : ',');
  const fixed = { header: true, quote: '"', escape: '"', ...dataset.options, delimiter };
  const list = [
    listPaths(paths),
    'auto_detect = false',
    `columns = ${structOf(dataset.schema)}`,
    `compression = ${packing(dataset.compression)}`,
    ...csvArguments(fixed),
  ];
  return `SELECT * FROM read_csv(${list.join(', ')})`;
}

function jsonSource(dataset: Dataset, paths: readonly string[]): string {
  const format = dataset.format === 'ndjson' ? 'newline_delimited' : 'auto';
  const list = [
    listPaths(paths),
    `columns = ${structOf(dataset.schema)}`,
    `format = '${format}'`,
    `compression = ${packing(dataset.compression)}`,
  ];
  return `SELECT * FROM read_json(${list.join(', ')})`;
}

/** Only the columns of the schema, so that what was checked is what is read; Parquet carries its own types. */
function parquetSource(dataset: Dataset, paths: readonly string[]): string {
  const columns = dataset.schema.map((column) => {
    const name = quoteName(column.name);
    return saidType(dataset.options, column.name) === undefined
      ? name
      : `CAST(${name} AS ${column.type}) AS ${name}`;
  });
  return `SELECT ${columns.join(', ')} FROM read_parquet(${listPaths(paths)})`;
}

const sources: Readonly<Record<Format, typeof csvSource>> = {
  csv: csvSource,
  tsv: csvSource,
  json: jsonSource,
  ndjson: jsonSource,
  parquet: parquetSource,
};

/** The dataset's rows, read from `paths` (relative to the working folder). */
export function readSource(dataset: Dataset, paths: readonly string[]): string {
  return sources[dataset.format](dataset, paths);
}
