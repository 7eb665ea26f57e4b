// What a webhook task waits for beyond its trigger event and object: ours, beside the original's closed lists.
import { z } from 'zod';
import type { EventSubject } from './event-kind.ts';
import { triggerEvents } from './trigger.ts';

const seconds = z.int().min(1).max(31_536_000);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

interface KindDefinition {
  readonly schema: z.ZodObject;
  /** What the events are about that it waits for. */
  readonly about: Exclude<EventSubject, 'runningJob'>;
  /** The one end of a job that can meet it; left out where any can. */
  readonly result?: 'success' | 'failure';
  /** What a form begins with. */
  readonly usual?: Readonly<Record<string, unknown>>;
}

const conditionKinds = {
  recovered: {
    schema: z
      .object({ kind: z.literal('recovered') })
      .describe('A success after at least one failure of the same output.'),
    about: 'jobEnd',
    result: 'success',
  },
  failuresInRow: {
    schema: z
      .object({
        kind: z.literal('failuresInRow'),
        count: z.int().min(1).max(1000),
        andFurther: z.boolean().default(false).describe('Every failure after that one too.'),
      })
      .describe('The nth failure in a row of an output.'),
    about: 'jobEnd',
    result: 'failure',
    usual: { count: 3, andFurther: false },
  },
  longerThan: {
    schema: z
      .object({
        kind: z.literal('longerThan'),
        seconds,
        whileRunning: z
          .boolean()
          .default(false)
          .describe(
            'Tell as soon as it takes longer, and not again at its end; needs triggerEvent onJobDone.',
          ),
      })
      .describe('A job that takes longer.'),
    about: 'jobEnd',
    usual: { seconds: 3600, whileRunning: false },
  },
  notRefreshedBy: {
    schema: z
      .object({
        kind: z.literal('notRefreshedBy'),
        cron: z.string().trim().min(1).max(200).describe('Five fields, or six with seconds.'),
        timezone: z
          .string()
          .trim()
          .min(1)
          .max(100)
          .default('UTC')
          .describe('An IANA name, such as Europe/Berlin.'),
      })
      .describe(
        'At a time of the expression there was no success since the time before; also where no job ran at all.',
      ),
    about: 'deadline',
    usual: { cron: '0 7 * * *', timezone: 'UTC' },
  },
  notRefreshedWithin: {
    schema: z
      .object({ kind: z.literal('notRefreshedWithin'), seconds: seconds.min(10) })
      .describe('No success for that long; told again each time that long has passed.'),
    about: 'deadline',
    usual: { seconds: 86_400 },
  },
  changed: {
    schema: z
      .object({
        kind: z.literal('changed'),
        of: z.enum(['rows', 'columns']),
        percent: z.number().min(0).max(1_000_000),
        direction: z.enum(['up', 'down', 'either']).default('either'),
      })
      .describe('Changed by more than so many per cent against the last success of the same output before.'),
    about: 'jobEnd',
    result: 'success',
    usual: { of: 'rows', percent: 20, direction: 'either' },
  },
  rowsOutside: {
    schema: z
      .object({
        kind: z.literal('rowsOutside'),
        min: count.nullable().default(null),
        max: count.nullable().default(null),
      })
      .describe('Fewer rows than `min` or more than `max`.'),
    about: 'jobEnd',
    usual: { min: null, max: null },
  },
  rowsRejected: {
    schema: z
      .object({
        kind: z.literal('rowsRejected'),
        above: z.number().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
        unit: z.enum(['rows', 'percent']).default('rows'),
      })
      .describe('More rows of the inputs were rejected than `above`, a count or per cent of all of them.'),
    about: 'jobEnd',
    result: 'success',
    usual: { above: 0, unit: 'rows' },
  },
  flowRunEnded: {
    schema: z
      .object({ kind: z.literal('flowRunEnded') })
      .describe('All outputs of a flow run are done; told once.'),
    about: 'flowRunEnd',
  },
} as const satisfies Record<string, KindDefinition>;

export type ConditionKind = keyof typeof conditionKinds;
type Schema = (typeof conditionKinds)[ConditionKind]['schema'];

const schemas = Object.values(conditionKinds).map(({ schema }) => schema) as [Schema, ...Schema[]];
export const webhookCondition = z
  .discriminatedUnion('kind', schemas)
  .meta({ id: 'WebhookCondition', description: 'Null stands for the plain end of a job.' });
export type WebhookCondition = z.output<typeof webhookCondition>;

/** What is defined of a kind, with the members that not all have. */
export function conditionKind(kind: ConditionKind): KindDefinition {
  return conditionKinds[kind];
}

/** What a form begins with, of all kinds side by side; where two have a member, the first has its say. */
export const usualCondition: Readonly<Record<string, unknown>> = Object.assign(
  {},
  ...Object.values<KindDefinition>(conditionKinds)
    .toReversed()
    .map(({ usual }) => usual),
);

/** The trigger events with which a task of this condition is sensible, the usual one first; one alone is no choice. */
export function listUsualEvents(
  kind: ConditionKind,
  whileRunning: boolean,
): readonly (typeof triggerEvents)[number][] {
  const { about, result } = conditionKind(kind);
  if (about === 'deadline' || (kind === 'longerThan' && whileRunning)) return ['onJobDone'];
  if (result === undefined) return triggerEvents;
  return [result === 'success' ? 'onJobSuccess' : 'onJobFailure'];
}
