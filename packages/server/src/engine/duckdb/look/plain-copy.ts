// A text file that the engine can't read right as it stands, written anew for it: UTF-8, one kind of line end, commas, quotes.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { escapePattern } from '../quote.ts';
import type { Dataset, FileOptions } from '../../dataset.ts';
import { isBlank } from './csv-dialect.ts';
import { nameColumns } from './csv-header.ts';
import { RecordReader, type CsvRecord } from './csv-record.ts';
import { findEncoding, readMark } from './encoding.ts';
import { LookFault, quoteFault } from './fault.ts';
import { FixedReader } from './fixed-record.ts';
import { usualLineBytes } from './csv-look.ts';
import { hasExact, makeLineWriter } from './json-copy.ts';
import { LineEnds } from './line-end.ts';
import { openText, readHeadBytes, readText, type TextFile } from './text-file.ts';

/** How a copy is read: what the copy has mended is not said any more. */
export function plainOptions(options: FileOptions): FileOptions {
  const {
    encoding: _encoding,
    comment: _comment,
    columnStarts: _starts,
    rowNames: _names,
    trailingDelimiter: _trailing,
    lineEnds: _ends,
    columnKeys: _keys,
    wholeValues: _values,
    thousandsSeparator: _thousands,
    ...rest
  } = options;
  return { ...rest, delimiter: ',', quote: '"', escape: '"' };
}

/** Whether the options alone ask for a copy, whatever is in the file. */
function asksCopy({ delimiter = ',', quote = '"', escape = quote, ...options }: FileOptions): boolean {
  return (
    delimiter.length > 1 ||
    (escape !== quote && escape !== '') ||
    (options.comment ?? '') !== '' ||
    (options.thousandsSeparator ?? '') !== '' ||
    options.columnStarts !== undefined ||
    options.rowNames === true ||
    options.trailingDelimiter === true ||
    options.lineEnds !== undefined
  );
}

/** Whether the engine reads this file right only from a copy. */
export async function needsCopy(dataset: Dataset, file: TextFile): Promise<boolean> {
  const isText = isCsv(dataset);
  if (isText ? asksCopy(dataset.options) : asksLines(dataset)) return true;
  const head = await readHeadBytes(file);
  if (findEncoding(head, file.encoding) !== 'utf-8') return true;
  if (!isText) return readMark(head) !== null;
  if (readMark(head) === null && head.includes(0)) return true;
  const start = head.toString('latin1');
  const ends = new LineEnds();
  ends.see(start);
  return ends.isMixed || hasLateQuote(start, dataset);
}

/** A quote behind spaces: the engine would take it for one that opens a value, and leave out both. */
function hasLateQuote(start: string, { format, options }: Dataset): boolean {
  const { delimiter = format === 'tsv' ? '\t' : ',', quote = '"' } = options;
  return (
    quote !== '' && new RegExp(`(?:^|[\r\n${escapePattern(delimiter)}]) +${escapePattern(quote)}`).test(start)
  );
}

const isCsv = ({ format }: Dataset): boolean => format === 'csv' || format === 'tsv';

const asksLines = ({ options: { columnKeys, wholeValues }, schema }: Dataset): boolean =>
  columnKeys !== undefined || wholeValues === true || hasExact(schema);

export interface CopyRoom {
  /** Where the copy is written. */
  target: string;
  maxBytes: number;
  /** Whether what is beyond is left out, for a preview, instead of being too much. */
  mayCut: boolean;
  /** True once no more may be waited for, where what is beyond may be left out. */
  isLate?: () => boolean;
  /** Lines above the first record that the copies of other files have; null for the first. */
  lead: number | null;
}

export interface Copied {
  bytes: number;
  /** Not all rows are in it. */
  isCut: boolean;
  /** Blank lines above the first record: they are skipped. */
  lead: number;
}

/** Throws `LookFault`. Lines of the copy are the lines of the file, so that complaints name the right one. */
export async function copyPlain(dataset: Dataset, file: TextFile, room: CopyRoom): Promise<Copied> {
  const done: Copied = { bytes: 0, isCut: false, lead: room.lead ?? 0 };
  const pieces = isCsv(dataset)
    ? writeRecords(dataset, file, { lead: room.lead, done })
    : writeLines(dataset, file);
  await pipeline(Readable.from(measure(pieces, room, done)), createWriteStream(room.target));
  return done;
}

async function* measure(pieces: AsyncIterable<string>, room: CopyRoom, done: Copied): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece);
    done.bytes += bytes.length;
    if (done.bytes <= room.maxBytes && !(room.mayCut && room.isLate?.() === true)) yield bytes;
    else if (room.mayCut) {
      done.isCut = true;
      return;
    } else
      throw new LookFault(
        'it has to be written anew to be read (for its encoding, comments or delimiter), and that takes more temporary space than the job may have',
        'Give the file in UTF-8 with a plain delimiter, or ask the administrator for more temporary space.',
      );
  }
}

async function* writeLines(dataset: Dataset, file: TextFile): AsyncGenerator<string> {
  const { start, pieces } = await openText(file, await readHeadBytes(file));
  const writer = makeLineWriter(dataset, start);
  for await (const piece of pieces) yield writer.push(piece, false);
  yield writer.push('', true);
}

