// One locked-down DuckDB: in memory, no network, no extension, no file but those named when it opens.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Dataset } from '../../dataset.ts';
import { quoteText } from '../quote.ts';

export interface SessionOptions {
  memoryBytes: number;
  threads: number;
  /** What may be spilled, into `spill` under the working folder; 0 for nothing. */
  tempBytes: number;
  /** Files that may be read, relative to the working folder. */
  readPaths: readonly string[];
  /** A folder that may be written, relative to the working folder. */
  writeFolder?: string;
  /** Opens a database file of this name for intermediate rows, as `scratch`. */
  scratchFile?: string;
  /** Columns of all that is read. */
  width?: number;
  /** Rows of a stream come one by one as they are found, not when enough of them wait. */
  rowsAtOnce?: boolean;
}

/** From so many columns on the engine needs help. */
export const wideFrom = 1_000;
/** What the engine reserves for a column in each step of a query, before there is a row: 2,048 values of 16 bytes. */
const reservedBytes = 2_048 * 16;
/** Steps of a query over all columns: reading, turning with care, writing. */
const maxSteps = 24;

/** Reserved is not used: what a process really takes is bounded by its guard. */
const reserveOf = (width: number): number => (width > wideFrom ? width * reservedBytes * maxSteps : 0);

/** What very many columns take beside the rows: 64 KiB each, for their expressions and their first values. */
export const wideOverhead = (width: number): number => (width > wideFrom ? width * 65_536 : 0);

export const widthOf = (datasets: readonly Pick<Dataset, 'schema'>[]): number =>
  datasets.reduce((sum, { schema }) => sum + schema.length, 0);

export type Row = Record<string, unknown>;

export interface Session {
  connection: DuckDBConnection;
  run: (sql: string) => Promise<void>;
  /** Rows as JSON has them (64-bit integers as text). */
  rows: (sql: string) => Promise<Row[]>;
  close: () => void;
}

// Open options: what DuckDB takes only then, or what must hold before the first statement.
const openOptions = (options: SessionOptions): Record<string, string> => ({
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  allow_persistent_secrets: 'false',
  memory_limit: `${options.memoryBytes + reserveOf(options.width ?? 0)}B`,
  threads: String(options.threads),
  temp_directory: options.tempBytes > 0 ? 'spill' : '',
});

const listOf = (paths: readonly string[]): string => `[${paths.map(quoteText).join(', ')}]`;

/**
 * In this order: `max_temp_directory_size` holds only when SET after opening, the scratch file can be attached
 * only before files are closed off, and nothing can be SET after the lock.
 */
const lockStatements = (options: SessionOptions): string[] => [
  ...(options.tempBytes > 0 ? [`SET max_temp_directory_size = '${options.tempBytes}B'`] : []),
  "SET TimeZone = 'UTC'",
  'SET errors_as_json = true',
  'SET enable_progress_bar = true',
  'SET enable_progress_bar_print = false',
  'SET progress_bar_time = 0',
  ...(options.rowsAtOnce === true
    ? ["SET streaming_buffer_size = '1B'", 'SET enable_caching_operators = false']
    : []),
  // Over 3,000 columns it took 30 s, four times that over 6,000.
  ...((options.width ?? 0) > wideFrom ? ["SET disabled_optimizers = 'common_subexpressions'"] : []),
  ...(options.scratchFile === undefined ? [] : [`ATTACH ${quoteText(options.scratchFile)} AS scratch`]),
  'CREATE SCHEMA job',
  `SET allowed_paths = ${listOf(options.readPaths)}`,
  `SET allowed_directories = ${listOf(options.writeFolder === undefined ? [] : [options.writeFolder])}`,
  'SET enable_external_access = false',
  'SET lock_configuration = true',
];

/**
 * Opens a session in the process's working folder. Paths are relative to it, because a folder above may carry
 * signs that DuckDB reads as patterns.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const instance = await DuckDBInstance.create(':memory:', openOptions(options));
  const connection = await instance.connect();
  const run = async (sql: string): Promise<void> => {
    await connection.run(sql);
  };
  for (const statement of lockStatements(options)) await run(statement);
  return {
    connection,
    run,
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
