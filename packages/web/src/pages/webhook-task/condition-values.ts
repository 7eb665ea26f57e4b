// Pure: a task's condition as the editor's fields have it, all kinds side by side, and the condition that they make.
import type { z } from 'zod';
import type { webhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import { triggerEvents } from '@flowhook/contract/webhook/task-field';

export type Condition = z.output<typeof webhookCondition>;
export type ConditionKind = Condition['kind'];
type TriggerEvent = (typeof triggerEvents)[number];
/** An empty input has an empty text. */
type Amount = number | string;

/** A type, not an interface: forms want an index signature. */
export type ConditionValues = {
  /** Empty for the plain end of a job. */
  readonly kind: ConditionKind | '';
  readonly count: Amount;
  readonly andFurther: boolean;
  readonly seconds: Amount;
  readonly whileRunning: boolean;
  readonly cron: string;
  readonly timezone: string;
  readonly of: 'rows' | 'columns';
  readonly percent: Amount;
  readonly direction: 'up' | 'down' | 'either';
  readonly min: Amount;
  readonly max: Amount;
};

export const noCondition: ConditionValues = {
  kind: '',
  count: 3,
  andFurther: false,
  seconds: 3600,
  whileRunning: false,
  cron: '0 7 * * *',
  timezone: 'UTC',
  of: 'rows',
  percent: 20,
  direction: 'either',
  min: '',
  max: '',
};

export function toConditionValues(condition: Condition | null): ConditionValues {
  if (condition === null) return noCondition;
  if (condition.kind !== 'rowsOutside') return { ...noCondition, ...condition };
  return { ...noCondition, kind: condition.kind, min: condition.min ?? '', max: condition.max ?? '' };
}

/** What another kind begins with: an hour is long for a job, a day for an output. `zone` is the viewer's. */
export function chooseKind(
  values: ConditionValues,
  kind: ConditionValues['kind'],
  zone: string,
): ConditionValues {
  const seconds = kind === 'notRefreshedWithin' ? 86_400 : noCondition.seconds;
  return { ...values, kind, seconds, timezone: zone };
}

/** What the contract is asked about; an amount that was left empty is refused by it, at its field. */
export function toCondition(values: ConditionValues): z.input<typeof webhookCondition> | null {
  const { kind, andFurther, whileRunning, cron, timezone, of, direction } = values;
  const amount = (value: Amount) => value as number;
  switch (kind) {
    case '':
      return null;
    case 'recovered':
    case 'flowRunEnded':
      return { kind };
    case 'failuresInRow':
      return { kind, count: amount(values.count), andFurther };
    case 'longerThan':
      return { kind, seconds: amount(values.seconds), whileRunning };
    case 'notRefreshedBy':
      return { kind, cron, timezone };
    case 'notRefreshedWithin':
      return { kind, seconds: amount(values.seconds) };
    case 'changed':
      return { kind, of, percent: amount(values.percent), direction };
    case 'rowsOutside':
      return { kind, min: orNull(values.min), max: orNull(values.max) };
  }
}

function orNull(value: Amount): number | null {
  return value === '' ? null : (value as number);
}

/** The ends of a job that can meet the condition, the usual one first; one alone is no choice. */
export function eventsOf({ kind, whileRunning }: ConditionValues): readonly TriggerEvent[] {
  switch (kind) {
    case 'recovered':
    case 'changed':
      return ['onJobSuccess'];
    case 'failuresInRow':
      return ['onJobFailure'];
    case 'notRefreshedBy':
    case 'notRefreshedWithin':
      return ['onJobDone'];
    case 'longerThan':
      return whileRunning ? ['onJobDone'] : triggerEvents;
    case '':
    case 'rowsOutside':
    case 'flowRunEnded':
      return triggerEvents;
  }
}

/** What a task with this condition watches: ends of jobs, successes that stay away, or ends of flow runs. */
export function subjectOf(kind: ConditionValues['kind']): 'job' | 'deadline' | 'flowRun' {
  if (kind === 'flowRunEnded') return 'flowRun';
  return kind === 'notRefreshedBy' || kind === 'notRefreshedWithin' ? 'deadline' : 'job';
}
