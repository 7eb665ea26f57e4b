// Pure: CSV taken apart as it arrives, record by record. One meaning for the look, for copies and for complaints.

export interface CsvDialect {
  /** One sign or several. */
  delimiter: string;
  /** One sign, or empty for none. */
  quote: string;
  /** One sign, or empty for none; where it is the quote, two of them stand for one. */
  escape: string;
  /** What begins a line that is no data; empty for none. */
  comment: string;
}

export interface CsvRecord {
  fields: string[];
  /** Which fields stood in quotes; null where none did. */
  quoted: boolean[] | null;
  /** 1-based line of the file where it begins. */
  line: number;
  fault: 'unterminated quote' | 'text after a quote' | null;
}

interface Parsed {
  fields: string[];
  quoted: boolean[] | null;
  fault: CsvRecord['fault'];
  /** Where the record ends, before its line end. */
  end: number;
}

/** Takes text in pieces of any length and gives records; a piece may end anywhere. Line ends may be mixed. */
export class RecordReader {
  readonly #dialect: CsvDialect;
  readonly #hasEscape: boolean;
  #text = '';
  #bytes = 0;
  /** Less is not worth another try: a long record is not read again for every piece. */
  #enough = 0;
  #line = 1;
  #comments = 0;

  constructor(dialect: CsvDialect, skipLines = 0) {
    this.#dialect = dialect;
    this.#hasEscape = dialect.escape !== '' && dialect.escape !== dialect.quote;
    this.#skip = skipLines;
  }
  #skip: number;

  /** Lines that were left out because they begin with the comment sign. */
  get comments(): number {
    return this.#comments;
  }

  /** Bytes of UTF-8 that wait for the end of their record, and maybe whole records that were not worth a try yet. */
  get waiting(): number {
    return this.#bytes;
  }

  push(piece: string, isEnd: boolean): CsvRecord[] {
    this.#text += piece;
    this.#bytes += Buffer.byteLength(piece);
    return !isEnd && this.#text.length < this.#enough ? [] : this.take(isEnd);
  }

  /** The records that are whole. */
  take(isEnd = false): CsvRecord[] {
    const records: CsvRecord[] = [];
    const rest = this.#takeAll(records, isEnd);
    this.#text = this.#text.slice(rest);
    if (rest > 0) this.#bytes = Buffer.byteLength(this.#text);
    this.#enough = rest === 0 ? this.#text.length * 2 : 0;
    return records;
  }

  #takeAll(records: CsvRecord[], isEnd: boolean): number {
    const text = this.#text;
    let at = 0;
    let feed = -2;
    let carriage = -2;
    while (at < text.length) {
      if (feed !== -1 && feed < at) feed = text.indexOf('\n', at);
      if (carriage !== -1 && carriage < at) carriage = text.indexOf('\r', at);
      const end = nearest(feed, carriage);
      if (end === -1 && !isEnd) return at;
      const lineEnd = end === -1 ? text.length : end;
      const isSkipped = this.#skip > 0;
      if (isSkipped || this.#isComment(text, at)) {
        const next = afterLineEnd(text, lineEnd, isEnd);
        if (next === null) return at;
        if (isSkipped) this.#skip -= 1;
        else this.#comments += 1;
        this.#line += 1;
        at = next;
        continue;
      }
      const parsed = this.#isPlain(text, at, lineEnd)
        ? {
            fields: text.slice(at, lineEnd).split(this.#dialect.delimiter),
            quoted: null,
            fault: null,
            end: lineEnd,
          }
        : parseRecord(text, at, this.#dialect, isEnd);
      const next = parsed === null ? null : afterLineEnd(text, parsed.end, isEnd);
      if (parsed === null || next === null) return at;
      const { fields, quoted, fault } = parsed;
      records.push({ fields, quoted, fault, line: this.#line });
      this.#line += 1 + (parsed.end === lineEnd ? 0 : countLines(text, at, parsed.end));
      at = next;
    }
    return at;
  }

  #isComment(text: string, at: number): boolean {
    return this.#dialect.comment !== '' && text.startsWith(this.#dialect.comment, at);
  }

  #isPlain(text: string, at: number, end: number): boolean {
    const { quote, escape } = this.#dialect;
    if (quote !== '' && has(text, quote, at, end)) return false;
    return !this.#hasEscape || !has(text, escape, at, end);
  }
}

const has = (text: string, sign: string, at: number, end: number): boolean => {
  for (let place = at; place < end; place += 1) if (text[place] === sign) return true;
  return false;
};

const nearest = (one: number, other: number): number => {
  if (one === -1) return other;
  return other === -1 ? one : Math.min(one, other);
};

/** Behind `\n`, `\r\n` or `\r`; null where the next piece must tell whether `\n` follows. */
function afterLineEnd(text: string, end: number, isEnd: boolean): number | null {
  if (text[end] !== '\r') return Math.min(end + 1, text.length);
  if (end + 1 === text.length && !isEnd) return null;
  return text[end + 1] === '\n' ? end + 2 : end + 1;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1)
    if (text[at] === '\n' || (text[at] === '\r' && text[at + 1] !== '\n')) count += 1;
  return count;
}

