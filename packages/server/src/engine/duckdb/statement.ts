// Pure: the SQL that the engine itself writes: views over inputs, and the copies that make outputs.
import { fileURLToPath } from 'node:url';
import type { Dataset, FileOptions } from '../dataset.ts';
import type { FilePlan } from '../engine.ts';

/** A name in double quotes. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in single quotes. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The path of an input: a `file://` address or a path. */
export function toPath(uri: string): string {
  return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
}

type Parameters = Record<string, string>;

const encodings = { 'utf-8': 'utf-8', 'utf-16': 'utf-16', 'latin-1': 'latin-1' } as const;

/** The call that reads a dataset's files. `schema` empty: DuckDB finds the columns. */
export function readCall(
  dataset: Pick<Dataset, 'format' | 'compression' | 'files' | 'options' | 'schema'>,
): string {
  const paths = `[${dataset.files.map(({ uri }) => quoteText(toPath(uri))).join(', ')}]`;
  const { name, parameters } = readParameters(dataset);
  const given = Object.entries(parameters).map(([key, value]) => `${key} = ${value}`);
  return `${name}(${[paths, ...given].join(', ')})`;
}

function readParameters({ format, compression, options, schema }: ReadForm): {
  name: string;
  parameters: Parameters;
} {
  if (format === 'parquet') return { name: 'read_parquet', parameters: {} };
  const packed = compression === 'none' ? {} : { compression: quoteText(compression) };
  const types = writeTypes(schema, options);
  if (format === 'json' || format === 'ndjson') {
    const form = { format: quoteText(format === 'json' ? 'array' : 'newline_delimited') };
    return { name: 'read_json', parameters: { ...packed, ...form, ...(types && { columns: types }) } };
  }
  const usual = format === 'tsv' ? { delimiter: '\t' } : {};
  return {
    name: 'read_csv',
    parameters: { ...packed, ...csvParameters({ ...usual, ...options }), ...(types && { columns: types }) },
  };
}

type ReadForm = Pick<Dataset, 'format' | 'compression' | 'options' | 'schema'>;

function writeTypes(schema: Dataset['schema'], options: FileOptions): string | null {
  if (schema.length === 0) return null;
  const columns = schema.map(
    ({ name, type }) => `${quoteText(name)}: ${quoteText(options.columnTypes?.[name] ?? type)}`,
  );
  return `{${columns.join(', ')}}`;
}

function csvParameters(options: FileOptions): Parameters {
  const text = (key: string, value: string | undefined) =>
    value === undefined ? {} : { [key]: quoteText(value) };
  return {
    ...text('delim', options.delimiter),
    ...text('quote', options.quote),
    ...text('escape', options.escape),
    ...text('decimal_separator', options.decimalSeparator),
    ...text('dateformat', options.dateFormat),
    ...text('timestampformat', options.timestampFormat),
    ...text('encoding', options.encoding && encodings[options.encoding]),
    ...(options.header !== undefined && { header: String(options.header) }),
    ...(options.skipLines !== undefined && { skip: String(options.skipLines) }),
    ...(options.nullValues !== undefined && {
      nullstr: `[${['', ...options.nullValues].map(quoteText).join(', ')}]`,
    }),
  };
}

/** The statement that writes one file. `json` is one object a line. */
export function copyStatement(source: string, file: FilePlan, path: string): string {
  const options =
    file.format === 'csv' ? csvOptions(file) : file.format === 'json' ? ['format json'] : ['format parquet'];
  const packed =
    file.compression === 'none'
      ? file.format === 'pqt'
        ? ['compression uncompressed']
        : []
      : [`compression ${file.compression}`];
  const split = file.singleFile ? [] : ['per_thread_output true'];
  return `copy (select * from ${source}) to ${quoteText(path)} (${[...options, ...packed, ...split].join(', ')})`;
}

function csvOptions({ header, delimiter, quotes }: FilePlan): string[] {
  return [
    'format csv',
    `header ${header}`,
    `delimiter ${quoteText(delimiter)}`,
    ...(quotes ? ['force_quote *'] : []),
  ];
}
