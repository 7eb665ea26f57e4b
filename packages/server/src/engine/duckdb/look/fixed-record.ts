// Pure: lines of fixed width taken apart by the places at which their columns begin.
import type { CsvRecord } from './csv-record.ts';

export class FixedReader {
  readonly #starts: readonly number[];
  readonly #comment: string;
  #skip: number;
  #rest = '';
  #line = 0;
  comments = 0;

  /** `starts`: 1-based places of the first sign of each column, rising. */
  constructor(starts: readonly number[], comment: string, skipLines = 0) {
    this.#starts = starts;
    this.#comment = comment;
    this.#skip = skipLines;
  }

  /** Bytes of UTF-8 that wait for the end of their line. */
  get waiting(): number {
    return Buffer.byteLength(this.#rest);
  }

  /** Whole lines never wait. */
  take(): CsvRecord[] {
    return [];
  }

  push(piece: string, isEnd: boolean): CsvRecord[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = isEnd ? '' : (lines.pop() ?? '');
    const records: CsvRecord[] = [];
    for (const [at, line] of lines.entries()) {
      if (isEnd && at === lines.length - 1 && line === '') continue;
      this.#line += 1;
      if (this.#skip > 0) this.#skip -= 1;
      else if (this.#comment !== '' && line.startsWith(this.#comment)) this.comments += 1;
      else records.push({ fields: this.#cut(line), quoted: null, line: this.#line, fault: null });
    }
    return records;
  }

  #cut(line: string): string[] {
    if (line.trim() === '') return [''];
    const signs = Array.from(line);
    return this.#starts.map((start, at) =>
      signs
        .slice(start - 1, (this.#starts[at + 1] ?? signs.length + 1) - 1)
        .join('')
        .trim(),
    );
  }
}
