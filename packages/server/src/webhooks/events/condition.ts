// Pure: the conditions of a task: which kind of event it waits for, and what else must hold before it fires.
import type { EventSubject } from '../messages/event-kind.ts';
import type { HistoryFacts, JobFacts } from '../messages/fact.ts';
import { changeInPercent } from '../messages/reference-event.ts';

/** What a task waits for beyond its trigger event and object. Null stands for the plain end of a job. */
export type Condition =
  /** A success after at least one failure. */
  | { readonly kind: 'recovered' }
  /** The failure that is the `count`-th in a row; with `andFurther` every one after it too. */
  | { readonly kind: 'failuresInRow'; readonly count: number; readonly andFurther: boolean }
  /** The job took longer; with `whileRunning` it is told as soon as it has, and not again at its end. */
  | { readonly kind: 'longerThan'; readonly seconds: number; readonly whileRunning: boolean }
  /** The watched outputs had no success: at each time of the cron expression since the one before, or for so long. */
  | { readonly kind: 'notRefreshedBy'; readonly cron: string; readonly timezone: string }
  | { readonly kind: 'notRefreshedWithin'; readonly seconds: number }
  /** More or less than at the last success before, by more than so many per cent. */
  | {
      readonly kind: 'changed';
      readonly of: 'rows' | 'columns';
      readonly percent: number;
      readonly direction: 'up' | 'down' | 'either';
    }
  /** Rows outside the bounds; null leaves a side open. */
  | { readonly kind: 'rowsOutside'; readonly min: number | null; readonly max: number | null }
  /** All outputs of a flow run are done. */
  | { readonly kind: 'flowRunEnded' };

/** The kinds of events that a task with this condition waits for. */
export function listSubjects(condition: Condition | null): readonly EventSubject[] {
  switch (condition?.kind) {
    case 'longerThan':
      return condition.whileRunning ? ['jobEnd', 'runningJob'] : ['jobEnd'];
    case 'notRefreshedBy':
    case 'notRefreshedWithin':
      return ['deadline'];
    case 'flowRunEnded':
      return ['flowRunEnd'];
    case 'recovered':
    case 'failuresInRow':
    case 'changed':
    case 'rowsOutside':
    case undefined:
      return ['jobEnd'];
  }
}

/** After how long a running job is told; null where that is not asked for. */
export function slowAfterMs(condition: Condition | null): number | null {
  return condition?.kind === 'longerThan' && condition.whileRunning ? condition.seconds * 1000 : null;
}

/** What conditions look at in the end of a job. */
export interface Measured {
  readonly succeeded: boolean;
  readonly job: Pick<JobFacts, 'durationMs' | 'rows' | 'columns'>;
  readonly history: HistoryFacts;
  /** True where the task was told while the job was still running. */
  readonly told: boolean;
}

export interface Judgement {
  readonly holds: boolean;
  /** A sentence that a person understands, with the numbers that decided. */
  readonly sentence: string;
}

const met = (sentence: string): Judgement => ({ holds: true, sentence });
const unmet = (sentence: string): Judgement => ({ holds: false, sentence });

/** Judges the end of a job. Conditions of other subjects are met by their event alone. */
export function judgeCondition(condition: Condition, measured: Measured): Judgement {
  switch (condition.kind) {
    case 'recovered':
      return judgeRecovered(measured);
    case 'failuresInRow':
      return judgeFailures(condition, measured);
    case 'longerThan':
      return judgeDuration(condition, measured);
    case 'changed':
      return judgeChange(condition, measured);
    case 'rowsOutside':
      return judgeRows(condition, measured.job.rows);
    case 'notRefreshedBy':
    case 'notRefreshedWithin':
    case 'flowRunEnded':
      return met('The event is the one that the task waits for.');
  }
}

function judgeRecovered({ succeeded, history }: Measured): Judgement {
  if (!succeeded) return unmet('The task waits for a success after a failure, and this job failed.');
  const { failuresInRow } = history;
  if (failuresInRow === 0)
    return unmet('The task waits for a success after a failure, and the job before this one had not failed.');
  return met(`The job succeeded after ${countOf(failuresInRow, 'failure')} in a row.`);
}

