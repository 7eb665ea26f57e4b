// Pure: the times by which a condition's cron expression wants a refresh.
import { readCron, type CronTimes } from '../../base/cron.ts';

/** Null where this is no expression. */
function parseCron(expression: string, timeZone: string): CronTimes | null {
  try {
    return readCron({ expression, timeZone, quartz: false });
  } catch {
    return null;
  }
}

/** The next time after `after`, epoch milliseconds; null where none comes any more. */
export function nextCronTime(cron: string, timezone: string, after: number): number | null {
  return parseCron(cron, timezone)?.next(after) ?? null;
}

/** The last time before `before`; null where there was none. */
export function previousCronTime(cron: string, timezone: string, before: number): number | null {
  return parseCron(cron, timezone)?.last(before - 1) ?? null;
}