/** One record with quotes or escapes; null where it does not end in this text. */
function parseRecord(text: string, start: number, dialect: CsvDialect, isEnd: boolean): Parsed | null {
  const fields: string[] = [];
  const quoted: boolean[] = [];
  let fault: CsvRecord['fault'] = null;
  let at = start;
  for (;;) {
    const isQuoted = dialect.quote !== '' && text[at] === dialect.quote;
    const field = isQuoted ? readQuoted(text, at, dialect, isEnd) : readBare(text, at, dialect, isEnd);
    if (field === null) return null;
    fault ??= field.fault;
    fields.push(field.value);
    quoted.push(isQuoted);
    at = field.end;
    if (at >= text.length || !text.startsWith(dialect.delimiter, at)) break;
    at += dialect.delimiter.length;
  }
  return { fields, quoted, fault, end: at };
}

interface Field {
  value: string;
  end: number;
  fault: CsvRecord['fault'];
}

function readBare(
  text: string,
  start: number,
  { delimiter, quote, escape }: CsvDialect,
  isEnd: boolean,
): Field | null {
  const escapes = escape !== '' && escape !== quote;
  let value = '';
  let from = start;
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at]!;
    if (sign === '\n' || sign === '\r' || (sign === delimiter[0] && text.startsWith(delimiter, at)))
      return { value: value + text.slice(from, at), end: at, fault: null };
    if (!escapes || sign !== escape) continue;
    if (at + 1 === text.length && !isEnd) return null;
    value += text.slice(from, at);
    from = at + 1;
    at += 1;
  }
  return isEnd ? { value: value + text.slice(from), end: text.length, fault: null } : null;
}

function readQuoted(text: string, start: number, dialect: CsvDialect, isEnd: boolean): Field | null {
  const inside = dialect.escape === dialect.quote || dialect.escape === '' ? readDoubled : readEscaped;
  const field = inside(text, start + 1, dialect, isEnd);
  if (field === null)
    return isEnd ? { value: text.slice(start), end: text.length, fault: 'unterminated quote' } : null;
  const { end } = field;
  if (end === text.length && !isEnd) return null;
  const isOver = end === text.length || text[end] === '\n' || text[end] === '\r';
  if (isOver || text.startsWith(dialect.delimiter, end)) return field;
  const rest = readBare(text, end, { ...dialect, escape: '' }, isEnd);
  return rest === null
    ? null
    : { value: field.value + rest.value, end: rest.end, fault: 'text after a quote' };
}

function readDoubled(
  text: string,
  from: number,
  { quote, escape }: CsvDialect,
  isEnd: boolean,
): Field | null {
  let value = '';
  let at = from;
  for (;;) {
    const close = text.indexOf(quote, at);
    if (close === -1 || (close + 1 === text.length && !isEnd)) return null;
    if (escape !== quote || text[close + 1] !== quote)
      return { value: value + text.slice(at, close), end: close + 1, fault: null };
    value += text.slice(at, close + 1);
    at = close + 2;
  }
}

/** Before a quote or another escape the escape is taken away; before anything else it is a sign like any other. */
function readEscaped(
  text: string,
  from: number,
  { quote, escape }: CsvDialect,
  _isEnd: boolean,
): Field | null {
  let value = '';
  let at = from;
  for (let place = from; place < text.length; place += 1) {
    const sign = text[place];
    if (sign === quote) return { value: value + text.slice(at, place), end: place + 1, fault: null };
    if (sign !== escape || (text[place + 1] !== quote && text[place + 1] !== escape)) continue;
    value += text.slice(at, place);
    at = place + 1;
    place += 1;
  }
  return null;
}
