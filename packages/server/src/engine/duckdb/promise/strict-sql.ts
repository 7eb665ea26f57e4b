// Pure: how a text becomes a value of its column's type, and which texts would lose something on the way.
import type { Column, FileOptions } from '../../dataset.ts';
import { saidType } from '../../said-type.ts';
import { quoteText } from '../quote.ts';

/** SQL over a text: whether it is such a value as it stands, and what it is then. */
export interface Strict {
  /** True where it is; else false or null. */
  readonly fits: string;
  readonly value: string;
}

/** Makes the SQL of one type from the SQL of a text. */
type Rule = (text: string, column: Column, options: FileOptions) => Strict;

const tryCast = (text: string, type: string): string => `TRY_CAST(${text} AS ${type})`;

/** Spaces around a value carry nothing. */
const wholePattern = '\\s*-?(0|[1-9][0-9]*)\\s*';

/** The same text comes back from most numbers, which is cheaper to see than a pattern; the pattern judges the rest. */
const whole: Rule = (text, { type }) => {
  const value = tryCast(text, type);
  const fits = `(CAST(${value} AS VARCHAR) = ${text} OR (${value} IS NOT NULL AND regexp_full_match(${text}, ${quoteText(wholePattern)})))`;
  return { fits, value };
};

const pointOf = ({ decimalSeparator }: FileOptions): string => (decimalSeparator === ',' ? ',' : '.');

/** A number's text with a point in it, whatever the file has there. */
const pointed = (text: string, options: FileOptions): string =>
  pointOf(options) === ',' ? `replace(${text}, ',', '.')` : text;

const numberPattern = (point: string, fraction: string): string =>
  `\\s*[-+]?((0|[1-9][0-9]*)([${point}]${fraction})?|[${point}][0-9]+)`;

/** A floating number may round what stands behind the point, as such numbers do; never a whole number, never a code's zeros. */
const floating: Rule = (text, { type }, options) => {
  const point = pointOf(options);
  const value = tryCast(pointed(text, options), type);
  const pattern = `${numberPattern(point, '[0-9]*')}([eE][-+]?[0-9]+)?\\s*`;
  const words = `\\s*[-+]?(nan|inf|infinity)\\s*`;
  const exact = `(strlen(${text}) <= ${type === 'FLOAT' ? 7 : 15} OR contains(${text}, ${quoteText(point)}) OR contains(lower(${text}), 'e')
    OR TRY_CAST(${value} AS DECIMAL(38, 0)) = ${tryCast(text, 'DECIMAL(38, 0)')})`;
  const fits = `(${value} IS NOT NULL AND ((regexp_full_match(${text}, ${quoteText(pattern)}) AND ${exact})
    OR regexp_full_match(lower(${text}), ${quoteText(words)})))`;
  return { fits, value };
};

/** As many digits behind the point as it promises: zeros beyond them are nothing. */
const decimal: Rule = (text, { type }, options) => {
  const scale = Number(/,\s*(\d+)\s*\)/u.exec(type)?.[1] ?? (type.includes('(') ? 0 : 3));
  const pattern = `${numberPattern(pointOf(options), `[0-9]{0,${scale}}0*`)}\\s*`;
  const value = tryCast(pointed(text, options), type);
  return {
    fits: `(${value} IS NOT NULL AND regexp_full_match(${text}, ${quoteText(pattern)}))`,
    value,
  };
};

/** `yes`, `1` and `t` are truth values only where a person said that the column has them. */
const truth: Rule = (text, { name }, options) => {
  const value = tryCast(text, 'BOOLEAN');
  const fits =
    saidType(options, name) === undefined
      ? `(lower(trim(${text})) IN ('true', 'false'))`
      : `(${value} IS NOT NULL)`;
  return { fits, value };
};

const matches = (text: string, pattern: string): string =>
  `regexp_full_match(${text}, ${quoteText(`\\s*${pattern}\\s*`)})`;

const dayPattern = '[0-9]+[-/][0-9]+[-/][0-9]+';

/** No time of day, and no word for a day, such as `epoch`. */
const date: Rule = (text, column, { dateFormat }) => {
  if (dateFormat !== undefined) return formatted(text, column, dateFormat);
  const value = tryCast(text, 'DATE');
  const usual = `(strlen(${text}) = 10 AND ${text}[5] = '-' AND ${text}[8] = '-')`;
  return { fits: `(${value} IS NOT NULL AND (${usual} OR ${matches(text, dayPattern)}))`, value };
};