function judgeFailures(
  { count, andFurther }: Extract<Condition, { kind: 'failuresInRow' }>,
  { succeeded, history }: Measured,
): Judgement {
  if (succeeded)
    return unmet(`The task waits for the ${ordinal(count)} failure in a row, and this job succeeded.`);
  const { failuresInRow } = history;
  const reached = andFurther ? failuresInRow >= count : failuresInRow === count;
  const sentence = `This is the ${ordinal(failuresInRow)} failure in a row`;
  if (reached) return met(`${sentence}.`);
  return unmet(
    `${sentence}; the task waits for the ${ordinal(count)}${andFurther ? ' and those after it' : ''}.`,
  );
}

function judgeDuration(
  { seconds }: Extract<Condition, { kind: 'longerThan' }>,
  { job, told }: Measured,
): Judgement {
  if (told) return unmet('The task had already fired while the job was still running.');
  if (job.durationMs === null) return unmet('The job never ran: it can’t have taken long.');
  const took = `The job took ${showSeconds(job.durationMs / 1000)}`;
  if (job.durationMs > seconds * 1000) return met(`${took}, longer than ${showSeconds(seconds)}.`);
  return unmet(`${took}; the task waits for one longer than ${showSeconds(seconds)}.`);
}

function judgeChange(
  { of, percent, direction }: Extract<Condition, { kind: 'changed' }>,
  { job, history }: Measured,
): Judgement {
  const now = job[of];
  if (now === null) return unmet(`The number of ${of} of this job is not known.`);
  if (history.previous === null) return unmet('There is no earlier success to compare with.');
  const before = history.previous[of];
  if (before === null)
    return unmet(
      `The number of ${of} of job ${history.previous.jobId}, the last success before, is not known.`,
    );
  const change = changeInPercent(before, now);
  const rightWay = direction === 'either' || (direction === 'up' ? change > 0 : change < 0);
  const told = `The ${of} went from ${before} to ${now} (${showPercent(change)})`;
  if (rightWay && Math.abs(change) > percent) return met(`${told}.`);
  return unmet(
    `${told}; the task waits for more than ${percent} %${direction === 'either' ? '' : ` ${direction}`}.`,
  );
}

function judgeRows(
  { min, max }: Extract<Condition, { kind: 'rowsOutside' }>,
  rows: number | null,
): Judgement {
  if (rows === null) return unmet('The number of rows of this job is not known.');
  if (min !== null && rows < min) return met(`The job wrote ${rows} rows, fewer than ${min}.`);
  if (max !== null && rows > max) return met(`The job wrote ${rows} rows, more than ${max}.`);
  return unmet(`The job wrote ${rows} rows, which is within the bounds.`);
}

/** The condition as half a sentence: "The task waits for ...". */
export function describeCondition(condition: Condition | null): string {
  switch (condition?.kind) {
    case undefined:
      return 'the end of a job';
    case 'recovered':
      return 'a success after a failure';
    case 'failuresInRow':
      return `the ${ordinal(condition.count)} failure in a row`;
    case 'longerThan':
      return `a job that takes longer than ${showSeconds(condition.seconds)}`;
    case 'notRefreshedBy':
      return 'an output that is not refreshed by its time';
    case 'notRefreshedWithin':
      return `an output that is not refreshed for ${showSeconds(condition.seconds)}`;
    case 'changed':
      return `${condition.of} that change by more than ${condition.percent} %`;
    case 'rowsOutside':
      return 'a number of rows outside its bounds';
    case 'flowRunEnded':
      return 'the end of a flow run';
  }
}

function showPercent(change: number): string {
  if (!Number.isFinite(change)) return 'from nothing';
  return `${change > 0 ? '+' : ''}${Math.round(change * 10) / 10} %`;
}

function showSeconds(seconds: number): string {
  if (seconds >= 7200 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds >= 120 && seconds % 60 === 0) return `${seconds / 60} min`;
  return `${Math.round(seconds * 10) / 10} s`;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function ordinal(count: number): string {
  const lastTwo = count % 100;
  const ending = lastTwo >= 11 && lastTwo <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${ending}`;
}
