// Pure: the times of a cron expression in a time zone.
import { Cron } from 'croner';

const day = 86_400_000;
/** How far back is looked for the time before, the nearest first. */
const steps = [60_000, 3_600_000, day, 8 * day, 32 * day, 367 * day, 5 * 366 * day];

/** Null where this is no expression. */
function parseCron(cron: string, timezone: string): Cron | null {
  try {
    return new Cron(cron, { timezone, paused: true });
  } catch {
    return null;
  }
}

/** The next time after `after`, epoch milliseconds; null where none comes any more. */
export function nextCronTime(cron: string, timezone: string, after: number): number | null {
  return parseCron(cron, timezone)?.nextRun(new Date(after))?.getTime() ?? null;
}

/** The last time before `before`; null where there was none in five years. */
export function previousCronTime(cron: string, timezone: string, before: number): number | null {
  const parsed = parseCron(cron, timezone);
  if (parsed === null) return null;
  const next = (time: number) => parsed.nextRun(new Date(time))?.getTime() ?? before;
  for (const step of steps) {
    let found = next(before - step);
    if (found >= before) continue;
    for (let later = next(found); later < before; later = next(found)) found = later;
    return found;
  }
  return null;
}
