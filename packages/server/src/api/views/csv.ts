// Pure: rows as CSV (RFC 4180) that a spreadsheet opens without running what stands in it.

export type CsvCell = string | number | boolean | null;

/** One line with its end. A text that a spreadsheet would take for a formula begins with an apostrophe. */
export function writeCsvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(writeCell).join(',')}\r\n`;
}

function writeCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const harmless = /^[\s]*[=+\-@]|^[\t\r\n]/u.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
