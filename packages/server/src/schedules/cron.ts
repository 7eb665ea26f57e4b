// Pure: when a schedule is due: base/cron.ts computes, this file says which form an expression has.
//
// Five fields are cron's own (Sunday is 0 or 7; where day of month and day of week are both given, either is enough).
// Six and seven fields are Quartz's: seconds first, an optional year last, Sunday is 1; one of the two days is `?` or `*`.
// L, W and # are read in both.
import { readCron, type CronTimes } from '../base/cron.ts';

/** One way in which a schedule becomes due. */
export interface Trigger {
  readonly expression: string;
  /** An IANA name, `Europe/Berlin`. */
  readonly timeZone: string;
}

export type TriggerFault = { readonly field: 'expression' | 'timeZone'; readonly detail: string };

/** Milliseconds between two times of a schedule at least. */
export const shortestIntervalMs = 60_000;
/** So many times from now are looked at for the shortest interval. */
const lookedAt = 100;
const nicknames = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What is wrong with a trigger by itself, seen from `now` (epoch milliseconds); null where nothing is. */
export function findTriggerFault(trigger: Trigger, now: number): TriggerFault | null {
  const { expression, timeZone } = trigger;
  if (!isZone(timeZone))
    return { field: 'timeZone', detail: `is no time zone: give an IANA name such as Europe/Berlin or UTC.` };
  const form = findFormFault(expression);
  if (form !== null) return { field: 'expression', detail: form };
  try {
    if (nextTime([trigger], now) !== null) return null;
    return { field: 'expression', detail: 'never comes from now on: no date fits it.' };
  } catch (error) {
    return { field: 'expression', detail: `can't be read: ${wordFault(error)}` };
  }
}

/** True where two times of the triggers lie closer together than the shortest interval. */
export function isTooFrequent(triggers: readonly Trigger[], now: number): boolean {
  const times = nextTimes(triggers, now, lookedAt);
  return times.some((time, index) => index > 0 && time - times[index - 1]! < shortestIntervalMs);
}

/** The first time after `after`, of all triggers; null where there is none. Epoch milliseconds. */
export function nextTime(triggers: readonly Trigger[], after: number): number | null {
  return pick(triggers, (cron) => cron.next(after), Math.min);
}

/** The last time at or before `at`, of all triggers; null where there is none. */
export function lastTime(triggers: readonly Trigger[], at: number): number | null {
  return pick(triggers, (cron) => cron.last(at), Math.max);
}

/** The next times after `after`, in order, each once. */
export function nextTimes(triggers: readonly Trigger[], after: number, count: number): number[] {
  const times = new Set(triggers.flatMap((trigger) => toCron(trigger).nextMany(after, count)));
  return [...times].sort((a, b) => a - b).slice(0, count);
}

/** How many times lie from `from` to `to`, both included; counted up to `max`. */
export function countTimes(triggers: readonly Trigger[], from: number, to: number, max: number): number {
  return nextTimes(triggers, from - 1, max).filter((time) => time <= to).length;
}

function pick(
  triggers: readonly Trigger[],
  find: (cron: CronTimes) => number | null,
  choose: (...times: number[]) => number,
): number | null {
  const times = triggers.map((trigger) => find(toCron(trigger))).filter((time) => time !== null);
  return times.length === 0 ? null : choose(...times);
}

function toCron({ expression, timeZone }: Trigger): CronTimes {
  return readCron({ expression, timeZone, quartz: fieldsOf(expression).length > 5 });
}

function fieldsOf(expression: string): string[] {
  return expression.trim().split(/\s+/u);
}

function findFormFault(expression: string): string | null {
  const fields = fieldsOf(expression);
  if (fields.length === 1 && nicknames.includes(fields[0]!.toLowerCase())) return null;
  if (fields.length < 5 || fields.length > 7)
    return 'has to have 5 fields (minute, hour, day of month, month, day of week), or as Quartz has it 6 or 7.';
  if (fields.length === 5) return null;
  const given = [fields[3]!, fields[5]!].filter((field) => !/^[*?]$/u.test(field));
  return given.length < 2
    ? null
    : 'gives both a day of month and a day of week: with seconds one of them has to be ?.';
}

/** Offsets such as +02:00 are no zones: they know no clock change. */
function isZone(name: string): boolean {
  if (!/^[A-Za-z][\w+\-/]*$/u.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function wordFault(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^CronPattern: (?:Syntax error, )?/u, '').replace(/\.*$/u, '.');
}
