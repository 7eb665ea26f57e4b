// Statistics of deliveries and jobs: what Home, the Deliveries page and the small charts of webhook tasks show.
import { z } from 'zod';
import { id, idParams, idText, time } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';

/** What attempts came to, in one step of time or in the whole range. */
const attemptCounts = {
  delivered: z.int().describe('The receiver took it (200 to 299).'),
  retried: z.int().describe('It failed and another attempt follows.'),
  dead: z.int().describe('It failed and was the last one.'),
  blocked: z.int().describe('The egress policy refused the address.'),
  canceled: z.int().describe('It failed, and its delivery had been canceled.'),
};

export const attemptPoint = z
  .object({ at: time.describe('The beginning of the step.'), ...attemptCounts })
  .meta({ id: 'AttemptPoint' });

const openCount = z.int().describe('Exact up to `max`; `max` itself means so many or more.');

export const failingReceiver = z
  .object({
    host: z.string(),
    attempts: z.int(),
    failed: z.int(),
    failureRate: z.number().min(0).max(1),
    lastReason: z.string().describe('The reason of an outcome, or the status that was answered.'),
    lastFailedAt: time.describe('To the step that is kept: see `stepSeconds`.'),
    webhookFlowTasks: z.array(z.object({ id, name: z.string(), flow: z.object({ id }) })),
  })
  .meta({ id: 'FailingReceiver' });

export const statistics = z
  .object({
    from: time,
    to: time,
    stepSeconds: z.int().describe('May be longer than asked for: see the query.'),
    series: z.array(attemptPoint).describe('One point a step, the earliest first, empty steps too.'),
    attempts: z.object(attemptCounts).describe('Of the whole range.'),
    successRate: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('Delivered among those delivered, dead and blocked in the range; null where there are none.'),
    timeToReceive: z
      .object({ count: z.int(), p50Ms: z.number().nullable(), p95Ms: z.number().nullable() })
      .describe('From the event to the answer, to 5 %; without what was asked for again by hand.'),
    deliveries: z.object({
      max: z.int().describe('The number up to which these are counted.'),
      pending: openCount,
      held: openCount,
      heldForCrashes: openCount.describe('Of those: held because the server ended during their attempts.'),
      sending: openCount,
      dead: openCount.describe('Of those that ended in the range.'),
      canceled: openCount.describe('Of those that ended in the range.'),
    }),
    oldestPendingAt: time
      .nullable()
      .describe('When the delivery that waits longest was made; held ones too.'),
    failingReceivers: z.array(failingReceiver).describe('The ten with most failures in the range.'),
    jobs: z.object({ queued: openCount, running: openCount }),
  })
  .meta({ id: 'Statistics' });

export const flowWebhookStatistics = z
  .object({
    from: time,
    to: time,
    stepSeconds: z.int(),
    data: z.array(
      z.object({
        webhookFlowTask: z.object({ id, name: z.string() }),
        attempts: z.object(attemptCounts),
        series: z.array(attemptPoint),
      }),
    ),
  })
  .meta({ id: 'FlowWebhookStatistics' });

const range = {
  from: time.optional().describe('A day before `to` unless given; at most 32 days before it.'),
  to: time.optional().describe('Now unless given.'),
  stepSeconds: z.coerce
    .number()
    .int()
    .min(60)
    .max(2_678_400)
    .optional()
    .describe(
      'Length of a step, the shortest that is kept unless given: a minute for two hours, ten minutes for two days, an hour for 35 days. There are at most 1,500 steps.',
    ),
};

const tag = 'Statistics';

export const statisticsEndpoints = {
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/statistics',
    summary:
      'Read how deliveries and jobs are doing, of all flows that the caller sees or of one flow or task',
    tag,
    access: 'viewer',
    query: z.object({
      ...range,
      flowId: idText.optional().describe('Of this flow alone.'),
      webhookFlowTaskId: idText.optional().describe('Of this task alone.'),
    }),
    reply: statistics,
    problems: [404],
  }),
  flow: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/webhookStatistics',
    summary:
      'Read the attempts of each webhook task of a flow over time, seven days by six hours unless asked otherwise',
    tag,
    access: 'viewer',
    params: idParams,
    query: z.object(range),
    reply: flowWebhookStatistics,
  }),
};
