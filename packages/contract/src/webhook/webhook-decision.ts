// Decisions: whether a webhook task fired for something that happened, and why; also for what no job was about.
import { z } from 'zod';
import { flag, id, idText, listOf, listQuery, reference, time } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';

export const webhookDecision = z
  .looseObject({
    eventId: id.describe('One event has one decision for each task that its flow had then.'),
    event: z.string().describe('The kind of the event, as X-Webhook-Event says it.'),
    at: time.describe('When it happened.'),
    webhookFlowTask: z.looseObject({ id, name: z.string() }),
    flow: reference,
    jobGroup: reference.nullable().describe('Null where the event is not about a job.'),
    flowRun: reference.nullable(),
    fired: z.boolean(),
    reason: z.string().describe('Why, or why not, as a sentence.'),
    webhookDelivery: reference.nullable().describe('What is owed for it; null where it did not fire.'),
  })
  .meta({ id: 'WebhookDecision' });

const query = listQuery.pick({ limit: true, noLimit: true, includeCount: true }).extend({
  webhookFlowTaskId: idText.optional().describe('Decisions of this task.'),
  flowId: idText.optional().describe('Of the tasks of this flow.'),
  jobGroupId: idText.optional().describe('About this job.'),
  flowRunId: idText.optional().describe('About the end of this flow run.'),
  event: z.string().max(100).optional().describe('Of this kind of event, as output.overdue.'),
  fired: flag.optional(),
  withoutJob: flag.optional().describe('True: only what no job was about, as overdue outputs and flow runs.'),
  after: idText.optional().describe('Cursor: events with an id below this one, newest first.'),
  from: time.optional().describe('Happened at this time or later.'),
  to: time.optional().describe('Happened before this time.'),
});

export const webhookDecisionEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookDecisions',
    summary: 'List what webhook tasks decided, newest first',
    tag: 'Webhook deliveries',
    access: 'viewer',
    query,
    reply: listOf(webhookDecision),
  }),
};
