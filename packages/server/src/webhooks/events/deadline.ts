// Pure: when an output must have been refreshed, whether it was, and when it must be again.
import type { Condition } from './condition.ts';
import { nextCronTime, previousCronTime } from './cron-time.ts';

export type DeadlineCondition = Extract<Condition, { kind: 'notRefreshedBy' | 'notRefreshedWithin' }>;

/** A success after `windowStart` and not after `dueAt` keeps it. Epoch milliseconds. */
export interface Deadline {
  readonly dueAt: number;
  readonly windowStart: number;
}

/** Null for a condition without a deadline. */
export function asDeadline(condition: Condition | null): DeadlineCondition | null {
  return condition?.kind === 'notRefreshedBy' || condition?.kind === 'notRefreshedWithin' ? condition : null;
}

/** The first deadline of a task that is made or enabled `now`; null where the cron expression has no time any more. */
export function firstDeadline(condition: DeadlineCondition, now: number): Deadline | null {
  if (condition.kind === 'notRefreshedWithin')
    return { windowStart: now, dueAt: now + condition.seconds * 1000 };
  const { cron, timezone } = condition;
  const dueAt = nextCronTime(cron, timezone, now);
  if (dueAt === null) return null;
  return { dueAt, windowStart: previousCronTime(cron, timezone, dueAt) ?? now };
}

/** What a task watches: a recipe, or the whole flow (null), with its last success at or before the deadline. */
export interface Watched {
  readonly recipe: { readonly id: number; readonly name: string } | null;
  readonly lastSuccessAt: number | null;
}

export interface Judged {
  /** What was not refreshed; empty where all was. */
  readonly overdue: readonly Watched[];
  readonly next: Deadline | null;
}

/** Judges a deadline that has come: of any number of servers and at any time later, the answer is the same. */
export function judgeDeadline(
  condition: DeadlineCondition,
  deadline: Deadline,
  watched: readonly Watched[],
): Judged {
  const { windowStart, dueAt } = deadline;
  const overdue = watched.filter(
    ({ lastSuccessAt }) => lastSuccessAt === null || lastSuccessAt <= windowStart,
  );
  if (condition.kind === 'notRefreshedBy') {
    const next = nextCronTime(condition.cron, condition.timezone, dueAt);
    return { overdue, next: next === null ? null : { windowStart: dueAt, dueAt: next } };
  }
  const refreshedAt =
    overdue.length > 0 ? dueAt : Math.min(...watched.map((each) => each.lastSuccessAt!), dueAt);
  return { overdue, next: { windowStart: refreshedAt, dueAt: refreshedAt + condition.seconds * 1000 } };
}

/** Periods that are told of after a stop: more would tell nothing new. */
export const maxMissed = 50;

/** Where a stop lasted for more periods than are told of, the last of them only. */
export function skipMissed(condition: DeadlineCondition, deadline: Deadline, now: number): Deadline {
  const span = spanOf(condition, deadline);
  if (span === null || deadline.dueAt + span > now) return deadline;
  const from = now - span;
  if (condition.kind === 'notRefreshedWithin') {
    const dueAt =
      deadline.dueAt +
      Math.ceil((from - deadline.dueAt) / (condition.seconds * 1000)) * condition.seconds * 1000;
    return { windowStart: dueAt - condition.seconds * 1000, dueAt };
  }
  const dueAt = nextCronTime(condition.cron, condition.timezone, from);
  if (dueAt === null) return deadline;
  return { dueAt, windowStart: previousCronTime(condition.cron, condition.timezone, dueAt) ?? from };
}

/** How long that many periods last from this deadline on. */
function spanOf(condition: DeadlineCondition, { dueAt }: Deadline): number | null {
  if (condition.kind === 'notRefreshedWithin') return maxMissed * condition.seconds * 1000;
  let time: number | null = dueAt;
  for (let count = 0; count < maxMissed && time !== null; count += 1)
    time = nextCronTime(condition.cron, condition.timezone, time);
  return time === null ? null : time - dueAt;
}
