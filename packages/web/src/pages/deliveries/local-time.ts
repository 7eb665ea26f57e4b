// Pure: times as the fields of the browser have them, without a zone, and as the API has them.

/** `2026-11-25T23:05` in the viewer's zone; empty for none. */
export function toLocalInput(time: string | undefined): string {
  if (time === undefined) return '';
  const at = Date.parse(time);
  if (Number.isNaN(at)) return '';
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** ISO 8601; empty where nothing, or half a time, is typed. */
export function toTime(local: string): string {
  const at = Date.parse(local);
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}
