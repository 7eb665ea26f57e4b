// How each output format is written, and which wishes go together.
import type { Column } from '../dataset.ts';
import type { FilePlan } from '../engine.ts';
import type { Failure } from '../failure.ts';
import { selectFor, type Selected } from './output-cell.ts';
import { quoteName, quoteText } from './quote.ts';
import { isNested, readShape } from './type-shape.ts';

interface FormatRule {
  /** As DuckDB calls it. */
  readonly name: string;
  readonly compressions: readonly FilePlan['compression'][];
  /** Of part files, whose compression stands in the name where it is not inside. */
  readonly ending: (packed: string) => string;
}

const formats: Readonly<Record<FilePlan['format'], FormatRule>> = {
  csv: { name: 'csv', compressions: ['none', 'gzip', 'zstd'], ending: (packed) => `csv${packed}` },
  json: { name: 'json', compressions: ['none', 'gzip', 'zstd'], ending: (packed) => `json${packed}` },
  pqt: {
    name: 'parquet',
    compressions: ['none', 'gzip', 'snappy', 'zstd'],
    ending: () => 'parquet',
  },
};

const refuse = (file: FilePlan, message: string, hint: string): Failure => ({
  reason: 'output_refused',
  message: `Output "${file.fileName}": ${message}`,
  hint,
  fileId: file.id,
});

function refuseName(file: FilePlan): Failure | null {
  const plain = !/[/\\\0]/.test(file.fileName) && !file.fileName.startsWith('.') && file.fileName !== '';
  if (plain && Buffer.byteLength(file.fileName) <= 240) return null;
  return refuse(
    file,
    'this is not a plain file name.',
    'Use a name without folders that does not begin with a dot, up to 240 bytes.',
  );
}

function refuseCsv(file: FilePlan): Failure | null {
  if (file.format !== 'csv' || (file.delimiter.length === 1 && !/["\r\n\0]/.test(file.delimiter)))
    return null;
  return refuse(
    file,
    `the delimiter ${JSON.stringify(file.delimiter)} can't be used.`,
    'Use one character that is no quote and no line end, such as a comma.',
  );
}

/** Why these files can't be written, or null. */
export function refuseFiles(files: readonly FilePlan[]): Failure | null {
  const names = new Set<string>();
  for (const file of files) {
    const refused = refuseName(file) ?? refuseCsv(file) ?? refuseCompression(file);
    if (refused !== null) return refused;
    if (names.has(file.fileName))
      return refuse(file, 'two outputs of this job have this name.', 'Give each its own path.');
    names.add(file.fileName);
  }
  return null;
}

function refuseCompression(file: FilePlan): Failure | null {
  const possible = formats[file.format].compressions;
  if (possible.includes(file.compression)) return null;
  return refuse(
    file,
    `${file.format} can't be compressed with ${file.compression}.`,
    `Choose one of: ${possible.join(', ')}.`,
  );
}

/** Ending of part files. */
export function partEnding(file: FilePlan): string {
  return formats[file.format].ending({ none: '', gzip: '.gz', zstd: '.zst', snappy: '' }[file.compression]);
}

function csvOptions(file: FilePlan, columns: readonly Column[]): string[] {
  // What is nested goes out as a text.
  const texts = columns
    .filter(({ type }) => type === 'VARCHAR' || isNested(readShape(type)))
    .map(({ name }) => quoteName(name));
  return [
    `HEADER ${file.header}`,
    `DELIMITER ${quoteText(file.delimiter)}`,
    `QUOTE '"'`,
    `ESCAPE '"'`,
    `NULLSTR ${quoteText(file.nullText ?? '')}`,
    ...(file.quotes && texts.length > 0 ? [`FORCE_QUOTE (${texts.join(', ')})`] : []),
  ];
}

/** What is copied to one file. */
export interface Copied extends Selected {
  /** Bounds the rows of a part. */
  readonly where?: string | undefined;
}

export function copyStatement(file: FilePlan, path: string, { where = '', ...selected }: Copied): string {
  const rows = selectFor(file.format, selected);
  const compression =
    file.format === 'pqt' && file.compression === 'none' ? 'uncompressed' : file.compression;
  const options = [
    `FORMAT ${formats[file.format].name}`,
    `COMPRESSION ${compression}`,
    'USE_TMP_FILE false',
    ...(file.format === 'csv' ? csvOptions(file, selected.columns) : []),
  ];
  return `COPY (${rows} ${where}) TO ${quoteText(path)} (${options.join(', ')})`;
}
