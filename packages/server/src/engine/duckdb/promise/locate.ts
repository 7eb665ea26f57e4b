// Where a value stands that does not fit: its file and line, found by reading once more, since most runs need neither.
import { createReadStream } from 'node:fs';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Dataset } from '../../dataset.ts';
import type { Session } from '../task/session.ts';
import { findRecordLines, type CsvForm } from './csv-record.ts';
import { keepsPromise, type Cell, type InputPath, type Part } from './part.ts';

export interface Place {
  readonly file: string;
  /** From 1; of Parquet, which has no lines, the row. */
  readonly line: number | null;
  readonly row: number;
  readonly value: string | null;
}

/** The first value of the column that does not keep the promise; null where there is none any more. */
export async function locateMisfit(
  session: Session,
  dataset: Dataset,
  parts: readonly Part[],
  column: number,
): Promise<Place | null> {
  for (const part of parts)
    for (const file of part.files) {
      const cell = part.cells.find(({ place }) => place === column);
      const found = cell === undefined ? null : await findRow(session, part, file, cell);
      if (found !== null)
        return { file: file.name, ...found, line: (await findLines(dataset, file, [found.row]))[0] ?? null };
    }
  return null;
}

async function findRow(
  session: Session,
  part: Part,
  file: InputPath,
  cell: Cell,
): Promise<{ row: number; value: string | null } | null> {
  const numbered = `SELECT row_number() OVER () AS row, CAST(${cell.raw} AS VARCHAR) AS value, ${keepsPromise(cell)} AS keeps ${part.from([file.path])}`;
  const [found] = await session.rows(`SELECT row, value FROM (${numbered}) WHERE NOT keeps LIMIT 1`);
  if (found === undefined) return null;
  const value = found['value'];
  return { row: Number(found['row']), value: typeof value === 'string' ? value : null };
}

/** The lines on which rows begin; none where the format has no lines. `uncounted` are lines of rows that were skipped. */
export async function findLines(
  dataset: Dataset,
  file: InputPath,
  rows: readonly number[],
  uncounted: ReadonlySet<number> = new Set(),
): Promise<(number | undefined)[]> {
  const { format, options } = dataset;
  if (format === 'ndjson') return [...rows];
  if (format !== 'csv' && format !== 'tsv') return [];
  const form: CsvForm = { delimiter: '', quote: options.quote ?? '"', escape: options.escape ?? '"' };
  const finder = findRecordLines(form, {
    records: rows,
    uncounted,
    skipLines: options.skipLines ?? 0,
    header: options.header ?? true,
    blankCounts: dataset.schema.length === 1,
  });
  for await (const piece of readText(dataset, file.path)) if (finder.feed(piece)) break;
  return finder.lines();
}

/** The lines at which bytes of the file stand; `offsets` rise. The engine's own count takes a record for a line. */
export async function findLinesAt(
  dataset: Dataset,
  { path }: InputPath,
  offsets: readonly number[],
): Promise<number[]> {
  const lines: number[] = [];
  let line = 1;
  let before = 0;
  for await (const chunk of readBytes(dataset, path)) {
    let from = 0;
    while (lines.length < offsets.length && offsets[lines.length]! < before + chunk.length) {
      const to = offsets[lines.length]! - before;
      line += countLines(chunk.subarray(from, to));
      from = to;
      lines.push(line);
    }
    if (lines.length === offsets.length) break;
    line += countLines(chunk.subarray(from));
    before += chunk.length;
  }
  return offsets.map((_, at) => lines[at] ?? line);
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

/** Line ends and quotes stand at the same places in any encoding that keeps ASCII. */
const labels: Readonly<Record<string, string>> = { 'utf-16': 'utf-16le', 'latin-1': 'latin1' };

async function* readText(dataset: Dataset, path: string): AsyncGenerator<string> {
  const encoding = dataset.options.encoding ?? 'utf-8';
  const decoder = new TextDecoder(labels[encoding] ?? encoding);
  for await (const chunk of readBytes(dataset, path)) yield decoder.decode(chunk, { stream: true });
}

async function* readBytes({ compression }: Dataset, path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path);
  const unpack = { none: () => null, gzip: createGunzip, zstd: createZstdDecompress }[compression]();
  try {
    yield* (unpack === null ? file : file.pipe(unpack)) as AsyncIterable<Buffer>;
  } finally {
    file.destroy();
  }
}
