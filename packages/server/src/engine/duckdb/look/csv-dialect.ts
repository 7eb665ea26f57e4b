// Pure: how a CSV text is written, found over its first records: delimiter, quotes, comments, what stands above the table.
import type { FileOptions } from '../../dataset.ts';
import { listQuotes } from './csv-quote.ts';
import { RecordReader, type CsvDialect, type CsvRecord } from './csv-record.ts';

/** Something that was not certain: what was taken, and the option that says otherwise. */
export interface Assumption {
  option: string;
  text: string;
}

export interface FoundDialect extends CsvDialect {
  /** Lines above the header, or the first row. */
  skipLines: number;
  /** Records below them, header and all; blank lines are left out where there are several columns. */
  records: CsvRecord[];
  /** How many columns most records have. */
  usual: number;
  assumptions: Assumption[];
}

type Given = Pick<FileOptions, 'delimiter' | 'quote' | 'escape' | 'comment' | 'skipLines'>;

/** In the order in which they are taken where two do equally well. */
const usualDelimiters = [',', ';', '\t', '|'];
const rareDelimiters = ['||', '::', '|~|', '~|~', '^|^', '#|#', '~', '^', '\u0001', '\u001f', '\u00a7', ':'];
const maxTitleLines = 50;

export function findDialect(text: string, isWhole: boolean, given: Given): FoundDialect {
  const hint = given.skipLines === undefined && given.delimiter === undefined ? readSepLine(text) : null;
  const skip = given.skipLines ?? (hint === null ? 0 : 1);
  const told: Given = { ...given, ...(hint !== null && { delimiter: hint }) };
  const comment = given.comment ?? findComment(text, skip, told, isWhole);
  const best = chooseDialect(text, isWhole, { ...told, comment }, skip);
  const isSaid = given.skipLines !== undefined;
  const title = isSaid ? 0 : countTitle(best);
  const first = best.records[title];
  const above = title > 0 && first !== undefined ? first.line - 1 : skip;
  const records = best.records.slice(title);
  const usual = modeOf(records).count;
  return {
    ...best.dialect,
    skipLines: above,
    records: usual > 1 ? records.filter((record) => !isBlank(record)) : records,
    usual,
    assumptions: [
      ...(title > 0 && above > 0
        ? [
            {
              option: 'skipLines',
              text: `The first ${above === 1 ? 'line was' : `${above} lines were`} taken for a title and left out.`,
            },
          ]
        : []),
      ...(comment !== '' && given.comment === undefined
        ? [
            {
              option: 'comment',
              text: `Lines that begin with ${comment} were taken for comments and left out.`,
            },
          ]
        : []),
      ...best.assumptions,
    ],
  };
}

export const isBlank = ({ fields, quoted }: CsvRecord): boolean =>
  fields.length === 1 && fields[0] === '' && quoted === null;

/** Excel's hint for itself: `sep=;`. */
const readSepLine = (text: string): string | null => /^"?sep=([^"\r\n])"?\r?\n/i.exec(text)?.[1] ?? null;

/**
 * `#` begins comments where lines with it look like none of the table. One such line at the beginning that has as many
 * names as the rows have values is a header.
 */
