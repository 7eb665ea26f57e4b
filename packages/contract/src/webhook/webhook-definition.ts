// The members of a webhook task as they are given: what saving, testing and launching have in common.
import { z } from 'zod';
import { givenReference, id, name } from '../convention.ts';
import { webhookCondition } from './webhook-condition.ts';

export const webhookMethods = ['post', 'get', 'put', 'patch', 'delete'] as const;
export const triggerEvents = ['onJobSuccess', 'onJobFailure', 'onJobDone'] as const;
export const triggerObjects = ['any', 'some'] as const;

export const triggerEvent = z.enum(triggerEvents).describe('onJobDone is either: success or failure.');
export const triggerObject = z
  .enum(triggerObjects)
  .describe('some: only jobs of the recipes in `flowNodeIds`.');

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
export const headerName = z.string().min(1).max(256);
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
  name,
  url: z.string().trim().min(1).max(8192).describe('http or https; path and query may hold references.'),
  method: z.enum(webhookMethods),
  triggerEvent,
  triggerObject,
  flowNodeIds: z
    .array(id)
    .max(1000)
    .describe('Recipes whose output is watched, where triggerObject is some.'),
  condition: webhookCondition.nullable(),
  runWrangledDataset: givenReference
    .nullish()
    .describe('Run the ad hoc output of this recipe instead of sending a request; takes no url and no body.'),
  secretHeaders: z
    .array(headerName)
    .max(50)
    .describe('Headers whose values are never returned, beside those that are secret by their name.'),
  body: z.string().max(1_048_576).nullish().describe('For post, put and patch; may hold references.'),
  secretKey: z
    .string()
    .max(1024)
    .nullish()
    .describe('Signs every request; empty removes it, null leaves it. Never returned.'),
  sslVerification: z.boolean(),
  retryOnFailure: z.boolean(),
  enabled: z.boolean(),
  urlSecret: z.boolean().describe("True where the URL's path and query are a credential."),
};

/** What is not said of a task. */
export const taskDefaults = {
  enabled: definition.enabled.default(true),
  sslVerification: definition.sslVerification.default(true),
  retryOnFailure: definition.retryOnFailure.default(true),
};

/** A task that is given with the launch of a job, and is for that job alone. */
export const webhookOverride = z
  .object({
    ...definition,
    name: name.default('Given at launch'),
    method: definition.method.default('post'),
    triggerEvent: triggerEvent.default('onJobDone'),
    headers: newHeaders.default({}),
    secretHeaders: definition.secretHeaders.default([]),
    secrets: newSecrets.default({}),
    ...taskDefaults,
    urlSecret: definition.urlSecret.default(false),
  })
  .omit({ triggerObject: true, flowNodeIds: true, enabled: true, condition: true, runWrangledDataset: true })
  .meta({ id: 'WebhookOverride' });
