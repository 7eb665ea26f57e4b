// What comes of a job: how it was started, what it read, wrote and found, and what the webhook tasks did about it.
import { z } from 'zod';
import { writeFormats } from '../flow/write-setting.ts';
import { id, listOf, reference, time } from '../convention.ts';
import { webhookAttempt, webhookDelivery } from '../webhook/webhook-delivery.ts';

export const jobGroupStarted = z
  .looseObject({
    sessionId: z.string(),
    reason: z.literal('JobStarted'),
    jobGraph: z.object({
      vertices: z.array(id).describe('Ids of the steps.'),
      edges: z.array(z.object({ source: id, target: id })),
    }),
    id,
    jobs: z.object({ data: z.array(z.looseObject({ id })) }),
  })
  .meta({ id: 'JobGroupStarted' });

export const jobGroupCanceled = z
  .object({ jobIds: z.array(id).describe('The steps that were canceled.'), jobgroupId: id })
  .meta({ id: 'JobGroupCanceled' });

export const jobInput = z
  .object({
    name: z.string(),
    inputs: z.array(z.looseObject({ uri: z.string(), name: z.string(), format: z.string() })),
  })
  .meta({ id: 'JobInput' });

export const outputFile = z
  .looseObject({
    id,
    uri: z.string(),
    name: z.string(),
    fileType: z.literal('FILE'),
    isPrimaryOutput: z.boolean(),
    format: z.enum(writeFormats),
    size: z.int().nullable().describe('Bytes.'),
    rows: z.int().nullable(),
    published: z
      .boolean()
      .describe(
        'Whether it has been put in its place below the outputs folder. What could not be is tried again.',
      ),
    unpublishedReason: z
      .string()
      .nullable()
      .describe('Why it is not in its place; null where it is, or where nothing has stood in the way yet.'),
    placing: z
      .enum(['placed', 'waiting', 'givenUp'])
      .describe('givenUp: it will not be put there, as a newer result or another flow has the place.'),
  })
  .meta({ id: 'OutputFile' });

export const jobOutputs = z
  .object({ files: z.array(outputFile), tables: z.array(z.unknown()) })
  .meta({ id: 'JobOutputs' });

export const jobReject = z
  .object({
    dataset: z.string(),
    file: z.string(),
    line: z.int().nullable().describe('From 1; null where the format has no lines.'),
    row: z.int().nullable().describe('From 1, without the header.'),
    column: z.string().nullable().describe('Null where the row itself is at fault.'),
    value: z.string().nullable().describe('Cut at 200 characters.'),
    reason: z.string().describe('A sentence.'),
  })
  .meta({ id: 'JobReject' });

export const jobRejects = z
  .object({
    rows: z.int().describe('All rows that were left out.'),
    data: z.array(jobReject).describe('The first of them, at most 1,000.'),
  })
  .meta({ id: 'JobRejects' });

const quantiles = z.object({
  q05: z.string(),
  q25: z.string(),
  q50: z.string(),
  q75: z.string(),
  q95: z.string(),
});

export const columnProfile = z
  .object({
    name: z.string(),
    type: z.string(),
    missing: z.int().describe('Rows without a value.'),
    empty: z.int().nullable().describe('Rows with an empty text; null for columns that are no text.'),
    distinct: z.int(),
    distinctApproximate: z.boolean(),
    min: z.string().nullable(),
    max: z.string().nullable(),
    mean: z.number().nullable(),
    quantiles: quantiles.nullable(),
    top: z.array(z.object({ value: z.string(), count: z.int() })).describe('Most frequent first.'),
    topApproximate: z.boolean(),
  })
  .meta({ id: 'ColumnProfile' });

export const jobProfile = z
  .object({ rows: z.int(), columns: z.array(columnProfile) })
  .meta({ id: 'JobProfile' });

export const deliveryWithAttempts = webhookDelivery
  .extend({ attempts: listOf(webhookAttempt) })
  .meta({ id: 'WebhookDeliveryWithAttempts' });

/** A task that the flow had when the job ended, whether it fired, and what followed. */
export const jobWebhook = z
  .object({
    webhookFlowTask: z.looseObject({ id, name: z.string() }),
    event: z.string().describe('The kind of the event, as X-Webhook-Event says it.'),
    fired: z.boolean(),
    reason: z.string().describe('A sentence for people.'),
    reasonCode: z.string().describe('A word from a closed list.'),
    deliveries: listOf(deliveryWithAttempts),
  })
  .meta({ id: 'JobWebhook' });

const chainJob = z.looseObject({
  id,
  name: z.string().nullable(),
  status: z.string().describe('As that of a job group.'),
  flow: z.looseObject({ id, name: z.string() }),
  wrangledDataset: z.looseObject({ id, name: z.string() }).nullable(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});

/** Jobs that started each other by webhooks, as a graph. */
export const jobChain = z
  .object({
    jobGroups: z.array(chainJob).describe('The job itself, those that led to it and those that it led to.'),
    links: z.array(
      z.object({
        source: id.nullable().describe('Null where no job started it: a deadline, or the end of a flow run.'),
        target: id,
        webhookFlowTask: z.looseObject({ id, name: z.string(), flow: reference }),
        webhookDelivery: reference,
        deliveryId: z.string().describe('Its public id.'),
      }),
    ),
    truncated: z.boolean().describe('True where there is more than is shown.'),
  })
  .meta({ id: 'JobChain' });
