// Pure: the records of a delimited text, to see a header's cells and on which line a record begins.

export interface CsvForm {
  readonly delimiter: string;
  /** Empty for none. */
  readonly quote: string;
  /** Empty for none. */
  readonly escape: string;
}

/** The cells of the first record; null where it does not end in this text. */
export function readRecord(text: string, { delimiter, quote, escape }: CsvForm): string[] | null {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]!;
    if (quoted && sign === escape && escape !== '' && (text[at + 1] === quote || text[at + 1] === escape)) {
      cell += text[at + 1];
      at += 1;
    } else if (quoted && sign === quote) quoted = false;
    else if (quoted) cell += sign;
    else if (quote !== '' && sign === quote && cell === '') quoted = true;
    else if (text.startsWith(delimiter, at)) {
      cells.push(cell);
      cell = '';
      at += delimiter.length - 1;
    } else if (sign === '\n' || sign === '\r') return [...cells, cell];
    else cell += sign;
  }
  return quoted ? null : [...cells, cell];
}

/** Counts records as the engine reads them; feed it the text piece by piece. */
export interface LineFinder {
  /** Takes the next piece; true once all records were found. */
  feed: (piece: string) => boolean;
  /** The lines on which the records begin, from 1; undefined for one that has not come. */
  lines: () => (number | undefined)[];
}

export interface Wanted {
  /** The records, from 1 and rising, header and skipped lines not counted. */
  readonly records: readonly number[];
  /** Lines of records that are not counted. */
  readonly uncounted: ReadonlySet<number>;
  /** Lines before the first record: skipped ones. */
  readonly skipLines: number;
  readonly header: boolean;
  /** Whether a line without any sign is a record: in a file of one column. */
  readonly blankCounts: boolean;
}

export function findRecordLines({ quote, escape }: CsvForm, wanted: Wanted): LineFinder {
  const before = wanted.header ? 1 : 0;
  let line = 1;
  let began = 1;
  let records = 0;
  const found: number[] = [];
  let quoted = false;
  let blank = true;
  let last = '';

  function endRecord(): void {
    const isRecord = began > wanted.skipLines && (!blank || wanted.blankCounts);
    if (isRecord && !wanted.uncounted.has(began)) records += 1;
    if (isRecord && records === (wanted.records[found.length] ?? -1) + before) found.push(began);
    blank = true;
    began = line;
  }

  return {
    feed(piece) {
      for (const sign of piece) {
        const isSecond = sign === '\n' && last === '\r';
        const skipping = began <= wanted.skipLines;
        if (!skipping && quote !== '' && sign === quote && !(last === escape && escape !== quote && quoted))
          quoted = !quoted;
        if ((sign === '\n' || sign === '\r') && !isSecond) {
          line += 1;
          if (!quoted) endRecord();
        } else if (sign !== '\n') blank = false;
        last = sign;
        if (found.length === wanted.records.length) return true;
      }
      return false;
    },
    lines() {
      // The last line may have no end.
      if (!blank) endRecord();
      return wanted.records.map((_, at) => found[at]);
    },
  };
}
