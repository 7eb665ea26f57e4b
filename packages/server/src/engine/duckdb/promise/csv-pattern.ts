// Pure: the bytes of a CSV file whose values all are of their types as they stand. What does not match may still be
// right: it is then read with more care.
import type { FileOptions } from '../../dataset.ts';
import {
  any,
  between,
  compile,
  maybe,
  nothing,
  noneOf,
  oneOf,
  row,
  star,
  word,
  type Pattern,
  type Walk,
} from './byte-pattern.ts';
import { compileLine, WideScan } from './wide-scan.ts';

const digit = oneOf('0123456789');
const leading = oneOf('123456789');
const sign = maybe(oneOf('-'));
const digits = (max: number): Pattern => any(oneOf('0'), row(leading, between(digit, 0, max - 1)));
const anyDigits = any(oneOf('0'), row(leading, star(digit)));

/** So many digits always fit. */
const wholeDigits: Readonly<Record<string, number>> = {
  TINYINT: 2,
  SMALLINT: 4,
  INTEGER: 9,
  BIGINT: 18,
  HUGEINT: 38,
};

/** Numbers of two digits. */
const listNumbers = (numbers: readonly number[]): Pattern =>
  any(...numbers.map((each) => word(String(each).padStart(2, '0'))));
const numbers = (from: number, to: number, step = 1): Pattern =>
  listNumbers(Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step));

/** Days that there are: what is none the engine takes for a missing value where an instant is promised, without a word. */
const fourths = numbers(4, 96, 4);
const leapYear = any(row(digit, digit, fourths), row(any(word('00'), fourths), word('00')));
const dash = oneOf('-');
const monthDay = any(
  row(listNumbers([1, 3, 5, 7, 8, 10, 12]), dash, numbers(1, 31)),
  row(listNumbers([4, 6, 9, 11]), dash, numbers(1, 30)),
  row(word('02'), dash, numbers(1, 28)),
);
const day = any(row(between(digit, 4, 4), dash, monthDay), row(leapYear, word('-02-29')));
const colon = oneOf(':');
const sixty = numbers(0, 59);
const fraction = maybe(row(oneOf('.'), between(digit, 1, 6)));
const time = row(numbers(0, 23), colon, sixty, maybe(row(colon, sixty, fraction)));
const offset = any(oneOf('Z'), row(oneOf('+-'), numbers(0, 14), maybe(row(colon, sixty))));
const instant = row(day, oneOf(' T'), numbers(0, 23), colon, sixty, colon, sixty, fraction, offset);

function floating(point: string): Pattern {
  const exponent = maybe(row(oneOf('eE'), maybe(oneOf('+-')), digit, star(digit)));
  const broken = any(row(anyDigits, oneOf(point), star(digit)), row(oneOf(point), digit, star(digit)));
  return any(row(sign, digits(15), exponent), row(sign, broken, exponent));
}

function decimal(type: string, point: string): Pattern | null {
  const found = /^DECIMAL\((\d+),\s*(\d+)\)$/u.exec(type);
  if (found === null) return null;
  const [width, scale] = [Number(found[1]), Number(found[2])];
  const fraction = scale === 0 ? nothing : maybe(row(oneOf(point), between(digit, 0, scale)));
  return row(sign, width > scale ? digits(width - scale) : oneOf('0'), fraction);
}

const directives: Readonly<Record<string, Pattern>> = {
  d: between(digit, 1, 2),
  m: between(digit, 1, 2),
  Y: between(digit, 4, 4),
  H: between(digit, 1, 2),
  M: between(digit, 1, 2),
  S: between(digit, 1, 2),
};

/** Null where the format has more than the usual in it. */
function formatted(format: string): Pattern | null {
  const parts: Pattern[] = [];
  for (let at = 0; at < format.length; at += 1) {
    if (format[at] !== '%') parts.push(word(format[at]!));
    else {
      const known = directives[format[(at += 1)]!];
      if (known === undefined) return null;
      parts.push(known);
    }
  }
  return row(...parts);
}

const truth = any(...['true', 'false', 'True', 'False', 'TRUE', 'FALSE'].map(word));
/** What the engine refuses by itself where it is none. */
const untyped = /^UUID$/u;

