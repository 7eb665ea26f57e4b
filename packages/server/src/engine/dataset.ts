// What a dataset is to an engine: files, their format, and how to read them without guessing.
import type { DatasetCompression, DatasetFormat } from '@flowhook/contract/flow/dataset-source';

/** A column by name, with its type in DuckDB's spelling (`BIGINT`, `DECIMAL(18,3)`, `STRUCT(a INTEGER)`). */
export interface Column {
  name: string;
  type: string;
}

export type Format = DatasetFormat;
export type Compression = DatasetCompression;

/** One file: where it is, and the name that people know it by (used in messages instead of the path). */
export interface InputFile {
  /** An absolute path or a `file://` address. */
  uri: string;
  name: string;
  /** Of its path: the values of folders named `key=value`, by key, and the texts that the stars of a pattern stand for. */
  folders?: Readonly<Record<string, string>>;
  parts?: readonly string[];
}

/**
 * How to read the files; all optional, a missing one is found by `inspect`. What says how text is written is for csv and
 * tsv (`encoding` and `maxLineBytes` for JSON, too), what says which rows and types are promised for every format.
 */
export interface FileOptions {
  /** One character or several. */
  delimiter?: string;
  /** One character, or an empty text for none. */
  quote?: string;
  /** One character, or an empty text for none. */
  escape?: string;
  header?: boolean;
  /** A name of the WHATWG Encoding standard; `utf-16` and `latin-1` are known, too. */
  encoding?: string;
  /** Lines before the header (or the first row) that are no data. */
  skipLines?: number;
  /** Texts that mean "missing"; an empty field always does. */
  nullValues?: string[];
  /** What stands, without quotes, for a missing value instead of nothing: an empty field of a text is an empty text then. */
  nullText?: string;
  /** One character that begins lines which are no data; empty for none. */
  comment?: string;
  /** `.` or `,`. */
  decimalSeparator?: string;
  /** One character between thousands: `1,234`. */
  thousandsSeparator?: string;
  /** Bytes of the longest line, or JSON object. */
  maxLineBytes?: number;
  /** Lines of fixed width: where each column begins, 1-based. */
  columnStarts?: number[];
  /** The header has no name for the first column, as R writes tables. */
  rowNames?: boolean;
  /** Found in JSON: the keys of columns that have other names, by column. */
  columnKeys?: Record<string, string>;
  /** Found in JSON: rows are no objects, each is the value of the only column. */
  wholeValues?: boolean;
  /** Found: rows end in a delimiter, the header does not. */
  trailingDelimiter?: boolean;
  /** Found: lines end in more than one way. */
  lineEnds?: 'mixed';
  /** strptime form, such as `%d.%m.%Y`. */
  dateFormat?: string;
  timestampFormat?: string;
  /** Columns beside those in the files: `name` and `time` of the file, `part:1` of its path's pattern, `folder:key`. */
  fileColumns?: Record<string, string>;
  /** Types that the caller sets, by column name. */
  columnTypes?: Record<string, string>;
  /** Columns that are never missing a value: only where a person said so. */
  required?: string[];
  /** Columns whose values are told to nobody who is not shown the rows themselves. */
  sensitive?: string[];
  /** Whether a file of 0 bytes is one without rows; else it is a fault. */
  allowEmpty?: boolean;
  /** What a value does that is not of its column's type: the run fails (the default), the type widens, or the row goes. */
  onMismatch?: 'fail' | 'adapt' | 'reject';
  /** What a row does that has fewer or more values than there are columns; a longer one fails with `pad`, too. */
  raggedRows?: 'fail' | 'pad' | 'skip';
  /** The run fails where more rows of this dataset are rejected: a count, per cent of its rows. */
  maxRejectedRows?: number;
  maxRejectedPercent?: number;
}

export interface Dataset {
  name: string;
  format: Format;
  compression: Compression;
  /** At least one; several are read one after the other as one set of rows. */
  files: readonly InputFile[];
  options: FileOptions;
  /** As `inspect` found it (its `columns`): what every file is held against. */
  schema: readonly Column[];
  /** Marks of files that were held against the schema to their end: what has not changed since is read plainly. */
  checked?: readonly string[];
}

/** Those of the promise that stand in the files themselves. */
export const ownColumns = ({
  schema,
  options: { fileColumns = {} },
}: Pick<Dataset, 'schema' | 'options'>): Column[] =>
  schema.filter(({ name }) => !Object.hasOwn(fileColumns, name));

/** What stands for a value that is not told. */
export const maskedValue = '****';

export const isSensitive = (
  { options: { sensitive = [] } }: Pick<Dataset, 'options'>,
  column: string,
): boolean => sensitive.includes(column);

/** Whether some of its values are not told. */
export const keepsSecrets = ({ options: { sensitive = [] } }: Pick<Dataset, 'options'>): boolean =>
  sensitive.length > 0;
