// Pure: which type holds all values of a column of texts, and holds them exactly.
import { compileFormat, dateFormats, timeFormats } from './date-format.ts';

export interface TypeRules {
  /** Texts that mean "missing", beside an empty one. */
  nullValues: ReadonlySet<string>;
  decimal: '.' | ',';
  thousands: string;
  /** Told by a person, strptime form. */
  dateFormat?: string | undefined;
  timestampFormat?: string | undefined;
}

export interface FoundType {
  type: string;
  dateFormat?: string;
  timestampFormat?: string;
  /** What was not certain, in words that follow the column's name, and the option that says otherwise. */
  note?: { option: string; text: string };
}

const whole = /^-?(?:0|[1-9]\d*)$/;
const number = /^-?(?:0|[1-9]\d*)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;
const isoDate = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const isoTime = '(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,6})?)?';
const isoTimestamp = new RegExp(`^(\\d{4}-\\d{2}-\\d{2})[ T]${isoTime}$`);
const isoInstant = new RegExp(
  `^(\\d{4}-\\d{2}-\\d{2})[ T]${isoTime} ?(?:Z|[+-](?:0\\d|1[0-5])(?::?[0-5]\\d)?)$`,
);
const clock = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/;
const grouped = /^-?\d{1,3}(?:([.,' \u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?$/;
const commaNumber = /^-?(?:0|[1-9]\d*),\d+$/;

const maxLong = 2n ** 63n - 1n;
/** DECIMAL holds so many. */
const maxDigits = 38;

/** Whether the day is in the month: 2024-02-30 is a text. */
function isDay(text: string): boolean {
  if (!isoDate.test(text)) return false;
  const day = Number(text.slice(8, 10));
  if (day <= 28) return true;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === day;
}

/** What a JSON text is: only the usual forms of dates are taken for such. */
export function kindOfText(value: string): 'date' | 'timestamp' | 'instant' | 'text' {
  if (value.length < 10 || value.length > 40) return 'text';
  if (isDay(value)) return 'date';
  if (isDay(isoTimestamp.exec(value)?.[1] ?? '')) return 'timestamp';
  return isDay(isoInstant.exec(value)?.[1] ?? '') ? 'instant' : 'text';
}

type Kind = 'boolean' | 'whole' | 'number' | 'date' | 'timestamp' | 'instant' | 'time' | 'text';

/** A value by itself, for telling a header from what stands below it. */
export function kindOf(value: string, rules: TypeRules): Kind {
  const column = new ColumnType(rules);
  column.see(value);
  return column.kind;
}

export class ColumnType {
  readonly #rules: TypeRules;
  #seen = 0;
  #booleans = 0;
  #wholes = 0;
  #numbers = 0;
  #isLong = true;
  #isDouble = true;
  #scale = 0;
  #places = 0;
  #hasExponent = false;
  #dates = 0;
  #timestamps = 0;
  #instants = 0;
  #times = 0;
  #grouped = 0;
  #commas = 0;
  /** Formats that have held every value so far; null before the first that is no other type. */
  #formats: string[] | null = null;
  #formatted = 0;

  constructor(rules: TypeRules) {
    this.#rules = rules;
  }

  get isEmpty(): boolean {
    return this.#seen === 0;
  }

  /** Whether more values can change what is found. */
  get isText(): boolean {
    return this.#seen > 0 && this.kind === 'text' && this.#formats?.length === 0;
  }

  see(raw: string): void {
    if (raw === '' || this.#rules.nullValues.has(raw)) return;
    this.#seen += 1;
    const value = raw.trim();
    if (this.#seeNumber(value)) return;
    if (/^(?:true|false)$/i.test(raw)) this.#booleans += 1;
    else this.#seeTime(value);
    if (grouped.test(value)) this.#grouped += 1;
    else if (commaNumber.test(value)) this.#commas += 1;
  }

  #seeNumber(value: string): boolean {
    const plain = this.#plainNumber(value);
    if (plain === null) return false;
    if (!/[.eE]/.test(plain)) {
      this.#wholes += 1;
      const digits = plain.replace('-', '');
      if (digits.length > 18 && !fitsLong(plain)) this.#isLong = false;
      if (digits.length > 15 && !fitsDouble(plain)) this.#isDouble = false;
      this.#places = Math.max(this.#places, digits.length);
      return true;
    }
    this.#numbers += 1;
    const [mantissa = '', exponent] = plain.split(/[eE]/);
    if (exponent !== undefined) this.#hasExponent = true;
    const [before = '', after = ''] = mantissa.replace('-', '').split('.');
    this.#places = Math.max(this.#places, before.length);
    this.#scale = Math.max(this.#scale, after.length);
    const digits = `${before}${after}`.replace(/^0+/, '');
    if (digits.length > 15 && !isSameNumber(plain)) this.#isDouble = false;
    return true;
  }

  /** The number as SQL has it; null where it is none. */
  #plainNumber(value: string): string | null {
    const { decimal, thousands } = this.#rules;
    let text = value;
    if (thousands !== '' && text.includes(thousands)) {
      const form = new RegExp(
        `^-?\\d{1,3}(?:${escapeSign(thousands)}\\d{3})+(?:${escapeSign(decimal)}\\d+)?$`,
      );
      if (!form.test(text)) return null;
      text = text.replaceAll(thousands, '');
    }
    if (decimal === ',') text = text.includes('.') ? 'x' : text.replace(',', '.');
    if (whole.test(text)) return text;
    if (!number.test(text) || !/^-?[.\d]/.test(text)) return null;
    // What a double can't hold at all is no number here.
    const size = Math.abs(Number(text));
    return Number.isFinite(size) && (size > 0 || /^-?[0.]*(?:[eE].*)?$/.test(text)) ? text : null;
  }

  #seeTime(value: string): void {
    const { dateFormat, timestampFormat } = this.#rules;
    if (dateFormat === undefined && isDay(value)) this.#dates += 1;
    else if (timestampFormat === undefined && isDay(isoTimestamp.exec(value)?.[1] ?? ''))
      this.#timestamps += 1;
    else if (isDay(isoInstant.exec(value)?.[1] ?? '')) this.#instants += 1;
    else if (clock.test(value)) this.#times += 1;
    else this.#seeFormats(value);
  }

  #seeFormats(value: string): void {
    const { dateFormat, timestampFormat } = this.#rules;
    const candidates = this.#formats ?? [
      ...(dateFormat === undefined ? dateFormats : [dateFormat]),
      ...(timestampFormat === undefined ? timeFormats : [timestampFormat]),
    ];
    this.#formats = value.length > 40 ? [] : candidates.filter((format) => compileFormat(format)(value));
    if (this.#formats.length > 0) this.#formatted += 1;
  }

  get kind(): Kind {
    const all = this.#seen;
    if (all === 0) return 'text';
    if (this.#wholes === all) return 'whole';
    if (this.#wholes + this.#numbers === all) return 'number';
    if (this.#booleans === all) return 'boolean';
    if (this.#dates === all) return 'date';
    if (this.#dates + this.#timestamps === all) return 'timestamp';
    if (this.#instants === all) return 'instant';
    if (this.#times === all) return 'time';
    if (this.#formatted === all) return this.#formats!.some(hasTime) ? 'timestamp' : 'date';
    return 'text';
  }

  find(): FoundType {
    switch (this.kind) {
      case 'boolean':
        return { type: 'BOOLEAN' };
      case 'whole':
        return this.#isLong ? { type: 'BIGINT' } : { type: 'VARCHAR', note: tooLong };
      case 'number':
        return this.#findNumber();
      case 'date':
      case 'timestamp':
        return this.#findDate();
      case 'instant':
        return { type: 'TIMESTAMPTZ' };
      case 'time':
        return { type: 'TIME' };
      case 'text':
        return { type: 'VARCHAR', ...this.#findNote() };
    }
  }

  #findNumber(): FoundType {
    if (this.#isDouble) return { type: 'DOUBLE' };
    const fits = !this.#hasExponent && this.#places + this.#scale <= maxDigits;
    return fits ? { type: `DECIMAL(38,${this.#scale})` } : { type: 'VARCHAR', note: tooLong };
  }

  #findDate(): FoundType {
    if (this.#dates === this.#seen) return { type: 'DATE' };
    if (this.#dates + this.#timestamps === this.#seen) return { type: 'TIMESTAMP' };
    const formats = this.#formats!;
    const { dateFormat, timestampFormat } = this.#rules;
    const [format = ''] = formats;
    const told = format === dateFormat || format === timestampFormat;
    const type = hasTime(format) ? 'TIMESTAMP' : 'DATE';
    const key = hasTime(format) ? 'timestampFormat' : 'dateFormat';
    if (told) return { type };
    if (formats.length > 1)
      return {
        type: 'VARCHAR',
        note: {
          option: key,
          text: `could be dates with the day first (${formats[0]}) or the month first (${formats[1]}): kept as text`,
        },
      };
    const note = format.includes('.')
      ? {}
      : { note: { option: key, text: `was read as dates of the form ${format}` } };
    return { type, [key]: format, ...note };
  }

  #findNote(): Pick<FoundType, 'note'> {
    const all = this.#seen;
    if (all > 0 && this.#grouped > 0 && this.#grouped + this.#wholes + this.#numbers === all)
      return {
        note: {
          option: 'thousandsSeparator',
          text: 'looks like numbers with a sign between thousands: kept as text',
        },
      };
    if (all > 0 && this.#commas > 0 && this.#commas + this.#wholes + this.#grouped === all)
      return {
        note: { option: 'decimalSeparator', text: 'looks like numbers with a decimal comma: kept as text' },
      };
    return {};
  }
}

const tooLong = {
  option: 'columnTypes',
  text: 'has numbers of more digits than a number type holds: kept as text, digit by digit',
};
const hasTime = (format: string): boolean => /%[HI]/.test(format);
const escapeSign = (sign: string): string => sign.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');

function fitsLong(text: string): boolean {
  if (text.length > 20) return false;
  const value = BigInt(text);
  return value <= maxLong && value >= -maxLong - 1n;
}

/** Beyond that many digits there is no double, and turning them into a number takes long. */
const mostDoubleDigits = 309;

function fitsDouble(text: string): boolean {
  if (text.length > mostDoubleDigits + 1) return false;
  const value = Number(text);
  return Number.isFinite(value) && BigInt(text) === BigInt(value);
}

/** Whether the nearest double is written with the same digits. */
function isSameNumber(text: string): boolean {
  const value = Number(text);
  return Number.isFinite(value) && plainDigits(String(value)) === plainDigits(text);
}

/** Digits and exponent of a number, without what does not change its value. */
function plainDigits(text: string): string {
  const [mantissa = '', exponent = '0'] = text.replace('-', '').split(/[eE]/);
  const [before = '', after = ''] = mantissa.split('.');
  const digits = `${before}${after}`;
  const significant = digits.replace(/^0+/, '').replace(/0+$/, '');
  const zeros = digits.length - digits.replace(/0+$/, '').length;
  return `${significant}e${Number(exponent) - after.length + zeros}`;
}
