// Pure: rows as CSV (RFC 4180) that a spreadsheet opens without running what stands in it.

export type CsvCell = string | number | boolean | null;

/** One line with its end. A text that a spreadsheet would take for a formula begins with an apostrophe. */
export function writeCsvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(writeCell).join(',')}\r\n`;
}

// Full-width forms are read as the plain ones by some. Where a spreadsheet takes ; or a tab for the separator, quotes within a
// line mean nothing to it: it begins a cell behind each of them, and a row behind each line break.
const formula = /(^|[;\t\r\n])(?=[\s"']*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;

function writeCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const harmless = disarm(cell);
  return /[",;\t\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** What a spreadsheet does not run, whichever sign it takes for the separator. */
export function disarm(text: string): string {
  const disarmed = text.replaceAll(formula, "$1'");
  return /^[\t\r\n]/u.test(disarmed) ? `'${disarmed}` : disarmed;
}
