// Whether an attempt is followed by another, and when.
import { maxCrashesInRow } from '../../base/max-crashes.ts';
import type { DeliveryEvent } from './delivery-state.ts';
import { isSuccess, type Outcome } from '../sending/outcome.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Waits between attempts in milliseconds: 5 s, 30 s, 2 min, 10 min, 1 h, 3 h, 10 h. */
export const defaultSchedule: readonly number[] = [
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  10 * minuteMs,
  hourMs,
  3 * hourMs,
  10 * hourMs,
];

/** A delivery older than this many milliseconds is not attempted again. */
export const defaultMaximumAgeMs = 3 * dayMs;

/** The longest wait that a receiver's Retry-After can ask for, in milliseconds. */
export const longestRetryAfterMs = dayMs;

/** An attempt that Retry-After puts off still happens this long before the maximum age, in milliseconds. */
export const lastChanceMs = minuteMs;

/**
 * Waits in milliseconds after so many attempts cut off one after the other; one more ends the delivery. It may be what ends
 * our process: then every other delivery gets its turn in these waits. One that crashes meet by chance must not be lost: a
 * server that was killed 30 times, within 60 ms of its first request each time, cut off 9 of 1,000 ten times in a row.
 */
export const interruptedWaits: readonly number[] = [
  ...Array.from({ length: 9 }, () => 0),
  secondMs,
  minuteMs,
  10 * minuteMs,
  hourMs,
];

/** Each wait is spread by this share to both sides, so that what failed together does not come back together. */
const jitter = 0.1;

/** Why a delivery waits for another attempt. */
export const waitReasons = {
  scheduled: 'The next attempt follows the retry schedule.',
  retry_after: 'The receiver asked for a longer wait (Retry-After).',
  interrupted:
    'The attempt was cut off when the server ended; it is made again at once, from the tenth in a row on after a wait.',
} as const;
export type WaitReason = keyof typeof waitReasons;

/** Why a delivery is dead; the last two are found when its body is made, before any attempt. */
export const deadReasons = {
  gone: 'The receiver answered 410: it wants no more of these.',
  blocked: 'The egress policy refuses the address; redeliver after the policy or the URL has changed.',
  retry_off: 'The attempt failed and the task has retry on failure switched off.',
  out_of_attempts: 'Every attempt of the retry schedule failed.',
  expired: 'The delivery reached its maximum age.',
  interrupted:
    'Fourteen attempts in a row were cut off when the server ended, the last of them over an hour apart.',
  request_too_large:
    'URL, headers or body were larger than may be sent after their references were filled in; redeliver after the task has changed.',
  body_too_large: 'The body was larger than 1 MiB after its references were filled in.',
  body_failed: 'The body could not be made from the event.',
} as const;
export type DeadReason = keyof typeof deadReasons;

/** One settled attempt and what decides about the next. Times are epoch milliseconds. */
export interface SettledAttempt {
  readonly outcome: Outcome;
  /** Attempts so far, this one included. */
  readonly attemptCount: number;
  /** Attempts that the present round does not count. */
  readonly roundStart: number;
  /** Attempts cut off directly before this one. */
  readonly interruptedInRow: number;
  /** How often our process ended during its own attempt, one after the other, this one included. */
  readonly crashesInRow: number;
  readonly retryOnFailure: boolean;
  /** Waits in milliseconds; one attempt more than there are waits. */
  readonly schedule: readonly number[];
  /** When the delivery reaches its maximum age. */
  readonly expiresAt: number;
  readonly now: number;
  /** The answer's Retry-After header as it came. */
  readonly retryAfter?: string | null | undefined;
  /** In [0, 1). */
  readonly random: number;
  /** Where it was found that no attempt can be made. */
  readonly deadReason?: DeadReason | undefined;
}

/**
 * What follows. `event` is what happens to the delivery in the state table, `interruptedInRow` the count to keep.
 */
