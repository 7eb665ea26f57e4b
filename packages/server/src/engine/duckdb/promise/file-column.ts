// Columns that say of each row which file it comes from: its name, when it was written, and the parts of its path.
import { ownColumns, type Column, type Dataset, type FileOptions } from '../../dataset.ts';
import { quoteText } from '../quote.ts';
import { brokenPromise } from './broken-promise.ts';
import type { Found } from './csv-part.ts';
import type { Cell, InputState } from './part.ts';
import { readStrictly } from './strict-sql.ts';

/** What a writer of such folders means by "missing". */
const missingFolder = '__HIVE_DEFAULT_PARTITION__';

type Told = Pick<InputState, 'name' | 'folders' | 'parts' | 'writtenAt'>;

/** The text of one column in all rows of a file: null where it is missing, undefined where the file's path has no such thing. */
function readValue(
  source: string,
  { name, folders = {}, parts = [], writtenAt }: Told,
): string | null | undefined {
  if (source === 'name') return name;
  if (source === 'time') return new Date(writtenAt).toISOString().replace('T', ' ').replace('Z', '+00');
  const [kind, of = ''] = source.split(/:(.*)/su);
  if (kind === 'part') return parts[Number(of) - 1];
  const folder = Object.hasOwn(folders, of) ? folders[of] : undefined;
  return folder === missingFolder ? null : folder;
}

/** Behind the file's own columns; each is a text unless a person says otherwise, but for the time. */
export function listFileColumns({ fileColumns = {} }: FileOptions): Column[] {
  return Object.entries(fileColumns).map(([name, source]) => ({
    name,
    type: source === 'time' ? 'TIMESTAMP WITH TIME ZONE' : 'VARCHAR',
  }));
}

/** What the path of one of these files has not; null where all of them have everything. */
export function findAbsent({ fileColumns = {} }: FileOptions, files: readonly Told[]): string | null {
  for (const file of files)
    for (const [column, source] of Object.entries(fileColumns))
      if (readValue(source, file) === undefined) return wordAbsent(column, source);
  return null;
}

function wordAbsent(column: string, source: string): string {
  const [kind, of] = source.split(/:(.*)/su);
  const what =
    kind === 'part' ? `part ${of} of a pattern: it counts the stars of the path` : `folder "${of}=…"`;
  return `its path has no ${what}, which the column "${column}" is made of.`;
}

/** A file's part with these columns at their places in the promise; nothing changes where there are none. */
export function addFileColumns(dataset: Dataset, file: InputState, found: Found): Found {
  const { schema, options } = dataset;
  if (options.fileColumns === undefined) return found;
  const absent = findAbsent(options, [file]);
  if (absent !== null) throw brokenPromise(dataset, file, absent);
  const own = ownColumns(dataset).map(({ name }) => schema.findIndex((column) => column.name === name));
  const moved = found.part.cells.map((cell) => ({ ...cell, place: own[cell.place]! }));
  const made = [...schema.entries()]
    .filter(([at]) => !own.includes(at))
    .map(([at, column]) => makeCell(dataset, file, column, at));
  const cells = [...moved, ...made].sort((one, other) => one.place - other.place);
  const isPlain = found.part.isPlain && made.every(({ strict, required }) => strict === null && !required);
  // The values are those of this one file.
  return { ...found, layout: `${found.layout} ${file.path}`, part: { ...found.part, cells, isPlain } };
}

function makeCell({ options }: Dataset, file: InputState, column: Column, place: number): Cell {
  const value = readValue(options.fileColumns![column.name]!, file) ?? null;
  const raw = value === null ? 'CAST(NULL AS VARCHAR)' : quoteText(value);
  const required = options.required?.includes(column.name) === true;
  return { column, place, raw, required, strict: readStrictly(raw, column, pathOptions(options)) };
}

/** Forms of dates and numbers are those within files. */
const pathOptions = ({ columnTypes = {} }: FileOptions): FileOptions => ({ columnTypes });
