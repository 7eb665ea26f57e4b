// Pure: when a task fires, in a line.
import { webhookTaskText as text } from '../../text/webhook-task.ts';
import type { Task } from './task-values.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

/** `When a job fails · jobs of totals`. */
export function describeTrigger(task: Task, recipes: readonly Named[]): string {
  const names = recipes.filter(({ id }) => task.flowNodeIds.includes(id)).map(({ name }) => name);
  const watched = task.triggerObject === 'any' ? text.watchesAny : text.watchesSome(names.join(', '));
  return `${text.event[task.triggerEvent]} · ${watched}`;
}

/** The host that is called, for a list. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
