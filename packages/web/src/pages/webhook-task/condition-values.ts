// Pure: a task's condition as the editor's fields have it, all kinds side by side, and the condition that they make.
import type { z } from 'zod';
import type { EventSubject } from '@flowhook/contract/webhook/event-kind';
import {
  conditionKind,
  listUsualEvents,
  usualCondition,
  type ConditionKind,
  type WebhookCondition,
  type webhookCondition,
} from '@flowhook/contract/webhook/webhook-condition';
import { triggerEvents } from '@flowhook/contract/webhook/trigger';

type Member<Condition> = Condition extends WebhookCondition ? Exclude<keyof Condition, 'kind'> : never;
type ValueOf<Name extends string> =
  Extract<WebhookCondition, Record<Name, unknown>> extends Record<Name, infer Value> ? Value : never;
/** An empty input has an empty text. */
type Typed<Value> = [Value] extends [number | null] ? number | string : Value;

/** A type, not an interface: forms want an index signature. */
export type ConditionValues = {
  /** Empty for the plain end of a job. */
  readonly kind: ConditionKind | '';
} & { readonly [Name in Member<WebhookCondition>]: Typed<ValueOf<Name>> };

function toTyped(condition: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(condition).map(([name, value]) => [name, value ?? '']));
}

export const noCondition = { ...toTyped(usualCondition), kind: '' } as ConditionValues;

export function toConditionValues(condition: WebhookCondition | null): ConditionValues {
  return condition === null ? noCondition : { ...noCondition, ...toTyped(condition) };
}

/** What another kind begins with: an hour is long for a job, a day for an output. `zone` is the viewer's. */
export function chooseKind(
  values: ConditionValues,
  kind: ConditionValues['kind'],
  zone: string,
): ConditionValues {
  const { seconds } = { ...noCondition, ...(kind !== '' && conditionKind(kind).usual) };
  return { ...values, kind, seconds, timezone: zone };
}

/** What the contract is asked about; an amount that was left empty is refused by it, at its field. */
export function toCondition(values: ConditionValues): z.input<typeof webhookCondition> | null {
  const { kind } = values;
  if (kind === '') return null;
  const members = Object.entries(conditionKind(kind).schema.shape).map(([name, schema]) => {
    const value = values[name as keyof ConditionValues];
    return [name, value === '' && schema.safeParse(null).success ? null : value];
  });
  return Object.fromEntries(members) as z.input<typeof webhookCondition>;
}

/** The ends of a job that can meet the condition, the usual one first; one alone is no choice. */
export function eventsOf({ kind, whileRunning }: ConditionValues): readonly (typeof triggerEvents)[number][] {
  return kind === '' ? triggerEvents : listUsualEvents(kind, whileRunning);
}

/** What a task with this condition watches: ends of jobs, successes that stay away, or ends of flow runs. */
export function subjectOf(kind: ConditionValues['kind']): Exclude<EventSubject, 'runningJob'> {
  return kind === '' ? 'jobEnd' : conditionKind(kind).about;
}