async function* writeRecords(
  dataset: Dataset,
  file: TextFile,
  { lead, done }: { lead: number | null; done: Copied },
): AsyncGenerator<string> {
  const { options } = dataset;
  const head = await readHeadBytes(file);
  const reader = makeReader(dataset, options.skipLines ?? 0);
  const writer = new RecordWriter(dataset, (above) => {
    done.lead = lead ?? above;
    return '\n'.repeat(done.lead);
  });
  const maxWaiting = options.maxLineBytes ?? usualLineBytes;
  for await (const piece of readText(file, head)) {
    const text = reader
      .push(piece, false)
      .map((record) => writer.write(record))
      .join('');
    if (text !== '') yield text;
    if (reader.waiting > 2 * maxWaiting + 1_000_000) throw tooLong(maxWaiting);
  }
  yield reader
    .push('', true)
    .map((record) => writer.write(record))
    .join('');
}

const tooLong = (bytes: number): LookFault =>
  new LookFault(
    `a line is longer than ${bytes.toLocaleString('en-US')} bytes, or a quoted value never ends`,
    'Set the option maxLineBytes to the length of the longest line, or correct the quotes.',
  );

function makeReader({ options, format }: Dataset, skip: number): RecordReader | FixedReader {
  const { delimiter = format === 'tsv' ? '\t' : ',', quote = '"', escape = quote, comment = '' } = options;
  return options.columnStarts === undefined
    ? new RecordReader({ delimiter, quote, escape, comment }, skip)
    : new FixedReader(options.columnStarts, comment, skip);
}

const numeric = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|REAL|DECIMAL|NUMERIC)\b/i;

class RecordWriter {
  readonly #dataset: Dataset;
  /** Line that the next record stands on if nothing was left out. */
  #line = 1;
  #isFirst = true;
  readonly #open: (above: number) => string;
  /** Places of columns whose thousands separators are taken out. */
  #grouped: readonly number[] = [];

  /** `open` is told how many lines stand above the first record, and gives what stands there in the copy. */
  constructor(dataset: Dataset, open: (above: number) => string) {
    this.#dataset = dataset;
    this.#open = open;
  }

  /** A text in quotes that would mean something else without them. */
  #keepsQuotes(field: string): boolean {
    return field === '' || field === this.#dataset.options.nullText;
  }

  write(record: CsvRecord): string {
    if (record.fault !== null) throw quoteFault(record);
    const { options, schema } = this.#dataset;
    const isMany = schema.length > 1;
    const isHeader = this.#isFirst && options.header !== false && !isBlank(record);
    if (this.#isFirst && isBlank(record) && (isMany || options.header !== false)) return '';
    const lead = this.#isFirst ? this.#open(record.line - 1) : null;
    if (lead !== null) this.#start(record.fields, isHeader);
    const fields = isHeader ? this.#header(record.fields) : this.#values(record.fields);
    // A blank line is a row of a single column.
    const gap = lead ?? (isMany ? '\n'.repeat(Math.max(0, record.line - this.#line)) : '');
    const text = isBlank(record)
      ? ''
      : fields
          .map((field, at) => quote(field, record.quoted?.[at] === true && this.#keepsQuotes(field)))
          .join(',');
    this.#line = record.line + 1 + countLineEnds(text);
    return `${gap}${text}\n`;
  }

  #start(fields: readonly string[], isHeader: boolean): void {
    this.#isFirst = false;
    const { options, schema } = this.#dataset;
    if ((options.thousandsSeparator ?? '') === '') return;
    const names = isHeader ? nameColumns(this.#header(fields)) : schema.map(({ name }) => name);
    const types = new Map(schema.map(({ name, type }) => [name, type]));
    this.#grouped = names.flatMap((name, at) => (numeric.test(types.get(name) ?? '') ? [at] : []));
  }

  #header(names: readonly string[]): readonly string[] {
    const clean = names.map((name) => name.replaceAll('\0', ''));
    return this.#dataset.options.rowNames === true ? nameColumns(['', ...clean]) : clean;
  }

  #values(fields: string[]): readonly string[] {
    const { trailingDelimiter, thousandsSeparator = '' } = this.#dataset.options;
    const values = trailingDelimiter === true && fields.at(-1) === '' ? fields.slice(0, -1) : fields;
    for (const at of this.#grouped) {
      const value = values[at];
      if (value !== undefined && isGrouped(value, thousandsSeparator))
        values[at] = value.replaceAll(thousandsSeparator, '');
    }
    return values;
  }
}

/** Three digits between separators: `1,23` is none, and is left to be refused. */
function isGrouped(value: string, sign: string): boolean {
  const [whole = ''] = value.split(sign === '.' ? ',' : '.');
  const [first = '', ...groups] = whole.trim().replace('-', '').split(sign);
  return groups.length > 0 && /^\d{1,3}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group));
}

const quote = (field: string, always: boolean): string =>
  always || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

const countLineEnds = (text: string): number =>
  text.includes('\n') || text.includes('\r') ? (text.match(/\r\n|\r|\n/g)?.length ?? 0) : 0;
