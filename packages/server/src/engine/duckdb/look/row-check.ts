// Pure: rows of a CSV file held against the number of its columns.
import type { FileOptions } from '../../dataset.ts';
import type { Assumption } from './csv-dialect.ts';
import type { CsvRecord } from './csv-record.ts';
import { LookFault, quoteFault } from './fault.ts';

/** Rows of another length than the header; by default the file is refused for one. */
export class RowCheck {
  count = 0;
  ragged = 0;
  first: CsvRecord | null = null;
  readonly #width: number;
  readonly #options: FileOptions;
  readonly #set: FileOptions;

  constructor(width: number, options: FileOptions, set: FileOptions) {
    this.#width = width;
    this.#options = options;
    this.#set = set;
  }

  /** What is to be told of rows that did not fit. */
  tell(): Assumption[] {
    if (this.first === null) return [];
    const many = this.ragged === 1 ? 'One row has' : `${this.ragged.toLocaleString('en-US')} rows have`;
    const text = `${many} more or fewer values than the header has names, the first on line ${this.first.line}.`;
    return [{ option: 'raggedRows', text }];
  }

  fits({ fields, fault, quoted, line }: CsvRecord): boolean {
    this.count += 1;
    if (fault !== null) throw quoteFault({ fault, line });
    const extra =
      this.#options.trailingDelimiter === true && fields.length === this.#width + 1 && fields.at(-1) === ''
        ? 1
        : 0;
    const found = fields.length - extra;
    if (found === this.#width) return true;
    const mode = this.#set.raggedRows ?? 'fail';
    if (mode === 'fail') throw raggedFault(line, found, this.#width);
    this.ragged += 1;
    this.first ??= { fields, fault, quoted, line };
    return mode === 'pad' && found < this.#width;
  }
}

const raggedFault = (line: number, found: number, width: number): LookFault =>
  new LookFault(
    `line ${line} has ${found} ${found === 1 ? 'value' : 'values'} where ${width} columns are expected`,
    'Correct the line; or set raggedRows to "pad" (missing values are empty) or "skip" (such rows are left out and counted); or set delimiter, quote, escape and skipLines.',
    line,
  );
