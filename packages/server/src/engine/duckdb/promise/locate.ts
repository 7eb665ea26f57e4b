// Where a value stands that does not fit: its file and line, found by reading once more, since most runs need neither.
import { ownColumns, type Dataset } from '../../dataset.ts';
import { isBlank } from '../look/csv-dialect.ts';
import { RecordReader, type CsvRecord } from '../look/csv-record.ts';
import { readHeadBytes, readText } from '../look/text-file.ts';
import { readUnpacked } from '../look/unpacked.ts';
import type { Session } from '../task/session.ts';
import { settleOptions } from './csv-part.ts';
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

/** The lines on which rows begin, which rise; none where the format has no lines. `uncounted` are lines of rows that were skipped. */
export async function findLines(
  dataset: Dataset,
  file: InputPath,
  rows: readonly number[],
  uncounted: ReadonlySet<number> = new Set(),
): Promise<(number | undefined)[]> {
  if (dataset.format === 'ndjson') return [...rows];
  if (dataset.format !== 'csv' && dataset.format !== 'tsv') return [];
  const lines: number[] = [];
  let row = dataset.options.header === false ? 0 : -1;
  for await (const record of readRecords(dataset, file)) {
    if (uncounted.has(record.line)) continue;
    row += 1;
    if (row === rows[lines.length]) lines.push(record.line);
    if (lines.length === rows.length) break;
  }
  return rows.map((_, at) => lines[at]);
}

/** As the engine counts them: a line without any sign is one in a file of a single column. */
async function* readRecords(dataset: Dataset, { path }: InputPath): AsyncGenerator<CsvRecord> {
  const { delimiter = ',', quote = '', escape = '', encoding, skipLines = 0 } = settleOptions(dataset);
  const reader = new RecordReader({ delimiter, quote, escape, comment: '' }, skipLines);
  const isRecord = (record: CsvRecord): boolean => ownColumns(dataset).length === 1 || !isBlank(record);
  const file = { path, compression: dataset.compression, encoding };
  for await (const piece of readText(file, await readHeadBytes(file)))
    yield* reader.push(piece, false).filter(isRecord);
  yield* reader.push('', true).filter(isRecord);
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
  for await (const chunk of readUnpacked(path, dataset.compression)) {
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
