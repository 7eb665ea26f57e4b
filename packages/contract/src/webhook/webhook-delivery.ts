// Deliveries and attempts: what is owed to a webhook task, and every request that was made for it.
import { z } from 'zod';
import {
  countReply,
  flag,
  id,
  idParams,
  idText,
  listOf,
  listQuery,
  listQueryOf,
  objectQueryOf,
  reference,
  stamp,
  time,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { exchangeMembers, outcomeReasons } from './exchange.ts';
import { oneOrSeveral } from '../job/job-list.ts';

export const deliveryStates = ['pending', 'sending', 'delivered', 'dead', 'canceled'] as const;

/** Why a delivery is held: its task is disabled, or its attempts ended the server's process three times in a row. */
export const heldReasons = ['taskDisabled', 'crashes'] as const;

export const webhookDelivery = z
  .looseObject({
    id,
    deliveryId: z.string().describe('Public and random: X-Webhook-Delivery.'),
    state: z.enum(deliveryStates),
    held: z
      .boolean()
      .describe('True while it waits for its task to be enabled, or for a person to redeliver it.'),
    heldReason: z
      .enum(heldReasons)
      .nullable()
      .describe(
        'Why it is held; null where it is not. `crashes`: the server ended three times in a row during its attempts; redeliver sends it again.',
      ),
    webhookFlowTask: z.looseObject({ id, name: z.string() }),
    flow: reference.describe('With its name where `embed` has `flow`.'),
    jobGroup: reference.nullable().describe('With its name where `embed` has `jobGroup`.'),
    event: z.string().describe('The kind of the event, as X-Webhook-Event says it.'),
    repeats: reference.nullable().describe('The delivery that this one was sent as new for.'),
    host: z.string(),
    attemptCount: z.int(),
    nextAttemptAt: time.nullable(),
    lastStatusCode: z.int().nullable(),
    lastReason: z.enum(outcomeReasons).nullable(),
    endReason: z.string().nullable().describe('Why it is dead or canceled.'),
    expiresAt: time.describe('No attempt is made after this.'),
    endedAt: time.nullable(),
    ...stamp,
  })
  .meta({ id: 'WebhookDelivery' });

export const webhookDeliveryWithBody = webhookDelivery
  .extend({
    body: z.string().nullable().describe('The frozen body; secrets are masked.'),
    startedJobGroup: reference
      .nullable()
      .describe('The job that it started on this server; null where none, or none that the caller may see.'),
  })
  .meta({ id: 'WebhookDeliveryWithBody' });

export const webhookAttempt = z
  .looseObject({
    attempt: z.int().positive().describe('From 1.'),
    startedAt: time,
    durationMs: z.number().nullable(),
    ...exchangeMembers,
  })
  .meta({ id: 'WebhookAttempt' });

export const redeliver = z.object({
  asNew: z.boolean().default(false).describe('True makes a new delivery with a new id.'),
});

export const deliveryNames = {
  sort: ['id', 'createdAt', 'updatedAt', 'state', 'host', 'attemptCount'],
  filter: ['name', 'host', 'deliveryId'],
  embed: ['flow', 'jobGroup'],
} as const;
const tag = 'Webhook deliveries';
export const deliveryListQuery = listQueryOf(deliveryNames).extend({
  webhookFlowTaskId: idText.optional(),
  jobGroupId: idText.optional(),
  flowId: idText.optional(),
  state: oneOrSeveral(deliveryStates).optional().describe('One state, or several comma-separated.'),
  held: flag.optional().describe('Whether it is held.'),
  heldReason: z.enum(heldReasons).optional().describe('Why it is held.'),
  reason: oneOrSeveral(outcomeReasons).optional().describe('The last reason, or several.'),
  host: z.string().max(300).optional(),
  statusCode: z.coerce.number().int().min(100).max(599).optional().describe('The last status.'),
  after: idText.optional().describe('Cursor: deliveries with an id below this one, newest first.'),
  from: time.optional().describe('Made at this time or later.'),
  to: time.optional().describe('Made before this time.'),
});

export const webhookDeliveryEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookDeliveries',
    summary: 'List deliveries',
    tag,
    access: 'viewer',
    query: deliveryListQuery,
    reply: listOf(webhookDelivery),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookDeliveries/count',
    summary: 'Count deliveries',
    tag,
    access: 'viewer',
    query: deliveryListQuery,
    reply: countReply,
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookDeliveries/:id',
    summary: 'Read a delivery with its body',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(deliveryNames),
    reply: webhookDeliveryWithBody,
  }),
  attempts: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookDeliveries/:id/attempts',
    summary: 'List the attempts of a delivery, in order',
    tag,
    access: 'viewer',
    params: idParams,
    query: listQuery.pick({ limit: true, offset: true, noLimit: true, includeCount: true }),
    reply: listOf(webhookAttempt),
  }),
  attempt: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookDeliveries/:id/attempts/:n',
    summary: 'Read one attempt',
    tag,
    access: 'viewer',
    params: idParams.extend({ n: idText }),
    reply: webhookAttempt,
  }),
  redeliver: defineEndpoint({
    method: 'POST',
    path: '/v4/webhookDeliveries/:id/redeliver',
    summary: 'Ask for a delivery again',
    tag,
    access: 'author',
    params: idParams,
    body: redeliver,
    status: 200,
    reply: webhookDelivery,
    problems: [409, 410],
    // Sent as new it makes one.
    idempotent: true,
  }),
  cancel: defineEndpoint({
    method: 'POST',
    path: '/v4/webhookDeliveries/:id/cancel',
    summary: 'Cancel a delivery that waits or is being sent',
    tag,
    access: 'author',
    params: idParams,
    status: 200,
    reply: webhookDelivery,
    problems: [409],
    idempotent: false,
  }),
};