export type NextStep = { readonly event: DeliveryEvent; readonly interruptedInRow: number } & (
  | { readonly state: 'delivered' }
  | { readonly state: 'pending'; readonly dueAt: number; readonly why: WaitReason }
  | { readonly state: 'dead'; readonly why: DeadReason }
  | { readonly state: 'held_for_crashes' }
);

/** Decides what follows a settled attempt. Every input has exactly one answer. */
export function decideNext(attempt: SettledAttempt): NextStep {
  const { outcome } = attempt;
  if (isSuccess(outcome)) return { state: 'delivered', event: 'succeed', interruptedInRow: 0 };
  if (isInterrupted(outcome)) return repeatInterrupted(attempt);
  if (attempt.deadReason !== undefined) return die(attempt.deadReason);
  if (isBlocked(outcome)) return die('blocked');
  if (readStatus(outcome) === 410) return die('gone');
  if (!attempt.retryOnFailure) return die('retry_off');
  return waitForNext(attempt);
}

function isInterrupted(outcome: Outcome): boolean {
  return outcome.kind === 'failure' && outcome.reason === 'interrupted';
}

function isBlocked(outcome: Outcome): boolean {
  return outcome.kind === 'failure' && outcome.reason === 'blocked';
}

function readStatus(outcome: Outcome): number | undefined {
  return outcome.statusCode;
}

function die(why: DeadReason): NextStep {
  return { state: 'dead', why, event: 'give_up', interruptedInRow: 0 };
}

// Cut off by us, so it costs the receiver's schedule nothing and retry off does not matter.
// The maximum age holds all the same: whatever waited that long is over, sent or not.
function repeatInterrupted(attempt: SettledAttempt): NextStep {
  const interruptedInRow = attempt.interruptedInRow + 1;
  if (attempt.crashesInRow >= maxCrashesInRow)
    return { state: 'held_for_crashes', event: 'crash', interruptedInRow };
  const wait = interruptedWaits[attempt.interruptedInRow];
  if (wait === undefined) return { ...die('interrupted'), interruptedInRow };
  const dueAt = attempt.now + wait;
  if (dueAt >= attempt.expiresAt) return { ...die('expired'), interruptedInRow };
  return { state: 'pending', dueAt, why: 'interrupted', event: 'interrupt', interruptedInRow };
}

function waitForNext(attempt: SettledAttempt): NextStep {
  const wait = attempt.schedule[attempt.attemptCount - attempt.roundStart - 1];
  if (wait === undefined) return die('out_of_attempts');
  const scheduled = attempt.now + spreadWait(wait, attempt.random);
  if (scheduled > attempt.expiresAt) return die('expired');
  const asked = boundRetryAfter(attempt);
  const later = asked > scheduled;
  return {
    state: 'pending',
    dueAt: later ? asked : scheduled,
    why: later ? 'retry_after' : 'scheduled',
    event: 'retry',
    interruptedInRow: 0,
  };
}

/** A wait in milliseconds, 10 % shorter to 10 % longer; `random` in [0, 1). */
export function spreadWait(wait: number, random: number): number {
  return Math.round(wait * (1 - jitter + 2 * jitter * random));
}

// Retry-After can only make a wait longer: a receiver that asks for less would use up the schedule in a burst.
function boundRetryAfter(attempt: SettledAttempt): number {
  const wait = parseRetryAfter(attempt.retryAfter ?? '', attempt.now);
  if (wait === null) return 0;
  return Math.min(attempt.now + Math.min(wait, longestRetryAfterMs), attempt.expiresAt - lastChanceMs);
}

const httpDate = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? [ -~]{18,26}$/iu;

/**
 * Milliseconds to wait by a Retry-After header: seconds, or an HTTP date in any of its three forms
 * (RFC 9110, 10.2.3 and 5.6.7). Null where it is neither; a date gone by is 0.
 */
export function parseRetryAfter(text: string, now: number): number | null {
  const value = text.trim();
  if (/^\d{1,15}(?:\.\d{1,6})?$/u.test(value)) return Math.round(Number(value) * secondMs);
  if (!httpDate.test(value)) return null;
  const time = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(time) ? null : Math.max(0, time - now);
}
