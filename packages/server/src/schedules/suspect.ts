// Pure: which schedules may be what ends the process, and what comes of a time that ended it too often.
import type { ClaimedTimes, DueDecision } from './due.ts';

/** A process in a loop of restarts fires what nobody suspects first, and ends of other reasons in its first moments are not blamed on a schedule. */
export const suspectsAfterMs = 3000;

export const setAsideReason =
  'The server ended three times in a row while it fired this schedule. Its log, or that of the system, has the cause; enable the schedule when that is mended.';

/** The time that ended the process comes to nothing, and the schedule is disabled. */
export function setAside({ waitingAt, nextAt, running }: ClaimedTimes): DueDecision {
  const dueAt = waitingAt !== null && !running ? waitingAt : nextAt!;
  return {
    dueAt,
    event: 'fail',
    reason: 'crashes',
    passedOver: 0,
    after: { nextAt: null, waitingAt: null },
  };
}
