// Pure: when a task fires, in a line.
import { formatDuration, formatNumber } from '../../parts/time/format.ts';
import { conditionText } from '../../text/webhook/webhook-condition.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { subjectOf, type Condition } from './condition-values.ts';
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

function describeCondition(condition: Condition, event: Task['triggerEvent']): string {
  switch (condition.kind) {
    case 'recovered':
      return line.recovered;
    case 'failuresInRow':
      return line.failuresInRow(ordinal(condition.count), condition.andFurther);
    case 'longerThan': {
      const span = formatDuration(condition.seconds * 1000);
      return condition.whileRunning ? line.whileRunning(span) : line.longerThan[event](span);
    }
    case 'notRefreshedBy':
      return line.notRefreshedBy(condition.cron, condition.timezone);
    case 'notRefreshedWithin':
      return line.notRefreshedWithin(formatDuration(condition.seconds * 1000));
    case 'changed':
      return line.changed[condition.direction](condition.of, formatNumber(condition.percent));
    case 'rowsOutside':
      return describeBounds(condition);
    case 'flowRunEnded':
      return conditionText.flowRunEvent[event];
  }
}

function describeBounds({ min, max }: Extract<Condition, { kind: 'rowsOutside' }>): string {
  if (max === null) return line.rowsBelow(formatNumber(min ?? 0));
  if (min === null) return line.rowsAbove(formatNumber(max));
  return line.rowsOutside(formatNumber(min), formatNumber(max));
}

function describeWatched({ condition, triggerObject, flowNodeIds }: Trigger, recipes: readonly Named[]) {
  const names = recipes.filter(({ id }) => flowNodeIds.includes(id)).map(({ name }) => name);
  const some = triggerObject === 'some' ? names.join(', ') : null;
  switch (subjectOf(condition?.kind ?? '')) {
    case 'job':
      return some === null ? text.watchesAny : text.watchesSome(some);
    case 'deadline':
      return some === null ? line.watchesFlow : line.watchesOutputs(some);
    case 'flowRun':
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
