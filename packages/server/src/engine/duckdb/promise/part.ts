// Pure: files that are laid out alike, as one SELECT of the promised columns, each value held against its promise.
import type { Column, Dataset, InputFile } from '../../dataset.ts';
import { quoteName, quoteText } from '../quote.ts';
import type { Strict } from './strict-sql.ts';

/** One promised column in the files of a part. */
export interface Cell {
  readonly column: Column;
  /** Its place in the dataset's promise. */
  readonly place: number;
  /** What the file has, as SQL. */
  readonly raw: string;
  /** How that becomes a value; null where it is one as it stands. */
  readonly strict: Strict | null;
  /** A person said that it is never missing. */
  readonly required: boolean;
  /** How it becomes a value of another type; where it is not given, as a text does. */
  readonly readAs?: (column: Column) => Strict | null;
}

export interface InputPath {
  /** Relative to the working folder. */
  readonly path: string;
  /** What people call the file. */
  readonly name: string;
}

/** A file as it is now. */
export interface InputState extends InputPath {
  readonly bytes: number;
  /** Changes with the file. */
  readonly mark: string;
  /** Epoch milliseconds. */
  readonly writtenAt: number;
  readonly folders?: InputFile['folders'];
  readonly parts?: InputFile['parts'];
}

/** Files, one after the other, whose columns stand alike. */
export interface Part {
  readonly files: readonly InputPath[];
  readonly cells: readonly Cell[];
  /** The FROM of these files, or of some of them. */
  readonly from: (paths: readonly string[]) => string;
  /** Whether every value is of its type as it stands. */
  readonly isPlain: boolean;
  /** Reads files and notes their ragged rows in the table `ragged`; null where none is skipped. */
  readonly noteRagged: ((paths: readonly string[]) => string) | null;
}

const mark = 'flowhook-promise';

/** A value that does not fit, as the engine's complaint tells it: which dataset of the query, which column, what it is. */
export interface Misfit {
  readonly dataset: number;
  readonly column: number;
  /** Null where it is missing. */
  readonly value: string | null;
}

export function readMisfit(text: string): Misfit | null {
  const found = new RegExp(`${mark} (\\d+) (\\d+) (=|!)([\\s\\S]*)$`, 'u').exec(text);
  if (found === null) return null;
  return {
    dataset: Number(found[1]),
    column: Number(found[2]),
    value: found[3] === '!' ? null : (found[4] ?? ''),
  };
}

const complain = (datasetAt: number, { place, raw }: Cell): string =>
  `error(${quoteText(`${mark} ${datasetAt} ${place} `)} || coalesce('=' || left(CAST(${raw} AS VARCHAR), 1000), '!'))`;

function selectCell(cell: Cell, datasetAt: number): string {
  const { strict, raw, required, column } = cell;
  const value = strict === null ? raw : strict.value;
  const fits = strict === null ? `${raw} IS NOT NULL` : strict.fits;
  if (strict === null && !required) return `${raw} AS ${quoteName(column.name)}`;
  const missing = required ? '' : `WHEN ${raw} IS NULL THEN NULL `;
  return `CASE WHEN ${fits} THEN ${value} ${missing}ELSE ${complain(datasetAt, cell)} END AS ${quoteName(column.name)}`;
}

/** The rows of a part; reading a value that does not fit is an error that `readMisfit` understands. */
export function selectPart(part: Part, datasetAt: number): string {
  const list = part.cells.map((cell) => selectCell(cell, datasetAt));
  return `SELECT ${list.join(', ')} ${part.from(part.files.map(({ path }) => path))}`;
}

/** The rows of a part that keep the promise, and no others. */
export function selectKept(part: Part): string {
  const list = part.cells.map(
    ({ strict, raw, column }) => `${strict === null ? raw : strict.value} AS ${quoteName(column.name)}`,
  );
  const keep = part.cells.map(keepsPromise).filter((each) => each !== 'true');
  const where = keep.length === 0 ? '' : `WHERE ${keep.join(' AND ')}`;
  return `SELECT ${list.join(', ')} ${part.from(part.files.map(({ path }) => path))} ${where}`;
}

/** True where the cell of a row keeps its promise, never null. */
export function keepsPromise({ raw, strict, required }: Cell): string {
  const fits = strict === null ? 'true' : `coalesce(${strict.fits}, false)`;
  if (required) return `(${raw} IS NOT NULL AND ${fits})`;
  return strict === null ? 'true' : `(${raw} IS NULL OR ${fits})`;
}

/** The dataset's columns without any row and any file. */
export function emptySource(dataset: Pick<Dataset, 'schema'>): string {
  const columns = dataset.schema.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`);
  return `SELECT ${columns.join(', ')} LIMIT 0`;
}