function findComment(text: string, skip: number, given: Given, isWhole: boolean): string {
  if (!/^#/m.test(text)) return '';
  const lines = text
    .split(/\r\n|\r|\n/)
    .slice(skip)
    .filter((line) => line !== '');
  const marked = lines.filter((line) => line.startsWith('#'));
  if (marked.length === 0 || marked.length * 2 > lines.length + 1) return '';
  const { dialect, mode } = chooseDialect(text, isWhole, { ...given, comment: '#' }, skip);
  if (mode.count < 2) return marked.every((line) => /^#(\s|#|!|$)/.test(line)) ? '#' : '';
  const fits = marked.filter((line) => countFields(line, dialect) === mode.count);
  const isHeader = fits.length === 1 && fits[0] === lines[0] && !/^#\s/.test(lines[0]!);
  return isHeader || fits.length * 2 > marked.length ? '' : '#';
}

const countFields = (line: string, dialect: CsvDialect): number =>
  new RecordReader({ ...dialect, comment: '' }).push(line, true)[0]?.fields.length ?? 0;

interface Reading {
  dialect: CsvDialect;
  records: CsvRecord[];
  mode: { count: number; share: number };
  score: number;
  assumptions: Assumption[];
}

function chooseDialect(
  text: string,
  isWhole: boolean,
  given: Given & { comment: string },
  skip: number,
): Reading {
  const list =
    given.delimiter === undefined
      ? [...usualDelimiters, ...doubled(text), ...rareDelimiters]
      : [given.delimiter];
  const readings = list
    .filter((delimiter) => given.delimiter !== undefined || text.includes(delimiter))
    .flatMap((delimiter) =>
      listQuotes(text, delimiter, given).map((dialect) => read(text, isWhole, dialect, skip)),
    );
  if (given.delimiter !== undefined) return best(readings)!;
  const tables = readings.filter(isTable);
  const usual = tables.filter(({ dialect }) => usualDelimiters.includes(dialect.delimiter));
  const several = tables.filter(({ dialect }) => dialect.delimiter.length > 1);
  const found = best(
    several.length > 0 && several[0]!.mode.share >= 0.99 ? several : usual.length > 0 ? usual : tables,
  );
  if (found === undefined) return oneColumn(text, isWhole, given, skip, readings);
  return { ...found, assumptions: tellClose(found, tables) };
}

/** `||`, `;;` and the like: where a sign never stands alone its runs are the delimiter. */
function doubled(text: string): string[] {
  return ['|', ';', ':', '~', '^', '#', '@', '$', '%', '&', '!', '*'].flatMap((sign) => {
    const runs = new Set((text.match(new RegExp(`\\${sign}+`, 'g')) ?? []).map((run) => run.length));
    const [length = 1] = runs;
    return runs.size === 1 && length > 1 && length < 5 ? [sign.repeat(length)] : [];
  });
}

function read(text: string, isWhole: boolean, dialect: CsvDialect, skip: number): Reading {
  const records = new RecordReader(dialect, skip).push(text, true);
  // The last one may be cut.
  if (!isWhole && records.length > 1) records.pop();
  const full = records.filter((record) => !isBlank(record));
  const mode = modeOf(full);
  const faults = full.filter(({ fault }) => fault !== null).length / Math.max(1, full.length);
  const firstFits = full[0]?.fields.length === mode.count ? 0.5 : 0;
  return { dialect, records, mode, score: mode.share + firstFits - 2 * faults, assumptions: [] };
}

export function modeOf(records: readonly CsvRecord[]): { count: number; share: number } {
  const counts = new Map<number, number>();
  let full = 0;
  for (const record of records) {
    if (isBlank(record)) continue;
    full += 1;
    counts.set(record.fields.length, (counts.get(record.fields.length) ?? 0) + 1);
  }
  let [count, times] = [1, 0];
  for (const [fields, seen] of counts)
    if (seen > times || (seen === times && fields > count)) [count, times] = [fields, seen];
  return { count, share: full === 0 ? 0 : times / full };
}

/** Whether a delimiter makes columns: most records have it, the first as well or nearly all others alike. */
function isTable({ records, mode, dialect }: Reading): boolean {
  if (mode.count < 2) return false;
  const full = records.filter((record) => !isBlank(record));
  const having = full.filter(({ fields }) => fields.length > 1).length;
  if (having * 2 <= full.length) return false;
  if (!usualDelimiters.includes(dialect.delimiter))
    return mode.share >= 0.95 && full[0]!.fields.length === mode.count;
  const first = full[0]?.fields.length ?? 0;
  return first > 1 || mode.share >= 0.6 || (full.length <= maxTitleLines && mode.share >= 0.5);
}

const best = (readings: readonly Reading[]): Reading | undefined =>
  readings.reduce<Reading | undefined>(
    (found, reading) => (found === undefined || reading.score > found.score + 1e-9 ? reading : found),
    undefined,
  );

/** No delimiter makes a table: a sign that the text has not keeps every line whole. */
function oneColumn(
  text: string,
  isWhole: boolean,
  given: Given & { comment: string },
  skip: number,
  readings: readonly Reading[],
): Reading {
  const delimiter = [...usualDelimiters, '\u001f'].find((sign) => !text.includes(sign)) ?? '\u001f';
  const reading = read(text, isWhole, listQuotes(text, delimiter, given)[0]!, skip);
  const near = readings
    .filter(({ dialect }) => usualDelimiters.includes(dialect.delimiter))
    .filter(({ records }) => records.some(({ fields }) => fields.length > 1))
    .map(({ dialect }) => nameSign(dialect.delimiter));
  const assumptions =
    near.length === 0
      ? []
      : [
          {
            option: 'delimiter',
            text: `Every line was taken for one value: ${near.join(' and ')} ${near.length === 1 ? 'stands' : 'stand'} in some lines, but not so that columns come of it.`,
          },
        ];
  return { ...reading, assumptions };
}

function tellClose(found: Reading, tables: readonly Reading[]): Assumption[] {
  const other = tables.find(
    ({ dialect, score }) =>
      dialect.delimiter !== found.dialect.delimiter &&
      !found.dialect.delimiter.includes(dialect.delimiter) &&
      usualDelimiters.includes(dialect.delimiter) &&
      score > found.score - 0.1,
  );
  if (other === undefined) return [];
  const [taken, near] = [nameSign(found.dialect.delimiter), nameSign(other.dialect.delimiter)];
  return [
    { option: 'delimiter', text: `${taken} was taken for the delimiter; ${near} would make columns, too.` },
  ];
}

/** A delimiter in words for people. */
const nameSign = (sign: string): string =>
  sign === '\t'
    ? 'a tab'
    : sign.length === 1 && sign < ' '
      ? `the sign U+${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`
      : `"${sign}"`;

/** Records above the table: shorter than its rows, few, and followed by one that is not. */
function countTitle({ records, mode }: Reading): number {
  const { count } = mode;
  if (count < 2) return 0;
  let above = 0;
  while (above < records.length && (isBlank(records[above]!) || records[above]!.fields.length < count))
    above += 1;
  const short = records.slice(0, above).filter((record) => !isBlank(record));
  if (above === records.length || above > maxTitleLines) return 0;
  if (short.length === 0) return above;
  return isRowLike(short, records.slice(above), count) ? 0 : above;
}

/**
 * Whether what stands above is part of the table: the header of R, which is one name short, or the first of its rows, which
 * grew longer further down.
 */
function isRowLike(short: readonly CsvRecord[], below: readonly CsvRecord[], count: number): boolean {
  if (short.length === 1 && short[0]!.fields.length === count - 1) return isShortHeader(short[0]!, below);
  const widths = new Set(short.map(({ fields }) => fields.length));
  return short.length > 2 && widths.size === 1 && !widths.has(1);
}

/** A header that lacks the name of the first column, or whose rows end in a delimiter. */
export function isShortHeader(header: CsvRecord, below: readonly CsvRecord[]): boolean {
  const names = header.fields;
  if (
    names.some((name) => name.trim() === '' || /^-?[\d.]+$/.test(name)) ||
    new Set(names).size < names.length
  )
    return false;
  const rows = below.filter(({ fields }) => fields.length === names.length + 1);
  // Rows that grow wider further down are no reason to move the names.
  if (rows[0] !== below.find((record) => !isBlank(record)) || rows.length < below.length * 0.9) return false;
  if (endsInDelimiter(rows)) return true;
  if (header.quoted !== null && header.quoted.every(Boolean)) return true;
  // A title above a header is followed by names, the header of R by values.
  const next = rows[0];
  return names.length > 1 && next !== undefined && next.fields.some((value) => /^-?[\d.,]+$/.test(value));
}

export const endsInDelimiter = (rows: readonly CsvRecord[]): boolean =>
  rows.length > 0 && rows.every(({ fields, quoted }) => fields.at(-1) === '' && quoted?.at(-1) !== true);
