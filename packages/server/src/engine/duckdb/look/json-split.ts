// Pure: JSON text cut into its rows as it arrives: lines, the elements of one list, or values one after the other.
import type { Format } from '../../dataset.ts';

export type JsonForm = 'lines' | 'list' | 'values';

export interface RawValue {
  text: string;
  /** 1-based line on which it begins. */
  line: number;
}

/** How the rows of a text lie in it. */
export function findForm(start: string, format: Format): JsonForm {
  if (format === 'ndjson') return 'lines';
  return start.trimStart().startsWith('[') ? 'list' : 'values';
}

/** Takes text in pieces of any length. What is between values is not checked here: each value is parsed by who reads it. */
export class JsonSplitter {
  readonly #form: JsonForm;
  #text = '';
  /** Where to go on in the text. */
  #at = 0;
  #start = -1;
  #startLine = 1;
  #line = 1;
  #depth = 0;
  #inString = false;
  /** Brackets around the rows: one where they are elements of a list. */
  #base = 0;

  constructor(form: JsonForm) {
    this.#form = form;
  }

  get waiting(): number {
    return this.#text.length;
  }

  /** Levels of lists and objects that are open, in the row that has begun. */
  get depth(): number {
    return this.#depth - this.#base;
  }

  /** 1-based line on which the row that has begun begins. */
  get beginsOn(): number {
    return this.#startLine;
  }

  /** Whether everything that was opened has been closed. */
  get isClosed(): boolean {
    return this.#depth === 0 && !this.#inString;
  }

  push(piece: string, isEnd: boolean): RawValue[] {
    this.#text += piece;
    const rows: RawValue[] = [];
    if (this.#form === 'lines') this.#cutLines(rows, isEnd);
    else this.#cutValues(rows, isEnd);
    return rows;
  }

  #cutLines(rows: RawValue[], isEnd: boolean): void {
    let from = 0;
    for (;;) {
      const end = this.#text.indexOf('\n', Math.max(from, this.#at));
      if (end === -1 && !isEnd) break;
      const text = this.#text.slice(from, end === -1 ? undefined : end).trim();
      if (text !== '') rows.push({ text, line: this.#line });
      this.#line += 1;
      from = end + 1;
      if (end === -1) {
        from = this.#text.length;
        break;
      }
      this.#at = from;
    }
    this.#text = this.#text.slice(from);
    this.#at = this.#text.length;
  }

  #cutValues(rows: RawValue[], isEnd: boolean): void {
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at += 1) {
      const sign = text.charCodeAt(at);
      if (sign === 10) this.#line += 1;
      if (this.#inString) {
        // The sign behind a backslash may come with the next piece.
        if (sign === 92 && at + 1 === text.length && !isEnd) break;
        if (sign === 92) at += 1;
        else if (sign === 34) this.#inString = false;
        continue;
      }
      if (sign <= 32 || sign === 0xfeff) {
        if (this.#depth === this.#base && this.#form === 'values') this.#end(rows, at);
        continue;
      }
      this.#step(rows, sign, at);
    }
    this.#at = at;
    if (isEnd) this.#end(rows, text.length);
    this.#drop();
  }

  #step(rows: RawValue[], sign: number, at: number): void {
    const opens = sign === 91 || sign === 123;
    if (opens && this.#form === 'list' && this.#base === 0 && this.#start === -1) {
      this.#base = 1;
      this.#depth = 1;
      return;
    }
    const closes = sign === 93 || sign === 125;
    if (closes && this.#depth === this.#base) {
      this.#end(rows, at);
      this.#depth -= 1;
      return;
    }
    if (sign === 44 && this.#depth === this.#base && this.#form === 'list') {
      this.#end(rows, at);
      return;
    }
    if (this.#start === -1) {
      this.#start = at;
      this.#startLine = this.#line;
    }
    if (sign === 34) this.#inString = true;
    else if (opens) this.#depth += 1;
    else if (closes) {
      this.#depth -= 1;
      if (this.#depth === this.#base && this.#form === 'values') this.#end(rows, at + 1);
    }
  }

  #end(rows: RawValue[], at: number): void {
    if (this.#start === -1) return;
    rows.push({ text: this.#text.slice(this.#start, at).trimEnd(), line: this.#startLine });
    this.#start = -1;
  }

  /** What was given is not kept. */
  #drop(): void {
    const keep = this.#start === -1 ? this.#at : this.#start;
    this.#text = this.#text.slice(keep);
    this.#at -= keep;
    if (this.#start !== -1) this.#start = 0;
  }
}

/** The members of an object's text: each key, and its value as it stands. */
export function splitMembers(text: string): [string, string][] {
  const inner = text.trim();
  if (!inner.startsWith('{')) return [];
  const splitter = new JsonSplitter('list');
  const members = splitter.push(inner, true);
  return members.map(({ text: member }) => {
    const end = /^"(?:[^"\\]|\\.)*"/s.exec(member)?.[0].length ?? 0;
    const key = JSON.parse(member.slice(0, end)) as string;
    return [key, member.slice(member.indexOf(':', end) + 1).trim()];
  });
}
