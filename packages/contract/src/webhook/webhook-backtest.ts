// The backtest of a webhook task: what it would have done over the events that are stored.
import { z } from 'zod';
import { id, reference, time } from '../convention.ts';
import { flowForms, refuse, takeFlowIfGiven } from '../relation.ts';
import { definition, storedHeaders, storedSecrets } from './webhook-definition.ts';

export const webhookBacktest = z
  .object({
    id: id.describe('A saved task, which the other members change for this once.'),
    ...definition,
    ...flowForms,
    headers: storedHeaders,
    secrets: storedSecrets,
  })
  .partial()
  .extend({ days: z.int().min(1).max(90).default(30).describe('How far back is looked.') })
  .superRefine((body, context) => {
    if (body.id === undefined && body.flowId === undefined && body.flow === undefined)
      refuse(context, 'flowId', 'is needed, or the `id` of a saved task.');
  })
  .transform(takeFlowIfGiven);

const firing = z.object({
  jobGroup: reference.nullable(),
  event: z.string(),
  at: time,
  reason: z.string().describe('A sentence for people.'),
  bodyFault: z.string().nullable().describe('Why its body would not have been valid JSON.'),
});

export const webhookBacktestResult = z
  .object({
    days: z.int(),
    events: z.int().describe('Events that were looked at.'),
    truncated: z.boolean().describe('True where there were more: the newest were looked at.'),
    wouldFire: z.int(),
    firings: z.array(firing).describe('Newest first, at most 100.'),
    notFired: z.array(z.object({ reasonCode: z.string(), reason: z.string(), count: z.int() })),
    invalidBodies: z.int().describe('Firings whose bodies would not have been valid JSON.'),
    compared: z
      .object({ both: z.int(), onlyNow: z.int(), onlyThen: z.int() })
      .nullable()
      .describe('Against what the saved task really fired for; null for one that is not saved.'),
  })
  .meta({ id: 'WebhookBacktestResult' });
