// Pure: what to do about a schedule that is due, on time or late.
import type { missedChoices, overlapChoices } from '@flowhook/contract/flow/schedule';
import { countTimes, lastTime, nextTime, type Trigger } from './cron.ts';
import type { OccurrenceEvent, OccurrenceReason } from './occurrence-state.ts';

/** What happens to times at which nobody was there to fire: one run for all of them, or none. */
export type MissedChoice = (typeof missedChoices)[number];

/** What happens while the run before is still going on: skip, or run when it has ended. */
export type OverlapChoice = (typeof overlapChoices)[number];

/** Later than this a time was missed: the servers were down, not slow. Quartz has the same 60 s. */
const missedAfterMs = 60_000;
/** Missed times are counted up to this many; 43,200 of a month would take seconds. */
export const maxCounted = 1000;

export interface DueSchedule {
  readonly triggers: readonly Trigger[];
  readonly missed: MissedChoice;
  /** The time that it is due at. Epoch milliseconds. */
  readonly dueAt: number;
}

export interface DuePlan {
  /** The time that is fired for: the one it was due at, or the last of those that were missed; null for none. */
  readonly fireAt: number | null;
  /** How many times are passed over without a run, up to `maxCounted`. */
  readonly passedOver: number;
  /** The time after that; null where there is none any more. */
  readonly nextAt: number | null;
}

/** `now` is the database's, and not before `dueAt`. */
export function planDue({ triggers, missed, dueAt }: DueSchedule, now: number): DuePlan {
  if (now - dueAt <= missedAfterMs)
    return { fireAt: dueAt, passedOver: 0, nextAt: nextTime(triggers, dueAt) };
  const last = Math.max(dueAt, lastTime(triggers, now) ?? dueAt);
  const nextAt = nextTime(triggers, last);
  const fires = missed === 'once' || now - last <= missedAfterMs;
  const counted = countTimes(triggers, dueAt, last, maxCounted);
  // Where the expression was changed behind our back, the time that was due is still one.
  const times = Math.max(counted, 1);
  return { fireAt: fires ? last : null, passedOver: times - (fires ? 1 : 0), nextAt };
}

/** What a schedule that was claimed holds. Times are epoch milliseconds. */
export interface ClaimedTimes {
  readonly triggers: readonly Trigger[];
  readonly missed: MissedChoice;
  readonly overlap: OverlapChoice;
  readonly nextAt: number | null;
  readonly waitingAt: number | null;
  /** True while a flow run that it started goes on. */
  readonly running: boolean;
  /** The database's. */
  readonly now: number;
}

/** What happens to which of its times, and what it holds afterwards. */
export interface DueDecision {
  readonly dueAt: number;
  readonly event: OccurrenceEvent;
  readonly reason: OccurrenceReason | null;
  readonly passedOver: number;
  readonly after: { readonly nextAt: number | null; readonly waitingAt: number | null };
}

/** Decides about the time that waits, where the run before has ended, or else about the next one. */
export function decideDue(claimed: ClaimedTimes): DueDecision {
  const { waitingAt, nextAt, running, now } = claimed;
  if (waitingAt !== null && !running) {
    const after = { nextAt, waitingAt: null };
    return { dueAt: waitingAt, event: 'launch', reason: null, passedOver: 0, after };
  }
  const dueAt = nextAt!;
  const plan = planDue({ ...claimed, dueAt }, now);
  const after = { nextAt: plan.nextAt, waitingAt };
  const { fireAt, passedOver } = plan;
  if (fireAt === null) return { dueAt, event: 'miss', reason: 'missed', passedOver: passedOver - 1, after };
  return { dueAt: fireAt, passedOver, ...applyOverlap(claimed, fireAt, after) };
}

function applyOverlap(
  { overlap, running, waitingAt }: ClaimedTimes,
  fireAt: number,
  after: DueDecision['after'],
): Pick<DueDecision, 'event' | 'reason' | 'after'> {
  switch (judgeOverlap(overlap, running, waitingAt !== null)) {
    case 'launch':
      return { event: 'launch', reason: null, after };
    case 'wait':
      return { event: 'wait', reason: null, after: { ...after, waitingAt: fireAt } };
    case 'skip':
      return { event: 'skip', reason: 'still_running', after };
    case 'already_waiting':
      return { event: 'skip', reason: 'already_waiting', after };
  }
}

/** What comes of a time that is fired for. */
export type Overlap = 'launch' | 'skip' | 'wait' | 'already_waiting';

/** One time waits at most: a run that takes too long would otherwise leave a queue that never ends. */
export function judgeOverlap(choice: OverlapChoice, running: boolean, waiting: boolean): Overlap {
  if (!running && !waiting) return 'launch';
  if (choice === 'skip') return 'skip';
  return waiting ? 'already_waiting' : 'wait';
}
