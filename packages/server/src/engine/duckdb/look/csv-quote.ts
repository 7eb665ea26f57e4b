// Pure: the ways in which values of a CSV text may be quoted.
import type { FileOptions } from '../../dataset.ts';
import type { CsvDialect } from './csv-record.ts';

type Given = Pick<FileOptions, 'quote' | 'escape'> & { comment: string };

/** Ways in which values may be quoted; the first wins where they do equally well. */
export function listQuotes(text: string, delimiter: string, given: Given): CsvDialect[] {
  const make = (quote: string, escape: string): CsvDialect => ({
    delimiter,
    quote: given.quote ?? quote,
    escape: given.escape ?? (given.quote === undefined ? escape : escape === quote ? given.quote : escape),
    comment: given.comment,
  });
  const ways = [make('"', '"')];
  if (given.escape === undefined && text.includes('\\"')) ways.push(make('"', '\\'));
  if (given.quote === undefined && !text.includes('"') && isSingleQuoted(text, delimiter))
    ways.unshift(make("'", "'"));
  return ways;
}

/** Apostrophes are quotes where values begin and end with them again and again. */
function isSingleQuoted(text: string, delimiter: string): boolean {
  const lines = text
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== '')
    .slice(0, 200);
  const names = lines[0]?.split(delimiter) ?? [];
  if (names.length > 1 && names.every((name) => /^'[^']+'$/.test(name))) return true;
  const edged = lines.filter(
    (line) => line.startsWith("'") || line.endsWith("'") || line.includes(`${delimiter}'`),
  );
  const whole = edged.filter((line) =>
    / '[^']*' /.test(` ${line} `.replaceAll(`${delimiter}'`, " '").replaceAll(`'${delimiter}`, "' ")),
  );
  return edged.length >= 2 && whole.length === edged.length && edged.length >= lines.length * 0.5;
}
