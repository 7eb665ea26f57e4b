// Pure: a schedule as its form has it, and the request that is made of it.
import type { z } from 'zod';
import type { schedule, scheduleGiven } from '@flowhook/contract/flow/schedule';

export type Schedule = z.output<typeof schedule>;

/** A recipe that the schedule may run. */
export interface Run {
  readonly recipeId: number;
  readonly name: string;
  /** Null while nobody has said so: then it is run where it has a scheduled output, or where a new schedule begins so. */
  readonly isTicked: boolean | null;
  readonly begins: boolean;
  /** What a new output writes; of one that is there its panel says it. */
  readonly path: string;
}

export interface ScheduleValues extends Record<string, unknown> {
  name: string;
  runs: readonly Run[];
  triggers: { expression: string; timezone: string }[];
  missed: Schedule['missed'];
  overlap: Schedule['overlap'];
  /** It is switched by a button of its own. */
  enabled: boolean;
  /** With the values of parameters that it gives, for which there is no field; null for a new one. */
  tasks: Schedule['tasks'] | null;
}

/** What a new one begins with; `timezone` is the viewer's. */
export function newValues(timezone: string): ScheduleValues {
  return {
    name: '',
    runs: [],
    triggers: [{ expression: '0 6 * * *', timezone }],
    missed: 'once',
    overlap: 'skip',
    enabled: true,
    tasks: null,
  };
}

export function toValues({ name, triggers, missed, overlap, enabled, tasks }: Schedule): ScheduleValues {
  const rows = triggers.map(({ timeBased: { cron, timezone } }) => ({ ...cron, timezone }));
  return { name: name ?? '', runs: [], triggers: rows, missed, overlap, enabled, tasks };
}

export function toTriggers(triggers: ScheduleValues['triggers']) {
  return triggers.map(({ expression, timezone }) => ({ timeBased: { cron: { expression }, timezone } }));
}

/** What the form has no field for stays as it is there. */
export function toBody(
  { name, triggers, missed, overlap, enabled, tasks }: ScheduleValues,
  flowId: number,
): z.input<typeof scheduleGiven> {
  return {
    name,
    triggers: toTriggers(triggers),
    tasks: tasks ?? [{ runFlow: { flowId } }],
    enabled,
    missed,
    overlap,
  };
}

/** Recipes may have come and gone since it was typed. */
export function restoreDraft(kept: ScheduleValues, initial: ScheduleValues): ScheduleValues {
  const runs = initial.runs.map((run) => ({
    ...run,
    ...kept.runs.find(({ recipeId }) => recipeId === run.recipeId),
    name: run.name,
  }));
  return { ...initial, ...kept, runs };
}
