// Where in a recipe's SQL something stands: DuckDB counts bytes, editors count UTF-16 units and lines.

export interface Place {
  line: number;
  column: number;
  position: number;
  length: number;
}

/** UTF-16 offset of a byte offset; the text's length where the offset lies beyond it. */
export function toPosition(sql: string, byteOffset: number): number {
  return Buffer.from(sql, 'utf8').subarray(0, byteOffset).toString('utf8').length;
}

const token = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}\p{N}_$]+|\S/uy;

/** Line and column (1-based) of a UTF-16 offset, and the length of the word that stands there. */
export function placeAt(sql: string, position: number): Place {
  const before = sql.slice(0, position);
  const lineStart = before.lastIndexOf('\n') + 1;
  token.lastIndex = position;
  return {
    line: before.split('\n').length,
    column: position - lineStart + 1,
    position,
    length: token.exec(sql)?.[0].length ?? 0,
  };
}
