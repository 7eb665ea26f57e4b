// Pure: the times of cron expressions. Croner computes them; this is the one file that asks it.
//
// When the clock changes we do as Vixie cron does. A fixed time (no wildcard and no step in seconds, minutes and hours)
// that is skipped fires once, at the first moment after the gap; one that comes twice fires at its first coming alone.
// What repeats within the day (`*/20 * * * *`) goes by elapsed time: nothing in the gap, both hours where one is repeated.
import { Cron } from 'croner';

export interface CronForm {
  readonly expression: string;
  /** An IANA name, `Europe/Berlin`. */
  readonly timeZone: string;
  /** Read as Quartz has it: Sunday is 1, and `0/15` is every 15 from 0. Else Sunday is 0 or 7. */
  readonly quartz: boolean;
}

/** Epoch milliseconds. */
export interface CronTimes {
  /** The first time after `after`; null where none comes any more. */
  next(after: number): number | null;
  /** The last time at or before `at`; null where there is none. */
  last(at: number): number | null;
  /** The first times after `after`, at most so many. */
  nextMany(after: number, max: number): number[];
}

/** Throws what croner says of an expression that can't be read. Making one costs 0.1 ms, as much as one time of it. */
export function readCron({ expression, timeZone, quartz }: CronForm): CronTimes {
  const cron = new Cron(expression.trim(), {
    timezone: timeZone,
    paused: true,
    fixedTimeRule: 'no-wildcard',
    alternativeWeekdays: quartz,
    sloppyRanges: quartz,
  });
  return {
    next: (after) => cron.nextRun(new Date(after))?.getTime() ?? null,
    last(at) {
      // Croner counts in whole seconds, and leaves the second it is asked from out.
      const from = new Date(Math.floor(at / 1000) * 1000 + 1000);
      return cron.previousRuns(1, from)[0]?.getTime() ?? null;
    },
    nextMany: (after, max) => cron.nextRuns(max, new Date(after)).map((time) => time.getTime()),
  };
}