/** Null for any text; undefined where bytes do not say it. */
function valueOf(type: string, options: FileOptions): Pattern | null | undefined {
  const point = options.decimalSeparator ?? '.';
  if (type === 'VARCHAR') return null;
  // With another sign for what is missing an empty field is a fault of the engine's.
  if (untyped.test(type)) return hasNullText(options) ? undefined : null;
  const max = wholeDigits[type];
  if (max !== undefined) return row(sign, digits(max));
  if (type === 'DOUBLE') return floating(point);
  if (type === 'BOOLEAN') return truth;
  if (type === 'DATE')
    return options.dateFormat === undefined ? day : (formatted(options.dateFormat) ?? undefined);
  if (type === 'TIMESTAMP')
    return options.timestampFormat === undefined
      ? row(day, maybe(row(oneOf(' T'), time)))
      : (formatted(options.timestampFormat) ?? undefined);
  if (type === 'TIME') return time;
  if (/^TIMESTAMP(TZ| WITH TIME ZONE)$/u.test(type))
    return options.timestampFormat === undefined ? instant : undefined;
  return decimal(type, point) ?? undefined;
}

/** More would take gigabytes to compile, and end in too many states: such files are walked through cell by cell. */
export const maxColumns = 2_000;

/** Encodings in which the signs of CSV are single bytes that are never part of others. */
const plainEncodings = /^(utf-8|latin-1|iso-8859-\d+|windows-125\d)$/iu;

/** The types are those of the file's columns in their order. Null where bytes do not say it. */
export function compileCsv(types: readonly string[], options: FileOptions): Walk | null {
  const form = formOf(options);
  if (form === null || types.length > maxColumns) return null;
  const { delimiter } = form;
  const { header = true } = options;
  const cells = types.map((type) => cellOf(type, form));
  if (cells.includes(null)) return null;
  const lineEnd = any(oneOf('\n'), word('\r\n'));
  const names = types.map(() => cellOf('VARCHAR', form)!);
  const first = header ? row(joined(names, delimiter), lineEnd) : nothing;
  const line = joined(cells as Pattern[], delimiter);
  const blank = types.length > 1 ? lineEnd : nothing;
  const rows = star(any(row(line, lineEnd), blank));
  return compile(row(first, rows));
}

/** The same for very many columns. */
export function scanWideCsv(types: readonly string[], options: FileOptions): WideScan | null {
  const form = formOf(options);
  if (form === null || [...new Set(types)].some((type) => cellOf(type, form) === null)) return null;
  const compileWide = (all: readonly string[]) =>
    compileLine(all, form.delimiter, (type) => cellOf(type, form)!);
  const rows = compileWide(types);
  const header = options.header === false ? null : compileWide(types.map(() => 'VARCHAR'));
  return rows === null || (header === null && options.header !== false) ? null : new WideScan(header, rows);
}

function formOf(options: FileOptions): Form | null {
  const { delimiter = ',', quote = '', escape = '', encoding = 'utf-8' } = options;
  const isPlain =
    plainEncodings.test(encoding) && delimiter.length === 1 && /^[\x20-\x7E\t]$/u.test(delimiter);
  if (!isPlain || !/^[\x21-\x7E]?$/u.test(quote) || escape !== quote) return null;
  return { delimiter, quote, options };
}

const joined = (cells: readonly Pattern[], delimiter: string): Pattern =>
  row(...cells.flatMap((cell, at) => (at === 0 ? [cell] : [oneOf(delimiter), cell])));

const wordOrNothing = (text: string): Pattern => (text === '' ? nothing : word(text));

const hasNullText = ({ nullText = '' }: FileOptions): boolean => nullText !== '';

interface Form {
  readonly delimiter: string;
  readonly quote: string;
  readonly options: FileOptions;
}

function cellOf(type: string, { delimiter, quote, options }: Form): Pattern | null {
  const value = valueOf(type, options);
  if (value === undefined) return null;
  const bare = star(noneOf(`${delimiter}${quote}\r\n`));
  if (value === null) {
    if (quote === '') return bare;
    const within = star(any(noneOf(quote), word(quote + quote)));
    return any(bare, row(oneOf(quote), within, oneOf(quote)));
  }
  const absent = [hasNullText(options) ? options.nullText! : '', ...(options.nullValues ?? [])].map(
    wordOrNothing,
  );
  const plain = any(value, ...absent);
  return quote === '' ? plain : any(plain, row(oneOf(quote), value, oneOf(quote)));
}
