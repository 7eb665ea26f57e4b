// A dataset read by its promise: every file held against it by name, every value by its type.
import { ownColumns, type Dataset } from '../../dataset.ts';
import { wideFrom, type Session } from '../task/session.ts';
import { brokenPromise } from './broken-promise.ts';
import { findCsvPart, type Found } from './csv-part.ts';
import { addFileColumns } from './file-column.ts';
import { emptySource, selectKept, selectPart, type InputPath, type InputState, type Part } from './part.ts';
import { findJsonPart, findParquetPart } from './typed-part.ts';

export interface Promised {
  /** In the order of the files. */
  readonly parts: readonly Part[];
  /** What was assumed or left out, in sentences for people. */
  readonly warnings: readonly string[];
}

export interface Reading {
  /** To their end, as in a job: files are walked through first, those in which nothing needs care are read plainly. */
  readonly whole: boolean;
  /** For a sample: no more rows of a part, and no more files than could hold them. */
  readonly maxRows?: number | undefined;
}

/** A sample has no more files: each is opened before the first row is read. */
const maxSampled = 20;

/** Throws `Refused` where a file does not have the promised columns. */
export async function holdFiles(
  session: Session,
  dataset: Dataset,
  files: readonly InputState[],
  reading: Reading,
): Promise<Promised> {
  const parts: (Found & { files: InputPath[] })[] = [];
  const warnings: string[] = [];
  const own = { ...dataset, schema: ownColumns(dataset) };
  const { maxRows } = reading;
  for (const file of maxRows === undefined ? files : files.slice(0, maxSampled)) {
    if (file.bytes === 0) {
      refuseEmpty(dataset, file);
      continue;
    }
    const found = addFileColumns(dataset, file, await findPart(session, own, file, reading));
    warnings.push(...found.warnings);
    const last = parts.at(-1);
    if (last?.layout === found.layout) last.files.push(file);
    else parts.push({ ...found, files: [file] });
  }
  return {
    parts: parts.map(({ part, files: own }) => ({ ...shorten(part, maxRows), files: own })),
    warnings,
  };
}

function shorten(part: Found['part'], maxRows: number | undefined): Found['part'] {
  if (maxRows === undefined) return part;
  return { ...part, from: (paths) => `FROM (SELECT * ${part.from(paths)} LIMIT ${maxRows})` };
}

function findPart(
  session: Session,
  dataset: Dataset,
  file: InputState,
  { whole, maxRows }: Reading,
): Promise<Found> {
  const isKnown = dataset.checked?.includes(file.mark) === true;
  if (dataset.format === 'parquet') return findParquetPart(session, dataset, file);
  if (dataset.format === 'csv' || dataset.format === 'tsv')
    return findCsvPart(session, dataset, file, { isKnown, walk: whole || isWorthIt(dataset, file) });
  return findJsonPart(session, dataset, file, { isKnown, isSample: maxRows !== undefined });
}

/** Also for a few rows: where columns are very many, each read with care would take a process apart. */
const isWorthIt = ({ schema }: Dataset, { bytes }: InputState): boolean =>
  schema.length > wideFrom && bytes <= maxWalked;

const maxWalked = 64 * 2 ** 20;

function refuseEmpty(dataset: Dataset, file: InputPath): void {
  if (dataset.options.allowEmpty === true) return;
  throw brokenPromise(dataset, file, 'it is empty: it has 0 bytes.');
}

/** All rows of a dataset. `datasetAt` is its place in the query, for what is told of a value that does not fit. */
export function selectPromised({ parts }: Promised, dataset: Dataset, datasetAt: number): string {
  if (parts.length === 0) return emptySource(dataset);
  const lets = dataset.options.onMismatch === 'reject';
  return parts.map((part) => (lets ? selectKept(part) : selectPart(part, datasetAt))).join(' UNION ALL ');
}
