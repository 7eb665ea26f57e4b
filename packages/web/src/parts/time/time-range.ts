// Pure: the ranges of time that pages offer, as their addresses have them.

const hourMs = 3_600_000;
const minute = 60;

/** How far back each reaches, and the step in which its charts are drawn. */
export const timeRanges = {
  '1h': { lengthMs: hourMs, stepSeconds: minute },
  '24h': { lengthMs: 24 * hourMs, stepSeconds: 10 * minute },
  '7d': { lengthMs: 7 * 24 * hourMs, stepSeconds: 60 * minute },
  '30d': { lengthMs: 30 * 24 * hourMs, stepSeconds: 360 * minute },
} as const;

export type TimeRange = keyof typeof timeRanges;
export const timeRangeNames = Object.keys(timeRanges) as TimeRange[];

export function readTimeRange(text: string | undefined): TimeRange | undefined {
  return timeRangeNames.find((name) => name === text);
}

/** Where a range begins, ISO 8601; `now` in epoch milliseconds. */
export function startOfRange(range: TimeRange, now: number): string {
  return new Date(now - timeRanges[range].lengthMs).toISOString();
}
