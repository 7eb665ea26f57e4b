// Server-sent events: what changed, for what the caller may see.
import { z } from 'zod';
import { id, idText } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';

/** The `data` of one event, as JSON; its `event` is `change` or `reset`, its `id` resumes after it. */
export const changeEvent = z
  .looseObject({
    kind: z
      .enum(['flow', 'dataset', 'recipe', 'output', 'webhookTask', 'job', 'flowRun', 'schedule', 'delivery'])
      .describe('What changed.'),
    id,
    flowId: id.nullable(),
  })
  .meta({ id: 'ChangeEvent', description: 'Says only that an object changed: read it again.' });

export const eventStreamEndpoints = {
  open: defineEndpoint({
    method: 'GET',
    path: '/v4/events',
    summary: 'Follow changes as server-sent events',
    tag: 'Events',
    access: 'viewer',
    query: z.object({
      flowId: idText.optional().describe('Only what belongs to this flow.'),
      lastEventId: z.string().max(100).optional().describe('As the header Last-Event-ID.'),
    }),
    headers: {
      'Last-Event-ID': 'Resumes after this event; an id that is too old or unknown is answered by `reset`.',
    },
    replyType: 'text/event-stream',
    reply: changeEvent,
  }),
};
