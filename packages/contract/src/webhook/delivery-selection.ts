// Many deliveries at once: asking for a selection of them again, and exporting what a list shows.
import { z } from 'zod';
import { id } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { deliveryListQuery, deliveryStates } from './webhook-delivery.ts';

const tag = 'Webhook deliveries';

export const deliverySelectionEndpoints = {
  redeliver: defineEndpoint({
    method: 'POST',
    path: '/v4/webhookDeliveries/redeliver',
    summary: 'Ask for up to 100 deliveries again; each is answered for itself, in the order given',
    tag,
    access: 'author',
    body: z.object({
      ids: z.array(id).min(1).max(100).describe('Give more in further calls: each call ends within seconds.'),
      asNew: z.boolean().default(false).describe('True makes new deliveries with new ids.'),
    }),
    status: 200,
    reply: z.object({
      data: z.array(
        z.object({
          id,
          done: z.boolean(),
          delivery: z
            .object({ id, state: z.enum(deliveryStates) })
            .nullable()
            .describe('The delivery that will be sent: a new one where asNew was true.'),
          problem: z
            .object({ code: z.string(), detail: z.string() })
            .nullable()
            .describe('Why it was not done.'),
        }),
      ),
    }),
    idempotent: false,
  }),
  export: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookDeliveries/export',
    summary: 'Download the deliveries that a list shows, all pages of it, as CSV',
    tag,
    access: 'viewer',
    query: deliveryListQuery,
    replyType: 'text/csv; charset=utf-8',
    reply: z.string(),
  }),
};
