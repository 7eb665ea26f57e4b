// A complaint about a recipe's SQL in words for the person who wrote it.
import type { Failure, SqlError } from '../../failure.ts';
import type { Complaint } from '../task/complaint.ts';
import { explainForeign, type SqlContext, type Words } from './foreign-sql.ts';
import { placeAt } from './place.ts';

/** An error at a UTF-16 offset of the recipe's SQL, or at no place. */
export function sqlFailure(
  recipe: { name: string; sql: string | null },
  message: string,
  hint: string | null,
  position: number | null,
): Failure {
  const place =
    position === null || recipe.sql === null
      ? { line: null, column: null, position: null, length: null }
      : placeAt(recipe.sql, position);
  const sql: SqlError = { recipe: recipe.name, message, hint, ...place };
  const where = place.line === null ? '' : ` (line ${place.line}, column ${place.column})`;
  return { reason: 'sql_error', message: `Recipe "${recipe.name}"${where}: ${message}`, hint, sql };
}

const nothing: SqlContext = { sql: null, columns: [] };

/** Message and hint for what DuckDB said about SQL; its advice on settings and file readers is left out. */
export function wordComplaint(complaint: Complaint, context: SqlContext = nothing): Words {
  return explainForeign(complaint, context) ?? wordPlain(complaint);
}

function wordPlain(complaint: Complaint): Words {
  const lines = complaint.text.split('\n').map((line) => line.trim());
  const first = lines[0] ?? '';
  if (complaint.subtype === 'COLUMN_NOT_FOUND') return columnWords(complaint);
  if (complaint.missing?.includes('Function') === true) return functionWords(complaint);
  if (complaint.subtype === 'NO_MATCHING_FUNCTION') return argumentWords(first);
  if (complaint.kind === 'Parser' && first.startsWith('syntax error')) return syntaxWords(first);
  if (complaint.kind === 'Conversion') return conversionWords(first);
  const format = readFormatFault(complaint.text);
  if (format !== null) return formatWords(format, lines);
  return { message: sentence(first), hint: adviceIn(lines.slice(1)) };
}

const sentence = (text: string): string => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun.replace(/!$/, '.') : `${begun}.`;
};

const didYouMean = (names: readonly string[]): string | null =>
  names.length === 0 ? null : `Did you mean ${names.map((name) => `"${name}"`).join(' or ')}?`;

const columnWords = ({ name, candidates }: Complaint): { message: string; hint: string | null } => ({
  message: `There is no column "${name}" here.`,
  hint: didYouMean(candidates) ?? 'See the columns of the inputs in the preview.',
});

const functionWords = ({ name, candidates }: Complaint): { message: string; hint: string | null } => ({
  message: `There is no function "${name}".`,
  hint: didYouMean(candidates),
});

const argumentWords = (first: string): { message: string; hint: string | null } => ({
  message: first.replace(/'(.*)'.*$/, "'$1'.").replace(/_LITERAL\b/g, ''),
  hint: 'Turn the arguments into the types that it takes, for example CAST(x AS INTEGER).',
});

const syntaxWords = (first: string): { message: string; hint: string | null } => ({
  message: sentence(first.replace(/^syntax error/, 'The SQL is not understood')),
  hint: /end of input/.test(first)
    ? 'Something is missing at the end.'
    : 'Look at what stands there and just before.',
});

/** "… to INT64 when casting from source column item" names the column already. */
const conversionWords = (first: string): { message: string; hint: string | null } => ({
  message: sentence(
    first
      .replace(/ when casting from source column (.+)$/, ' in column "$1"')
      .replace(/^Could not convert string '([\s\S]*)' to (\w+)/, 'The text "$1" is no $2'),
  ),
  hint: 'Correct the value, or use TRY_CAST (TRY_STRPTIME for dates) to get a missing value instead.',
});

/** A text that does not follow the format of STRPTIME or of a cast, which DuckDB tells without a position. */
export function readFormatFault(text: string): { value: string; format: string } | null {
  const fault = /^Could not parse string "([\s\S]*?)" according to format specifier "([^"\n]*)"/.exec(text);
  return fault === null ? null : { value: fault[1]!, format: fault[2]! };
}

function formatWords(
  { value, format }: { value: string; format: string },
  lines: readonly string[],
): { message: string; hint: string } {
  const detail = lines.find((line) => line.startsWith('Error: '))?.slice('Error: '.length);
  const why = detail === undefined ? '' : `: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}`;
  return {
    message: sentence(`The text "${value}" does not follow the format "${format}"${why}`),
    hint: 'Correct the value or the format, or use TRY_STRPTIME to get a missing value instead.',
  };
}

const isAdvice = (line: string): boolean =>
  line !== '' &&
  !/\b(SET|PRAGMA|ATTACH|INSTALL|LOAD|read_\w+)\b|\bextension\b|^Alternatively|^Candidate functions/.test(
    line,
  );

function adviceIn(lines: readonly string[]): string | null {
  const advice = lines.filter(isAdvice).join(' ');
  return advice === '' ? null : advice;
}
