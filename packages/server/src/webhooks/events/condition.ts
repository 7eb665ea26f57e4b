// Pure: the conditions of a task: which kind of event it waits for, and what else must hold before it fires.
import type { EventSubject } from '@flowhook/contract/webhook/event-kind';
import { conditionKind, type WebhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import type { HistoryFacts, JobFacts } from '../messages/fact.ts';
import { changeInPercent } from '../messages/reference-event.ts';

/** What a task waits for beyond its trigger event and object. Null stands for the plain end of a job. */
export type Condition = WebhookCondition;

type ConditionOf<Kind extends Condition['kind']> = Extract<Condition, { kind: Kind }>;

/** The kinds of events that a task with this condition waits for. */
export function listSubjects(condition: Condition | null): readonly EventSubject[] {
  if (condition?.kind === 'longerThan' && condition.whileRunning) return ['jobEnd', 'runningJob'];
  return [condition === null ? 'jobEnd' : conditionKind(condition.kind).about];
}

/** After how long a running job is told; null where that is not asked for. */
export function slowAfterMs(condition: Condition | null): number | null {
  return condition?.kind === 'longerThan' && condition.whileRunning ? condition.seconds * 1000 : null;
}

/** What conditions look at in the end of a job. */
export interface Measured {
  readonly succeeded: boolean;
  readonly job: Pick<JobFacts, 'durationMs' | 'rows' | 'columns' | 'rejectedRows' | 'rejectedPercent'>;
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

interface ConditionRule<Of extends Condition> {
  /** Judges the end of a job; left out where the event alone meets it. */
  judge?(condition: Of, measured: Measured): Judgement;
  /** Half a sentence: "The task waits for ...". */
  describe(condition: Of): string;
}

const rules: { readonly [Kind in Condition['kind']]: ConditionRule<ConditionOf<Kind>> } = {
  recovered: { judge: judgeRecovered, describe: () => 'a success after a failure' },
  failuresInRow: {
    judge: judgeFailures,
    describe: ({ count }) => `the ${ordinal(count)} failure in a row`,
  },
  longerThan: {
    judge: judgeDuration,
    describe: ({ seconds }) => `a job that takes longer than ${showSeconds(seconds)}`,
  },
  notRefreshedBy: { describe: () => 'an output that is not refreshed by its time' },
  notRefreshedWithin: {
    describe: ({ seconds }) => `an output that is not refreshed for ${showSeconds(seconds)}`,
  },
  changed: {
    judge: judgeChange,
    describe: ({ of, percent }) => `${of} that change by more than ${percent} %`,
  },
  rowsOutside: { judge: judgeRows, describe: () => 'a number of rows outside its bounds' },
  rowsRejected: {
    judge: judgeRejects,
    describe: ({ above, unit }) =>
      `more than ${above} ${unit === 'rows' ? 'rejected rows' : '% of rejected rows'}`,
  },
  flowRunEnded: { describe: () => 'the end of a flow run' },
};

/** The rule of this very condition. */
function ruleOf({ kind }: Condition): ConditionRule<Condition> {
  return rules[kind];
}

/** Judges the end of a job. Conditions of other subjects are met by their event alone. */
export function judgeCondition(condition: Condition, measured: Measured): Judgement {
  const judgement = ruleOf(condition).judge?.(condition, measured);
  return judgement ?? met('The event is the one that the task waits for.');
}

/** The condition as half a sentence: "The task waits for ...". */
export function describeCondition(condition: Condition | null): string {
  return condition === null ? 'the end of a job' : ruleOf(condition).describe(condition);
}

function judgeRecovered(_: Condition, { succeeded, history }: Measured): Judgement {
  if (!succeeded) return unmet('The task waits for a success after a failure, and this job failed.');
  const { failuresInRow } = history;
  if (failuresInRow === 0)
    return unmet('The task waits for a success after a failure, and the job before this one had not failed.');
  return met(`The job succeeded after ${countOf(failuresInRow, 'failure')} in a row.`);
}

function judgeFailures(
  { count, andFurther }: ConditionOf<'failuresInRow'>,
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

function judgeDuration({ seconds }: ConditionOf<'longerThan'>, { job, told }: Measured): Judgement {
  if (told) return unmet('The task had already fired while the job was still running.');
  if (job.durationMs === null) return unmet('The job never ran: it can’t have taken long.');
  const took = `The job took ${showSeconds(job.durationMs / 1000)}`;
  if (job.durationMs > seconds * 1000) return met(`${took}, longer than ${showSeconds(seconds)}.`);
  return unmet(`${took}; the task waits for one longer than ${showSeconds(seconds)}.`);
}

function judgeChange(
  { of, percent, direction }: ConditionOf<'changed'>,
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

function judgeRows({ min, max }: ConditionOf<'rowsOutside'>, { job: { rows } }: Measured): Judgement {
  if (rows === null) return unmet('The number of rows of this job is not known.');
  if (min !== null && rows < min) return met(`The job wrote ${rows} rows, fewer than ${min}.`);
  if (max !== null && rows > max) return met(`The job wrote ${rows} rows, more than ${max}.`);
  return unmet(`The job wrote ${rows} rows, which is within the bounds.`);
}

function judgeRejects({ above, unit }: ConditionOf<'rowsRejected'>, { job }: Measured): Judgement {
  const rejected = unit === 'rows' ? job.rejectedRows : job.rejectedPercent;
  if (rejected === undefined || rejected === null)
    return unmet('No dataset that this job read lets rows go.');
  const [told, bound] =
    unit === 'rows' ? [countOf(rejected, 'row'), `${above}`] : [`${rejected} % of the rows`, `${above} %`];
  const sentence = `The job rejected ${told}`;
  if (rejected > above) return met(`${sentence}, more than ${bound}.`);
  return unmet(`${sentence}; the task waits for more than ${bound}.`);
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
