// Pure: numbers, sizes and spans of time in the viewer's own format.

const numbers = new Intl.NumberFormat();
const bytes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** A number that was counted up to `max` only: `1,000+` means so many or more. */
export function formatCount(value: number, max: number): string {
  return value >= max ? `${formatNumber(max)}+` : formatNumber(value);
}

/** A rate, to two places: small ones must not look like none. */
export function formatRate(value: number): string {
  return new Intl.NumberFormat(undefined, { maximumFractionDigits: value < 10 ? 2 : 0 }).format(value);
}

/** A share between 0 and 1. */
export function formatShare(share: number): string {
  return new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

export function formatBytes(value: number): string {
  const step = value < 1000 ? 0 : Math.min(bytes.length - 1, Math.floor(Math.log10(value) / 3));
  const options = { style: 'unit', unit: bytes[step]!, unitDisplay: step === 0 ? 'long' : 'short' } as const;
  return new Intl.NumberFormat(undefined, { ...options, maximumSignificantDigits: 3 }).format(
    value / 1000 ** step,
  );
}

const spans = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** The two largest units that matter: `3 min 5 s`, `120 ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return writeUnit(Math.round(ms), 'millisecond');
  if (ms < 10_000) return writeUnit(Math.round(ms / 100) / 10, 'second');
  const rounded = Math.round(ms / 1000) * 1000;
  const first = spans.findIndex(([, size]) => rounded >= size);
  const [unit, size] = spans[first] ?? spans[3];
  const [next, nextSize] = spans[first + 1] ?? [];
  const rest = nextSize === undefined ? 0 : Math.floor((rounded % size) / nextSize);
  const whole = writeUnit(Math.floor(rounded / size), unit);
  return rest === 0 || next === undefined ? whole : `${whole} ${writeUnit(rest, next)}`;
}

function writeUnit(value: number, unit: string): string {
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}

/** `3 min. ago`, `in 2 hr.`; both in epoch milliseconds. */
export function formatRelative(at: number, now: number): string {
  const away = at - now;
  const seconds = Math.abs(away) < 1000 ? 0 : Math.round(Math.abs(away) / 1000) * 1000;
  // Rounded: 89.99 days are 90, and 59.9 minutes an hour.
  const [unit, size] =
    spans.find(([, span], index) => seconds >= span - (spans[index + 1]?.[1] ?? 0) / 2) ?? spans[3];
  const value = Math.sign(away) * Math.round(seconds / size);
  return new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' }).format(value, unit);
}

const exact = { dateStyle: 'medium', timeStyle: 'long' } as const;

/** To the second, with the zone. */
export function formatExact(at: number): string {
  return new Intl.DateTimeFormat(undefined, exact).format(at);
}

/** Day and minute, for tables. */
export function formatMoment(at: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** A mark on a time axis whose marks are `stepMs` apart: the time of day, or the day where one begins. */
export function formatTick(at: number, stepMs: number): string {
  const date = new Date(at);
  const dayBegins = date.getHours() === 0 && date.getMinutes() === 0;
  return new Intl.DateTimeFormat(
    undefined,
    stepMs >= 86_400_000 || dayBegins ? { day: 'numeric', month: 'short' } : { timeStyle: 'short' },
  ).format(at);
}
