// How the columns of one CSV or TSV file stand beside the promise: by the names in its header, or by their places.
import type { Dataset, FileOptions } from '../../dataset.ts';
import { packing, csvArguments, listPaths } from '../read-sql.ts';
import { quoteText } from '../quote.ts';
import type { Session } from '../task/session.ts';
import { listNames, matchColumns, nameColumns } from './column-match.ts';
import { readRecord } from './csv-record.ts';
import type { Cell, InputPath, Part } from './part.ts';
import { brokenPromise, missingColumns, warnOfExtra } from './broken-promise.ts';
import { readStrictly } from './strict-sql.ts';

/** Lines that a header with line ends in its names may take. */
const maxHeaderLines = 50;
/** No text has it. */
const noDelimiter = '\u001f';

export interface Found {
  /** Files that are laid out alike have the same. */
  readonly layout: string;
  readonly warnings: readonly string[];
  readonly part: Omit<Part, 'files'>;
}

/** `isKnown`: nothing has changed in the file since all of it was held against the promise. */
export async function findCsvPart(
  session: Session,
  dataset: Dataset,
  file: InputPath,
  isKnown: boolean,
): Promise<Found> {
  const options = settleOptions(dataset);
  const promised = dataset.schema.map(({ name }) => name);
  if (isKnown || options.header !== true) {
    const places = promised.map((_, place) => place);
    return {
      layout: isKnown ? 'known' : 'bare',
      warnings: [],
      part: layOut(dataset, options, places, places.length, isKnown),
    };
  }
  const cells = await readHeader(session, dataset, options, file);
  const names = nameColumns(cells);
  const { places, extra } = matchColumns(promised, names);
  refuseMissing(dataset, file, { names, cells, places });
  return {
    layout: JSON.stringify(names),
    warnings: extra.length === 0 ? [] : [warnOfExtra(dataset, file, extra)],
    part: layOut(dataset, options, places, names.length, false),
  };
}

function settleOptions(dataset: Dataset): FileOptions {
  const delimiter = dataset.options.delimiter ?? (dataset.format === 'tsv' ? '\t' : ',');
  return { header: true, quote: '"', escape: '"', ...dataset.options, delimiter };
}

function layOut(
  dataset: Dataset,
  options: FileOptions,
  places: readonly number[],
  width: number,
  isKnown: boolean,
): Part {
  const required = new Set(dataset.options.required);
  const types = Array.from({ length: width }, () => 'VARCHAR');
  if (isKnown) for (const [at, place] of places.entries()) types[place] = dataset.schema[at]!.type;
  const cells = dataset.schema.map((column, at): Cell => {
    const raw = `c${places[at]!}`;
    const strict = isKnown ? null : readStrictly(raw, column, options);
    return { column, place: at, raw, strict, required: !isKnown && required.has(column.name) };
  });
  const columns = `{${types.map((type, place) => `c${place}: ${quoteText(type)}`).join(', ')}}`;
  const from = (paths: readonly string[]) =>
    `FROM read_csv(${[
      listPaths(paths),
      'auto_detect = false',
      `columns = ${columns}`,
      `compression = ${packing(dataset.compression)}`,
      ...csvArguments(options),
    ].join(', ')})`;
  return { files: [], cells, from };
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
    `compression = ${packing(dataset.compression)}`,
    ...csvArguments(withoutAbsent(plain)),
  ];
  const rows = await session.rows(`SELECT line FROM read_csv(${source.join(', ')}) LIMIT ${maxHeaderLines}`);
  const lines = rows.map(({ line }) => (typeof line === 'string' ? line : ''));
  const start = lines.findIndex((line) => line !== '');
  if (start < 0) return [];
  const form = { delimiter: options.delimiter!, quote: options.quote ?? '', escape: options.escape ?? '' };
  return (
    readRecord(
      lines
        .slice(start)
        .join('\n')
        .replace(/^\uFEFF/u, ''),
      form,
    ) ?? []
  );
}

const withoutAbsent = (options: {
  [Name in keyof FileOptions]?: FileOptions[Name] | undefined;
}): FileOptions => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

interface Header {
  readonly names: readonly string[];
  readonly cells: readonly string[];
  readonly places: readonly number[];
}

function refuseMissing(dataset: Dataset, file: InputPath, { names, cells, places }: Header): void {
  const missing = dataset.schema.filter((_, at) => places[at] === -1).map(({ name }) => name);
  if (missing.length === 0) return;
  if (names.length === 0) throw brokenPromise(dataset, file, noHeader(missing));
  if (missing.length === places.length) throw brokenPromise(dataset, file, otherHeader(missing, cells));
  throw missingColumns(dataset, file, { missing, found: names });
}

const noHeader = (missing: readonly string[]): string =>
  `it has no header: a line with the names ${listNames(missing)} is expected, and there is nothing.`;

const otherHeader = (missing: readonly string[], cells: readonly string[]): string =>
  `a header with the names ${listNames(missing)} is expected, and its first line is ${listNames(cells.map((cell) => cell.slice(0, 50)))}: the header is missing, or names other columns.`;
