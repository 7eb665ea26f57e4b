// Pure: when a task fires, in a line.
import type { WebhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import { formatDuration, formatNumber } from '../../parts/time/format.ts';
import { conditionText } from '../../text/webhook/webhook-condition.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { subjectOf } from './condition-values.ts';
import type { Task } from './task-values.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

type Trigger = Pick<Task, 'condition' | 'triggerEvent' | 'triggerObject' | 'flowNodeIds'>;

const { line } = conditionText;

/** `When a job fails · jobs of totals`. */
export function describeTrigger(task: Trigger, recipes: readonly Named[]): string {
  return `${describeEvent(task)} · ${describeWatched(task, recipes)}`;
}

function describeEvent({ condition, triggerEvent }: Trigger): string {
  if (condition === null) return text.event[triggerEvent];
  return describeCondition(condition, triggerEvent);
}

/** `When a job took longer than 5 min`. */
export function describeCondition(condition: WebhookCondition, event: Task['triggerEvent']): string {
  const span = (seconds: number) => formatDuration(seconds * 1000);
  return conditionText.describe(condition, { event, span, amount: formatNumber, ordinal });
}

function describeWatched({ condition, triggerObject, flowNodeIds }: Trigger, recipes: readonly Named[]) {
  const names = recipes.filter(({ id }) => flowNodeIds.includes(id)).map(({ name }) => name);
  const some = triggerObject === 'some' ? names.join(', ') : null;
  switch (subjectOf(condition?.kind ?? '')) {
    case 'jobEnd':
      return some === null ? text.watchesAny : text.watchesSome(some);
    case 'deadline':
      return some === null ? line.watchesFlow : line.watchesOutputs(some);
    case 'flowRunEnd':
      return some === null ? line.watchesRuns : line.watchesRunsOf(some);
  }
}

const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });

function ordinal(count: number): string {
  return `${count}${endings[ordinals.select(count)]}`;
}

/** The host that is called, for a list. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
