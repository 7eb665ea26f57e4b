// How a file is to be read: what the caller gives wins, the rest the engine finds in the file.
import { dropUndefined } from '../../base/drop-undefined.ts';
import type { Asker } from '../../base/turn.ts';
import type { Compression, FileOptions, Format, InputFile } from '../../engine/dataset.ts';
import type { Column } from '../../engine/dataset.ts';
import { invalidField, type FieldError } from '../../base/error.ts';
import type { GivenReading, Reading } from './dataset-store.ts';
import type { FlowRoom } from '../flow-room.ts';
import { toRefusal } from '../refusal.ts';

/** What one request says about a file. `undefined` members are not said. */
export interface GivenNow {
  readonly format?: Format | undefined;
  readonly compression?: Compression | undefined;
  readonly options?: { readonly [Name in keyof FileOptions]?: FileOptions[Name] | undefined } | undefined;
}

/**
 * What was given before with what is given now: each option stays until it is given again, and options without any
 * member forget them all. Another format forgets what was given for the old one.
 */
function mergeGiven(before: GivenReading, now: GivenNow): GivenReading {
  const format = now.format ?? before.format;
  const compression = now.compression ?? before.compression;
  const said = dropUndefined(now.options ?? {});
  const forget =
    (now.options !== undefined && Object.keys(said).length === 0) ||
    (now.format ?? before.format) !== before.format;
  const options: FileOptions = { ...(forget ? {} : before.options), ...said };
  return {
    ...(format !== undefined && { format }),
    ...(compression !== undefined && { compression }),
    options,
  };
}

/** What is said of how a file is read. */
export interface Said {
  /** Said when the dataset was made, or last changed; nothing of a new one. */
  readonly before?: GivenReading;
  readonly now?: GivenNow;
  /** What is at fault where the file can't be read so. */
  readonly field: string;
  /** Who asks. */
  readonly asker: Asker;
  /** What the dataset is called. */
  readonly name: string;
}

/** Each list and graph with the dataset holds its columns, and none may keep the server from others for long. */
const maxColumns = 16_384;
/** Characters of the columns as JSON. */
const maxPromise = 1024 * 1024;

/** What is said of more columns than a dataset may have; null where it may have them. */
export function findTooWide(columns: readonly Column[]): string | null {
  if (columns.length > maxColumns)
    return `the file has ${columns.length} columns, and a dataset has at most ${maxColumns}: give a file that has a row for each of them, or fewer.`;
  if (JSON.stringify(columns).length > maxPromise)
    return 'the names of its columns are more than 1 MiB together: give a file with shorter names, or with fewer columns.';
  return null;
}

const nothingGiven: GivenReading = { options: {} };

/** Finds how a file is read. */
export async function inspectFile(
  { engine }: FlowRoom,
  file: InputFile | readonly InputFile[],
  { before = nothingGiven, now = {}, field, asker, name }: Said,
): Promise<Reading> {
  const given = mergeGiven(before, now);
  const { format, compression, options } = given;
  const asked = {
    name,
    files: [file].flat(),
    options,
    ...(format !== undefined && { format }),
    ...(compression !== undefined && { compression }),
  };
  const found = await engine.inspect(asked, { asker });
  if (!found.ok) throw toRefusal(found.failure, field);
  const tooWide = findTooWide(found.columns);
  if (tooWide !== null) throw invalidField(field, tooWide);
  const unknown = findUnknownColumn(options, found.columns);
  if (unknown !== null) throw invalidField(unknown.field, unknown.detail);
  return {
    given,
    format: found.format,
    compression: found.compression,
    options: found.options,
    columns: found.columns,
    assumptions: found.assumptions,
    checked: found.checked,
  };
}

/** A column that is misspelt would be read as usual, or told to everybody. */
export function findUnknownColumn(
  { columnTypes = {}, required = [], sensitive = [] }: FileOptions,
  columns: readonly Column[],
): FieldError | null {
  const known = new Set(columns.map(({ name }) => name));
  const types = Object.keys(columnTypes).filter((name) => name !== '*');
  for (const [option, named] of Object.entries({ columnTypes: types, required, sensitive })) {
    const unknown = named.find((name) => !known.has(name));
    if (unknown === undefined) continue;
    const has = [...known].slice(0, 50).join(', ');
    return {
      field: `options.${option}`,
      detail: `the file has no column ${JSON.stringify(unknown)}; it has ${has}.`,
    };
  }
  return null;
}
