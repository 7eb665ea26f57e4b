// Pure: how the lines of a text end.

const kinds = [/\r\n/, /(?<!\r)\n/, /\r(?=[^\n])/];

/** Seen in pieces. */
export class LineEnds {
  readonly #found = new Set<RegExp>();
  #rest = '';

  see(piece: string): void {
    const text = this.#rest + piece;
    for (const kind of kinds) if (!this.#found.has(kind) && kind.test(text)) this.#found.add(kind);
    // What comes next says whether it ends the line alone.
    this.#rest = text.endsWith('\r') ? '\r' : '';
  }

  /** Lines end in more than one way. */
  get isMixed(): boolean {
    return this.#found.size > 1;
  }
}
