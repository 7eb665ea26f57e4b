// Where a value stands that does not fit: its file and line, found by reading once more, since most runs need neither.
import { createReadStream } from 'node:fs';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Dataset } from '../../dataset.ts';
import type { Session } from '../task/session.ts';
import { findLine, type CsvForm } from './csv-record.ts';
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
        return { file: file.name, ...found, line: await findLineOf(dataset, file, found.row) };
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

/** The line on which the row begins; null where the format has none. */
async function findLineOf(dataset: Dataset, file: InputPath, row: number): Promise<number | null> {
  const { format, options } = dataset;
  if (format === 'ndjson') return row;
  if (format !== 'csv' && format !== 'tsv') return null;
  const form: CsvForm = { delimiter: '', quote: options.quote ?? '"', escape: options.escape ?? '"' };
  const finder = findLine(form, {
    record: row,
    skipLines: options.skipLines ?? 0,
    header: options.header ?? true,
    blankCounts: dataset.schema.length === 1,
  });
  for await (const piece of readText(dataset, file.path)) if (finder.feed(piece)) break;
  return finder.line;
}

/** Line ends and quotes stand at the same places in any encoding that keeps ASCII. */
const labels: Readonly<Record<string, string>> = { 'utf-16': 'utf-16le', 'latin-1': 'latin1' };

async function* readText({ compression, options }: Dataset, path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const unpack = { none: () => null, gzip: createGunzip, zstd: createZstdDecompress }[compression]();
  const decoder = new TextDecoder(labels[options.encoding ?? 'utf-8'] ?? options.encoding ?? 'utf-8');
  try {
    for await (const chunk of (unpack === null ? file : file.pipe(unpack)) as AsyncIterable<Buffer>)
      yield decoder.decode(chunk, { stream: true });
  } finally {
    file.destroy();
  }
}