/** No more of a second than so many digits keep: zeros beyond them are nothing. */
const fractionPattern = (digits: number): string => `(\\.[0-9]{0,${digits}}0*)?`;

/** Digits of a second that a type keeps. */
const digitsOf = (type: string): number =>
  ({ TIMESTAMP_S: 0, TIMESTAMP_MS: 3, TIMESTAMP_NS: 9 })[type.toUpperCase()] ?? 6;

/** A day and a time of day, no offset behind it. */
const moment: Rule = (text, column, options) => {
  const { timestampFormat } = options;
  if (timestampFormat !== undefined) return formatted(text, column, timestampFormat);
  const value = tryCast(text, column.type);
  const usual = `(strlen(${text}) = 19 AND ${text}[17] = ':')`;
  const pattern = `${dayPattern}([ Tt][0-9]+(:[0-9]+){0,2}${fractionPattern(digitsOf(column.type))})?`;
  return { fits: `(${value} IS NOT NULL AND (${usual} OR ${matches(text, pattern)}))`, value };
};

const offsetPattern = '( ?([Zz]|UTC|[-+][0-9]{1,2}(:?[0-9]{2}){0,2}))?';

/** The engine knows no space before an offset, and no offset behind minutes. */
function tidyOffset(text: string): string {
  const closed = `regexp_replace(${text}, ' ([Zz]|[-+][0-9:]+)\\s*$', '\\1')`;
  return `regexp_replace(${closed}, '([ Tt][0-9]+:[0-9]+)([Zz]|[-+][0-9:]+)\\s*$', '\\1:00\\2')`;
}

const instant: Rule = (text, column, options) => {
  if (options.timestampFormat !== undefined) return formatted(text, column, options.timestampFormat);
  const value = `coalesce(${tryCast(text, column.type)}, ${tryCast(tidyOffset(text), column.type)})`;
  const pattern = `${dayPattern}([ Tt][0-9]+(:[0-9]+){0,2}${fractionPattern(6)}${offsetPattern})?`;
  return { fits: `(${value} IS NOT NULL AND ${matches(text, pattern)})`, value };
};

/** No day before it. */
const clock: Rule = (text, { type }) => {
  const value = tryCast(text, type);
  const offset = /^TIME$/iu.test(type) ? '' : offsetPattern;
  const pattern = `[0-9]{1,2}:[0-9]{2}(:[0-9]{2}${fractionPattern(6)})?${offset}`;
  return { fits: `(${value} IS NOT NULL AND ${matches(text, pattern)})`, value };
};

function formatted(text: string, { type }: Column, format: string): Strict {
  const value = `CAST(try_strptime(${text}, ${quoteText(format)}) AS ${type})`;
  return { fits: `(${value} IS NOT NULL)`, value };
}

/** What has no rule of its own has to be readable, no more. */
const readable: Rule = (text, { type }) => {
  const value = tryCast(text, type);
  return { fits: `(${value} IS NOT NULL)`, value };
};

const rules: readonly (readonly [RegExp, Rule])[] = [
  [/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|INT[1248]?|LONG|SHORT|INT(16|32|64|128))$/iu, whole],
  [/^(DOUBLE|FLOAT|REAL|FLOAT[48])$/iu, floating],
  [/^(DECIMAL|NUMERIC)\b/iu, decimal],
  [/^(BOOLEAN|BOOL|LOGICAL)$/iu, truth],
  [/^DATE$/iu, date],
  [/^(TIMESTAMP(_S|_MS|_NS)?|DATETIME)$/iu, moment],
  [/^(TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ)$/iu, instant],
  [/^(TIME|TIME WITH TIME ZONE|TIMETZ)$/iu, clock],
];

/** Whether every text is a value of the type. */
export const isText = (type: string): boolean => /^(VARCHAR|TEXT|STRING|CHAR|BPCHAR)$/iu.test(type.trim());

/** How a text is read as a value of its column; null where the column takes every text. */
export function readStrictly(text: string, column: Column, options: FileOptions): Strict | null {
  const type = column.type.trim();
  if (isText(type)) return null;
  const rule = rules.find(([pattern]) => pattern.test(type))?.[1] ?? readable;
  return rule(text, { ...column, type }, options);
}
