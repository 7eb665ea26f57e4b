// The members of a webhook task as they are given: what saving, testing and launching have in common.
import { z } from 'zod';
import { givenReference, id } from '../convention.ts';
import { fieldShape, filledShape, headerName } from './task-field.ts';

/** True for a header whose value is never shown again, whether it is listed in `secretHeaders` or not. */
export function isSecretByName(header: string): boolean {
  return /^(?:authorization|proxy-authorization|cookie)$|key|token|secret/iu.test(header);
}

/**
 * True where the value of this header is write-only: the headers that carry credentials, names that hold key,
 * token or secret, and those the caller lists.
 */
export function isSecretHeader(name: string, secretHeaders: readonly string[]): boolean {
  return isSecretByName(name) || secretHeaders.some((listed) => listed.toLowerCase() === name.toLowerCase());
}

const max = (what: string, limit: number) => ({
  message: `takes at most ${limit} ${what}.`,
});
export const headerValue = z.string().max(8192, 'must have at most 8192 characters.');
export const secretName = z.string().regex(/^[A-Za-z0-9_]{1,64}$/u, 'must be 1 to 64 letters, digits and _.');
const secretValue = z.string().max(8192);
const fewKeys = (record: object) => Object.keys(record).length <= 50;
/** How many of these a task takes: a refinement. */
export const atMostFifty = (what: string) => [fewKeys, max(what, 50)] as const;

export const storedHeaders = z
  .record(headerName, headerValue.nullable())
  .refine(...atMostFifty('headers'))
  .describe('Replaces all headers; null keeps the stored value.');
export const newHeaders = z
  .record(
    headerName,
    z
      .string({
        error: ({ input }) =>
          input === null
            ? 'is null, which keeps a stored value; there is none yet: give the value.'
            : undefined,
      })
      .max(8192, 'must have at most 8192 characters.'),
  )
  .refine(...atMostFifty('headers'))
  .describe('By name; the values may hold references.');

export const storedSecrets = z
  .record(secretName, secretValue.nullable())
  .refine(...atMostFifty('secrets'))
  .describe('Replaces all secrets; null keeps the stored value of that name. Never returned.');
export const newSecrets = z
  .record(secretName, secretValue)
  .refine(...atMostFifty('secrets'))
  .describe('Values for `$secret.name`. Never returned.');

export const missingSecrets = z
  .array(z.string().max(300))
  .max(110)
  .describe(
    'Fields whose values come later, as secretKey or headers.Authorization: the task stays off till then.',
  );

export const definition = {
  ...fieldShape,
  url: z.string().trim().min(1).max(8192).describe('http or https; path and query may hold references.'),
  flowNodeIds: z
    .array(id)
    .max(1000)
    .describe('Recipes whose output is watched, where triggerObject is some.'),
  runWrangledDataset: givenReference
    .nullish()
    .describe('Run the ad hoc output of this recipe instead of sending a request; takes no url and no body.'),
  secretKey: z
    .string()
    .max(1024)
    .nullish()
    .describe('Signs every request; empty removes it, null leaves it. Never returned.'),
};

/** A task that is given with the launch of a job, and is for that job alone. */
export const webhookOverride = z
  .object({
    ...definition,
    ...filledShape,
    name: definition.name.default('Given at launch'),
    method: definition.method.default('post'),
    triggerEvent: definition.triggerEvent.default('onJobDone'),
    headers: newHeaders.default({}),
    secrets: newSecrets.default({}),
  })
  .omit({ triggerObject: true, flowNodeIds: true, enabled: true, condition: true, runWrangledDataset: true })
  .meta({ id: 'WebhookOverride' });
