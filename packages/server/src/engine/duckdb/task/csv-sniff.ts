// How a CSV file is written, found by DuckDB's own detection over its first rows.
import type { Column, Compression, FileOptions, Format } from '../../dataset.ts';
import type { Head } from './file-head.ts';
import { quoteText } from '../quote.ts';
import { csvArguments, packing } from '../read-sql.ts';
import type { Row, Session } from './session.ts';

/** Rows that types are found from: far enough to see most surprises, still about 0.1 s. */
export const sampleRows = 100_000;

interface Sniffing {
  path: string;
  head: Head;
  format: Format;
  compression: Compression;
}

/** Options and columns of a CSV or TSV file; what the caller set is taken as it is. */
export async function sniffCsv(
  session: Session,
  set: FileOptions,
  { path, head, format, compression }: Sniffing,
): Promise<{ options: FileOptions; columns: Column[] }> {
  const usual: FileOptions = {
    ...(format === 'tsv' && { delimiter: '\t' }),
    ...(head.isUtf16 && { encoding: 'utf-16' as const }),
  };
  const given = csvArguments({ ...usual, ...set });
  const list = [quoteText(path), `sample_size = ${sampleRows}`, `compression = ${packing(compression)}`];
  const [row = {}] = await session.rows(`FROM sniff_csv(${[...list, ...given].join(', ')})`);
  return { options: { ...usual, ...sniffedOptions(row, head) }, columns: sniffedColumns(row) };
}

function sniffedOptions(row: Row, head: Head): FileOptions {
  const text = (key: string): string => {
    const value = row[key];
    return typeof value === 'string' && value !== '(empty)' ? value : '';
  };
  // Where the sample has no quote DuckDB says there are none; a later line may well have them.
  const quote = text('Quote') === '' && !head.text.includes('"') ? '"' : text('Quote');
  const escape = text('Escape') === '' ? quote : text('Escape');
  const dateFormat = text('DateFormat');
  const timestampFormat = text('TimestampFormat');
  return {
    delimiter: text('Delimiter'),
    quote,
    escape,
    header: row['HasHeader'] === true,
    skipLines: Number(row['SkipRows']),
    ...(isTold(dateFormat) && { dateFormat }),
    ...(isTold(timestampFormat) && { timestampFormat }),
  };
}

/** Where the format is the usual one DuckDB reads it without being told, and 7 % faster (over 10 million rows with a date). */
const usualFormats = new Set(['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f']);

const isTold = (format: string): boolean => format !== '' && !usualFormats.has(format);

function sniffedColumns(row: Row): Column[] {
  const list = Array.isArray(row['Columns']) ? (row['Columns'] as { name: string; type: string }[]) : [];
  return list.map(({ name, type }) => ({ name, type }));
}
