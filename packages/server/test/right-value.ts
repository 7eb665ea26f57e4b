// Pure: whether a value that was read is the one that was written, by the type that it was read as.
import type { Value } from './random-table.ts';

/** `read` as the engine gives rows to JSON: 64-bit integers, decimals and moments as texts. */
export function isRight(written: Value, read: unknown, type: string): boolean {
  if (read === null) return written === null || (written.trim() === '' && type !== 'VARCHAR');
  if (written === null) return false;
  const text = typeof read === 'string' ? read : JSON.stringify(read);
  if (type === 'VARCHAR' || type === 'JSON') return text === written;
  const judge = judges.find(([pattern]) => pattern.test(type))?.[1];
  return judge?.(written.trim(), text) === true;
}

type Judge = (written: string, read: string) => boolean;

const isWhole = (text: string): boolean => /^-?(0|[1-9]\d*)$/u.test(text);

/** Digits without a point, and how many stand behind it. */
function toDigits(text: string): string | null {
  const found = /^(-?)(\d+)(?:\.(\d*))?$/u.exec(text);
  if (found === null) return null;
  const [, sign = '', before = '', after = ''] = found;
  const digits = `${before.replace(/^0+(?=\d)/u, '')}.${after.replace(/0+$/u, '')}`;
  return digits === '0.' ? digits : sign + digits;
}

/** A number of JSON that is read as a text: what it is, not how it was written. */
export const isSameNumber = (written: Value, read: unknown): boolean =>
  written !== null && typeof read === 'string' && sameDecimal(written, read);

const sameDecimal: Judge = (written, read) =>
  toDigits(written) !== null && toDigits(written) === toDigits(read);

/** What stands behind a point may be rounded, a whole number not. */
const sameDouble: Judge = (written, read) =>
  isWhole(written)
    ? BigInt(written) === BigInt(Number(read))
    : toDigits(written) !== null && Number(written) === Number(read);

/** Microseconds since the epoch. */
function toMicros(text: string): bigint | null {
  const found =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d)?)?)?$/u.exec(text);
  if (found === null) return null;
  const [, day = '', hour = '0', minute = '0', second = '0', fraction = '', offset = 'Z'] = found;
  const seconds =
    BigInt(Date.parse(`${day}T00:00:00Z`) / 1000) +
    BigInt(hour) * 3600n +
    BigInt(minute) * 60n +
    BigInt(second);
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/u.exec(offset) ?? [];
  const east = (BigInt(hours) * 60n + BigInt(minutes ?? '0')) * 60n * (sign === '-' ? -1n : 1n);
  return (seconds - east) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

const sameMoment: Judge = (written, read) =>
  toMicros(written) !== null && toMicros(written) === toMicros(read);
const hasOffset = (text: string): boolean => /(Z|[+-]\d\d(:\d\d)?)$/u.test(text) && text.includes(':');

/** A moment that is no text in its file, read as one. */
export const isSameMoment = (written: Value, read: unknown): boolean =>
  written !== null &&
  typeof read === 'string' &&
  hasOffset(written) === hasOffset(read) &&
  sameMoment(written, read);

const judges: readonly (readonly [RegExp, Judge])[] = [
  [/^(BIGINT|HUGEINT|INTEGER)$/u, (written, read) => isWhole(written) && BigInt(written) === BigInt(read)],
  [/^DECIMAL/u, sameDecimal],
  [/^DOUBLE$/u, sameDouble],
  [/^BOOLEAN$/u, (written, read) => written.toLowerCase() === read],
  // Midnight in a file with moments is a day as well as it stands.
  [/^DATE$/u, (written, read) => written.replace(/[ T]00:00:00$/u, '') === read],
  [/^TIMESTAMP$/u, (written, read) => !hasOffset(written) && sameMoment(written, read)],
  // Without an offset it is UTC.
  [/^TIMESTAMP WITH TIME ZONE$/u, sameMoment],
];
