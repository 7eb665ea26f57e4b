// Pure: days as the viewer means them, in their own zone, as moments that the API takes.

/** The begin of a day such as `2026-03-29`, or of the day after it; undefined for any other text. */
export function beginOfDay(day: string | undefined, later = 0): string | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(day ?? '');
  if (parts === null) return undefined;
  const [year, month, date] = parts.slice(1).map(Number) as [number, number, number];
  const begin = new Date(year, month - 1, date + later);
  // 2026-02-31 and 2026-13-01 are no days.
  const read = new Date(year, month - 1, date);
  if (read.getMonth() !== month - 1 || read.getDate() !== date) return undefined;
  return begin.toISOString();
}
