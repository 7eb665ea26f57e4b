// A CSV file looked at: how it is written, what its columns are called, and which type holds each of them exactly.
import type { Column, FileOptions, Format } from '../../dataset.ts';
import {
  findDialect,
  endsInDelimiter,
  isBlank,
  isShortHeader,
  modeOf,
  type Assumption,
  type FoundDialect,
} from './csv-dialect.ts';
import { guessHeader, nameColumns } from './csv-header.ts';
import { RecordReader, type CsvRecord } from './csv-record.ts';
import { findEncoding } from './encoding.ts';
import { LookFault } from './fault.ts';
import { FixedReader } from './fixed-record.ts';
import { LineEnds } from './line-end.ts';
import { openText, type TextFile } from './text-file.ts';
import { RowCheck } from './row-check.ts';
import { settleColumns, type Seen } from './settle-column.ts';
import { ColumnType, type TypeRules } from './value-type.ts';

/** Rows and characters that types are found from: far enough to see most surprises, still well below a second. */
const maxRows = 100_000;
const maxCharacters = 32 * 2 ** 20;
/** Values in all: a table of very many columns is looked at less far down. */
const maxValues = 4_000_000;
export const usualLineBytes = 2_097_152;

export interface Looked {
  options: FileOptions;
  columns: Column[];
  assumptions: Assumption[];
}

export interface Look {
  file: TextFile;
  head: Uint8Array;
  format: Format;
  set: FileOptions;
}

/** Throws `LookFault`. What the caller set is taken as it is. */
export async function lookAtCsv({ file, head, format, set }: Look): Promise<Looked> {
  const given: FileOptions = { ...(format === 'tsv' && { delimiter: '\t' }), ...set };
  const { start, isWhole, pieces } = await openText(file, head);
  refuseClash(given);
  const layout = findLayout(start, isWhole, given);
  const seen = await readAll(pieces, layout, given);
  const encoding = findEncoding(head, given.encoding);
  return {
    options: {
      ...layout.options,
      ...(encoding !== 'utf-8' && { encoding }),
      ...(seen.isMixed && { lineEnds: 'mixed' as const }),
      ...seen.formats,
    },
    columns: seen.columns,
    assumptions: [...layout.assumptions, ...seen.assumptions, ...tellZeros(head, encoding)],
  };
}

function tellZeros(head: Uint8Array, encoding: string): Assumption[] {
  if (!head.includes(0) || encoding.startsWith('utf-16')) return [];
  return [{ option: 'encoding', text: 'Bytes that are zero stand in the text, and were left out.' }];
}

interface Layout {
  options: FileOptions;
  names: string[];
  reader: RecordReader | FixedReader;
  rules: TypeRules;
  assumptions: Assumption[];
}

function findLayout(start: string, isWhole: boolean, given: FileOptions): Layout {
  if (given.columnStarts !== undefined) return layOutFixed(start, isWhole, given, given.columnStarts);
  const dialect = findDialect(start, isWhole, given);
  const rules = rulesOf(given);
  const [first, ...body] = dialect.records;
  if (first === undefined || dialect.records.every(isBlank))
    throw new LookFault(
      'it has no line with values',
      'Give a file with a header or a row; or set skipLines and comment.',
    );
  const guess =
    given.header === undefined
      ? guessHeader(dialect.records, rules)
      : { header: given.header, isGuess: false };
  const rest = modeOf(body);
  const isShort = guess.header && rest.count === first.fields.length + 1 && isShortHeader(first, body);
  const trailing = isShort && endsInDelimiter(body.filter(({ fields }) => fields.length === rest.count));
  const rowNames = given.rowNames ?? (isShort && !trailing);
  const cells = guess.header
    ? rowNames && isShort
      ? ['', ...first.fields]
      : first.fields
    : Array.from({ length: Math.max(dialect.usual, 1) }, () => '');
  return {
    names: nameColumns(cells),
    rules,
    reader: new RecordReader(dialect, dialect.skipLines),
    options: {
      ...readingOptions(dialect),
      header: guess.header,
      ...(rowNames && { rowNames }),
      ...(trailing && { trailingDelimiter: true }),
    },
    assumptions: [
      ...dialect.assumptions,
      ...tellHeader(guess, given, rowNames && given.rowNames === undefined),
    ],
  };
}

