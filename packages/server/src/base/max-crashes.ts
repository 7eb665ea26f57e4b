// Pure: after how many ends of the process what it was at is taken for their cause.

/**
 * After so many ends of the process in a row, each in the midst of the same work, that work is taken for their cause: a job
 * fails, a delivery is held, a schedule's time or an event is set aside.
 */
export const maxCrashesInRow = 3;
