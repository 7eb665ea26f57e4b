// What a webhook task waits for beyond its trigger event and object: ours, beside the original's closed lists.
import { z } from 'zod';

const seconds = z.int().min(1).max(31_536_000);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const kinds = [
  z
    .object({ kind: z.literal('recovered') })
    .describe('A success after at least one failure of the same output.'),
  z
    .object({
      kind: z.literal('failuresInRow'),
      count: z.int().min(1).max(1000),
      andFurther: z.boolean().default(false).describe('Every failure after that one too.'),
    })
    .describe('The nth failure in a row of an output.'),
  z
    .object({
      kind: z.literal('longerThan'),
      seconds,
      whileRunning: z
        .boolean()
        .default(false)
        .describe('Tell as soon as it takes longer, and not again at its end; needs triggerEvent onJobDone.'),
    })
    .describe('A job that takes longer.'),
  z
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
  z
    .object({ kind: z.literal('notRefreshedWithin'), seconds: seconds.min(10) })
    .describe('No success for that long; told again each time that long has passed.'),
  z
    .object({
      kind: z.literal('changed'),
      of: z.enum(['rows', 'columns']),
      percent: z.number().min(0).max(1_000_000),
      direction: z.enum(['up', 'down', 'either']).default('either'),
    })
    .describe('Changed by more than so many per cent against the last success of the same output before.'),
  z
    .object({
      kind: z.literal('rowsOutside'),
      min: count.nullable().default(null),
      max: count.nullable().default(null),
    })
    .describe('Fewer rows than `min` or more than `max`.'),
  z.object({ kind: z.literal('flowRunEnded') }).describe('All outputs of a flow run are done; told once.'),
] as const;

export const webhookCondition = z
  .discriminatedUnion('kind', kinds)
  .meta({ id: 'WebhookCondition', description: 'Null stands for the plain end of a job.' });
export type WebhookCondition = z.output<typeof webhookCondition>;
