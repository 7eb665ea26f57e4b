// Pure: a CSV file of very many columns walked through: one small table for each type, and the walk goes from cell to cell.
import { any, compile, oneOf, row, word, type Pattern } from './byte-pattern.ts';

/** A line as the tables of its cells: each ends with the sign behind the cell, which the cell itself holds in quotes alone. */
type Line = readonly Table[];

interface Table {
  readonly classes: Uint8Array;
  readonly steps: Uint32Array;
  readonly dead: number;
  /** By state. */
  readonly isEnd: Uint8Array;
}

const lineEnd = any(oneOf('\n'), word('\r\n'));
const newline = Buffer.from('\n');

/** Null where one of the types takes too many states. `cellOf` is asked once for each type. */
export function compileLine(
  types: readonly string[],
  delimiter: string,
  cellOf: (type: string) => Pattern,
): Line | null {
  const known = new Map<string, Table | null>();
  const line = types.map((type, at) => {
    const isLast = at === types.length - 1;
    const key = `${isLast ? 'last ' : ''}${type}`;
    const table = known.has(key)
      ? known.get(key)!
      : makeTable(row(cellOf(type), isLast ? lineEnd : oneOf(delimiter)));
    known.set(key, table);
    return table;
  });
  return line.every((table) => table !== null) ? line : null;
}

function makeTable(pattern: Pattern): Table | null {
  const walk = compile(pattern);
  if (walk === null) return null;
  const { classes, steps, dead, ends } = walk;
  const isEnd = new Uint8Array(steps.length);
  for (const state of ends) isEnd[state] = 1;
  return { classes, steps, dead, isEnd };
}

/** Walks through a file piece by piece. */
export class WideScan {
  readonly #rows: Line;
  #line: Line;
  #at = 0;
  #state = 0;

  /** `header` is the first line; none where there is none. */
  constructor(header: Line | null, rows: Line) {
    this.#rows = rows;
    this.#line = header ?? rows;
  }

  /** False where something in it needs a closer look. */
  push(bytes: Buffer, from: number): boolean {
    let table = this.#line[this.#at]!;
    let state = this.#state;
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at]!;
      // A line without any sign is none.
      if (byte === 0x0a && state === 0 && this.#at === 0 && this.#line === this.#rows) continue;
      state = table.steps[state + table.classes[byte]!]!;
      if (state === table.dead) return false;
      if (table.isEnd[state] === 0) continue;
      state = 0;
      table = this.#next();
    }
    this.#state = state;
    return true;
  }

  #next(): Table {
    this.#at += 1;
    if (this.#at === this.#line.length) {
      this.#at = 0;
      this.#line = this.#rows;
    }
    return this.#line[this.#at]!;
  }

  /** The last line may have no end. */
  finish(): boolean {
    const isBetween = (): boolean => this.#at === 0 && this.#state === 0;
    return isBetween() || (this.push(newline, 0) && isBetween());
  }
}