function readingOptions({ delimiter, quote, escape, comment, skipLines }: FoundDialect): FileOptions {
  return { delimiter, quote, escape, skipLines, ...(comment !== '' && { comment }) };
}

function tellHeader(
  { header, isGuess }: { header: boolean; isGuess: boolean },
  given: FileOptions,
  rowNames: boolean,
): Assumption[] {
  const told: Assumption[] = [];
  if (rowNames)
    told.push({
      option: 'rowNames',
      text: 'The header has one name fewer than the rows have values: the first column was taken for labels without a name.',
    });
  if (isGuess && given.header === undefined)
    told.push({
      option: 'header',
      text: header
        ? 'The first line was taken for the names of the columns; nothing but its words speaks for that.'
        : 'The first line was taken for a row of values, not for the names of the columns.',
    });
  return told;
}

function layOutFixed(start: string, isWhole: boolean, given: FileOptions, starts: readonly number[]): Layout {
  const make = (): FixedReader => new FixedReader(starts, given.comment ?? '', given.skipLines ?? 0);
  const records = make()
    .push(start, isWhole)
    .filter((record) => !isBlank(record));
  const rules = rulesOf(given);
  const guess =
    given.header === undefined ? guessHeader(records, rules) : { header: given.header, isGuess: false };
  const cells = guess.header ? (records[0]?.fields ?? []) : starts.map(() => '');
  const options: FileOptions = {
    delimiter: ',',
    quote: '"',
    escape: '"',
    skipLines: given.skipLines ?? 0,
    header: guess.header,
  };
  return {
    options,
    names: nameColumns(cells),
    reader: make(),
    rules,
    assumptions: tellHeader(guess, given, false),
  };
}

const rulesOf = (given: FileOptions): TypeRules => ({
  nullValues: new Set([...(given.nullValues ?? []), given.nullText ?? '']),
  decimal: given.decimalSeparator === ',' ? ',' : '.',
  thousands: given.thousandsSeparator ?? '',
  dateFormat: given.dateFormat,
  timestampFormat: given.timestampFormat,
});

interface SeenAll extends Seen {
  /** Lines end in more than one way. */
  isMixed: boolean;
}

async function readAll(pieces: AsyncGenerator<string>, layout: Layout, given: FileOptions): Promise<SeenAll> {
  const { names, reader, rules, options } = layout;
  const types = names.map(() => new ColumnType(rules));
  const rows = new RowCheck(names.length, options, given);
  const most = Math.min(maxRows, Math.ceil(maxValues / names.length));
  let isHeader = options.header === true;
  let characters = 0;
  const take = (records: readonly CsvRecord[]): void => {
    for (const record of records) {
      if (isBlank(record) && names.length > 1) continue;
      if (isHeader) isHeader = false;
      else if (rows.fits(record))
        for (const [at, type] of types.entries()) if (!type.isText) type.see(record.fields[at] ?? '');
    }
  };
  let isCut = false;
  const ends = new LineEnds();
  for await (const piece of pieces) {
    take(reader.push(piece, false));
    if (reader.waiting > (given.maxLineBytes ?? usualLineBytes)) take(reader.take());
    refuseLong(reader.waiting, given);
    characters += piece.length;
    ends.see(piece);
    isCut = rows.count >= most || characters >= maxCharacters;
    if (isCut) break;
  }
  if (!isCut) take(reader.push('', true));
  const seen = settleColumns(names, types);
  return { ...seen, isMixed: ends.isMixed, assumptions: [...seen.assumptions, ...rows.tell()] };
}

/** Signs of which nobody could tell which is meant. */
function refuseClash({ delimiter, quote, comment }: FileOptions): void {
  for (const [name, sign] of Object.entries({ quote, comment }))
    if (sign !== undefined && sign !== '' && delimiter?.includes(sign) === true)
      throw new LookFault(
        `the ${name} ${JSON.stringify(sign)} is a part of the delimiter ${JSON.stringify(delimiter)}`,
        `Set the options delimiter and ${name} to different signs (an empty ${name} for none).`,
      );
}

/** A line that the engine would refuse. */
function refuseLong(waiting: number, { maxLineBytes = usualLineBytes }: FileOptions): void {
  if (waiting <= maxLineBytes) return;
  throw new LookFault(
    `a line is longer than ${maxLineBytes.toLocaleString('en-US')} bytes, or a quoted value never ends`,
    'Set the option maxLineBytes to the length of the longest line, or correct the quotes.',
  );
}
