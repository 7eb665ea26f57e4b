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
  /** Takes the next piece; true once the record was found. */
  feed: (piece: string) => boolean;
  /** The line on which the record begins, from 1; null as long as it has not come. */
  readonly line: number | null;
}

export interface Wanted {
  /** The record, from 1, header and skipped lines not counted. */
  readonly record: number;
  /** Lines before the first record: skipped ones. */
  readonly skipLines: number;
  readonly header: boolean;
  /** Whether a line without any sign is a record: in a file of one column. */
  readonly blankCounts: boolean;
}

export function findLine({ quote, escape }: CsvForm, wanted: Wanted): LineFinder {
  const target = wanted.record + (wanted.header ? 1 : 0);
  let line = 1;
  let began = 1;
  let records = 0;
  let found: number | null = null;
  let quoted = false;
  let blank = true;
  let last = '';

  function endRecord(): void {
    const counts = began > wanted.skipLines && (!blank || wanted.blankCounts);
    if (counts) records += 1;
    if (counts && records === target) found = began;
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
        if (found !== null) return true;
      }
      return false;
    },
    get line() {
      return found ?? (!blank && records + 1 === target ? began : null);
    },
  };
}
