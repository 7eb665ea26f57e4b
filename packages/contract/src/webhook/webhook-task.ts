// Webhook tasks: what a flow calls when a job ends; with the test, the preview and the references.
import { z } from 'zod';
import {
  countReply,
  id,
  idParams,
  idText,
  listOf,
  listQueryOf,
  objectQueryOf,
  reference,
  stamp,
  time,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { egressLook } from './exchange.ts';
import { webhookBacktest, webhookBacktestResult } from './webhook-backtest.ts';
import { fieldShape, filledShape } from './task-field.ts';
import {
  definition,
  missingSecrets,
  newHeaders,
  newSecrets,
  storedHeaders,
  storedSecrets,
} from './webhook-definition.ts';
import { webhookPreviewResult, webhookReference, webhookTestResult } from './webhook-try.ts';
import { flowIsGiven, flowForms, refuse, takeFlow, takeFlowIfGiven } from '../relation.ts';

export const webhookTask = z
  .looseObject({
    id,
    flow: reference,
    ...fieldShape,
    url: z.string().describe('Path and query are masked where `urlSecret` is true.'),
    flowNodeIds: z.array(id).describe('Recipes whose output is watched.'),
    kind: z.enum(['request', 'runJob']).describe('runJob: runs another job instead of sending a request.'),
    runWrangledDataset: reference
      .nullable()
      .describe(
        'The recipe whose ad hoc output a runJob task runs; embedded with its name and flow, where the caller may see that.',
      ),
    headers: z
      .record(z.string(), z.string().nullable())
      .describe('Values of secret headers are null; to viewers of the flow all are.'),
    secretKeySet: z.boolean(),
    earlierSecretKeyUntil: time
      .nullable()
      .describe('Until then the previous key signs too; null while no key is being replaced.'),
    secretNames: z.array(z.string()).describe('Names that `$secret.name` can use.'),
    missingSecrets: z.array(z.string()).describe('Fields that came in a package without values.'),
    disabledReason: z.string().nullable(),
    warnings: z.array(z.string()).optional().describe('Only after a save: what works but looks wrong.'),
    ...stamp,
  })
  .meta({ id: 'WebhookTask' });

/** Parsed: all members but `url`, `method`, `secretKey` are there, the flow as `flowId`. */
export const webhookTaskCreate = z
  .object({
    ...definition,
    ...filledShape,
    ...flowForms,
    url: definition.url.optional(),
    method: definition.method.optional(),
    flowNodeIds: definition.flowNodeIds.default([]),
    headers: newHeaders.default({}),
    secrets: newSecrets.default({}),
    missingSecrets: missingSecrets.default([]),
  })
  .superRefine(refuseEmptyChoice)
  .superRefine((body, context) => {
    if (body.runWrangledDataset) return;
    if (body.url === undefined && !body.missingSecrets.includes('url'))
      refuse(context, 'url', 'is needed, or the recipe to run in `runWrangledDataset`.');
    if (body.method === undefined) refuse(context, 'method', 'is needed.');
  })
  .meta(flowIsGiven)
  .transform(takeFlow);

/** Parsed: what is undefined stays. A `flowId` can only be the task's own. */
export const webhookTaskChange = z
  .object({
    ...definition,
    ...flowForms,
    headers: storedHeaders,
    secrets: storedSecrets,
    missingSecrets,
    secretKeyOverlapSeconds: z
      .int()
      .min(0)
      .max(30 * 86_400)
      .describe('With a new secretKey: for so long the current key signs too, at most 30 days.'),
  })
  .partial()
  .superRefine(refuseEmptyChoice)
  .transform(takeFlowIfGiven);

/** A whole definition, or `{id}` of a saved task with changes; `url` and `method` are needed without an id. */
const tried = z
  .object({
    id: id.optional().describe('A saved task, which the other members change for this once.'),
    ...definition,
    ...flowForms,
    headers: storedHeaders,
    secrets: storedSecrets,
    jobGroupId: id.describe('A job whose facts are used; sample facts unless given.'),
  })
  .partial()
  .superRefine((body, context) => {
    if (body.id !== undefined) return;
    if (body.url === undefined) refuse(context, 'url', 'is needed, or the `id` of a saved task.');
    if (body.method === undefined) refuse(context, 'method', 'is needed, or the `id` of a saved task.');
  })
  .meta({ anyOf: [{ required: ['id'] }, { required: ['url', 'method'] }] })
  .transform(takeFlowIfGiven);
export const webhookTest = tried;
export const webhookPreview = tried;

type Choice = { triggerObject?: string | undefined; flowNodeIds?: readonly number[] | undefined };

function refuseEmptyChoice(body: Choice, context: z.core.$RefinementCtx): void {
  if (body.triggerObject === 'some' && body.flowNodeIds?.length === 0) {
    refuse(context, 'flowNodeIds', 'needs at least one recipe where triggerObject is some.');
  }
}

/** Recipes that are run by webhook tasks when jobs of others end, as a graph; tasks of both ways. */
export const flowChain = z
  .object({
    wrangledDatasets: z
      .array(z.looseObject({ id, name: z.string(), flow: z.looseObject({ id, name: z.string() }) }))
      .describe('Recipes that stand in a link, of this flow and of others that the caller may see.'),
    links: z.array(
      z.object({
        source: id
          .nullable()
          .describe('The recipe whose job is waited for; null where no job is: a deadline, or a flow run.'),
        target: id.describe('The recipe that is run.'),
        webhookFlowTask: z.looseObject({ id, name: z.string(), flow: reference, enabled: z.boolean() }),
      }),
    ),
  })
  .meta({ id: 'FlowChain' });

export const taskNames = {
  sort: ['id', 'name', 'createdAt', 'updatedAt'],
  filter: ['name', 'url'],
  embed: ['flow', 'creator', 'runWrangledDataset'],
} as const;
const tag = 'Webhook tasks';
const taskListQuery = listQueryOf(taskNames).extend({
  flowId: idText.optional().describe('Tasks of this flow.'),
});

export const webhookTaskEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookFlowTasks',
    summary: 'List webhook tasks',
    tag,
    access: 'viewer',
    query: taskListQuery,
    reply: listOf(webhookTask),
  }),
  listOfFlow: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/webhookFlowTasks',
    summary: 'List the webhook tasks of a flow',
    tag,
    access: 'viewer',
    params: idParams,
    query: listQueryOf(taskNames),
    reply: listOf(webhookTask),
  }),
  chainOfFlow: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/chain',
    summary: 'Read which recipes webhook tasks run after which, from a flow and to it',
    tag,
    access: 'viewer',
    params: idParams,
    reply: flowChain,
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookFlowTasks/count',
    summary: 'Count webhook tasks',
    tag,
    access: 'viewer',
    query: taskListQuery,
    reply: countReply,
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/webhookFlowTasks',
    summary: 'Make a webhook task',
    versionOf: 'task',
    tag,
    access: 'author',
    body: webhookTaskCreate,
    reply: webhookTask,
    problems: [404, 409],
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/webhookFlowTasks/:id',
    summary: 'Read a webhook task',
    versionOf: 'task',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(taskNames),
    reply: webhookTask,
  }),
  change: defineEndpoint({
    method: 'PATCH',
    path: '/v4/webhookFlowTasks/:id',
    summary: 'Change a webhook task',
    versionOf: 'task',
    tag,
    access: 'author',
    params: idParams,
    body: webhookTaskChange,
    reply: webhookTask,
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/webhookFlowTasks/:id',
    summary: 'Delete a webhook task; what waits for it is canceled',
    versionOf: 'task',
    tag,
    access: 'author',
    params: idParams,
    reply: webhookTask,
  }),
  test: defineEndpoint({
    method: 'POST',
    path: '/v4/webhooks/test',
    summary: 'Send one real request, before or after saving',
    tag,
    access: 'author',
    body: webhookTest,
    status: 200,
    reply: webhookTestResult,
    problems: [404],
    idempotent: false,
  }),
  preview: defineEndpoint({
    method: 'POST',
    path: '/v4/webhooks/preview',
    summary: 'Fill in the references without sending anything',
    tag,
    access: 'author',
    readOnly: true,
    body: webhookPreview,
    status: 200,
    reply: webhookPreviewResult,
    problems: [404],
    idempotent: false,
  }),
  backtest: defineEndpoint({
    method: 'POST',
    path: '/v4/webhooks/backtest',
    summary: 'Find out how often a task would have fired over the events that are stored',
    tag,
    access: 'author',
    readOnly: true,
    body: webhookBacktest,
    status: 200,
    reply: webhookBacktestResult,
    problems: [404],
    idempotent: false,
  }),
  references: defineEndpoint({
    method: 'GET',
    path: '/v4/webhooks/references',
    summary: 'List the references that a body, header or URL can hold',
    tag,
    access: 'viewer',
    reply: listOf(webhookReference),
  }),
  egress: defineEndpoint({
    method: 'GET',
    path: '/v4/webhooks/egress',
    summary: "Read the egress policy's decision for a URL",
    tag,
    access: 'author',
    query: z.object({ url: z.string().min(1).max(8192) }),
    reply: egressLook,
  }),
};
