// Flows: what belongs together, its graph, and what goes when it is deleted.
import { z } from 'zod';
import {
  countReply,
  description,
  id,
  idParams,
  listOf,
  listQueryOf,
  name,
  objectQueryOf,
  reference,
  stamp,
  time,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { flowRole } from './flow-permission.ts';
import { jobStatus } from '../job/job-group.ts';
import { stoppedTasks } from '../relation.ts';

export const flow = z
  .looseObject({
    id,
    name: z.string(),
    description: z.string().nullable(),
    callerRole: flowRole.describe(
      "The caller's own role on the flow; administrators act as owners. The workspace role may forbid more.",
    ),
    lastJobGroup: z
      .looseObject({ id, status: jobStatus, createdAt: time, finishedAt: time.nullable() })
      .nullable()
      .optional()
      .describe('Only where it is embedded: the newest job.'),
    ...stamp,
  })
  .meta({ id: 'Flow' });

export const flowCreate = z.object({ name, description });
export const flowChange = flowCreate.partial();

/** A dataset or a recipe in a flow. Recipes have the same id here as under /v4/wrangledDatasets. */
export const flowNode = z
  .looseObject({
    id,
    name: z.string(),
    wrangled: z.boolean().describe('True for recipes, false for datasets.'),
    flow: reference,
    recipe: reference.nullable(),
    importedDataset: reference.nullable(),
    withheld: z
      .string()
      .nullable()
      .describe('Why the flow may not read this dataset, and what to do; null where it may.'),
  })
  .meta({ id: 'FlowNode' });

export const flowEdge = z
  .object({
    inputFlowNode: reference.describe('What is read.'),
    outputFlowNode: reference.describe('The recipe that reads it.'),
    primary: z.boolean().describe('True for the input that a recipe without SQL passes on.'),
  })
  .meta({ id: 'FlowEdge' });

export const flowOutput = z
  .looseObject({ id, flowNode: reference, isAdhoc: z.boolean(), engine: z.string(), profiler: z.boolean() })
  .meta({ id: 'FlowOutput' });

export const flowGraph = z
  .object({
    data: z.array(flowNode).describe('Datasets and recipes.'),
    edges: z.array(flowEdge),
    outputObjects: z.array(flowOutput),
  })
  .meta({ id: 'FlowGraph' });

const named = z.object({ id, name: z.string() });

export const flowDeletion = z
  .object({
    flow: named,
    wrangledDatasets: z.array(named).describe('Recipes that are deleted with it.'),
    schedules: z.array(reference),
    outputObjects: z.array(reference).describe('Outputs that are deleted with it.'),
    webhookFlowTasks: z.array(named).describe('Webhook tasks that are deleted with it.'),
    runningJobGroups: z.array(reference).describe('Jobs that are canceled.'),
    waitingDeliveryCount: z.int().describe('Deliveries that are canceled.'),
    jobGroupCount: z.int().describe('Jobs whose history stays readable.'),
    importedDatasets: z.array(named).describe('Datasets that stay.'),
    ...stoppedTasks,
  })
  .meta({ id: 'FlowDeletion' });

export const flowNames = {
  sort: ['id', 'name', 'createdAt', 'updatedAt'],
  filter: ['name', 'description'],
  embed: ['flownodes', 'webhookFlowTasks', 'creator', 'owner', 'lastJobGroup'],
} as const;
const tag = 'Flows';
const flowListQuery = listQueryOf(flowNames).extend({
  flowsFilter: z.enum(['all', 'shared', 'owned']).optional().describe('Whose flows; all unless given.'),
  flowFilter: z.enum(['all', 'shared', 'owned']).optional().describe('The same as flowsFilter.'),
});

export const flowEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/flows',
    summary: 'List flows',
    tag,
    access: 'viewer',
    query: flowListQuery,
    reply: listOf(flow),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/count',
    summary: 'Count flows',
    tag,
    access: 'viewer',
    query: flowListQuery,
    reply: countReply,
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/flows',
    summary: 'Make a flow',
    versionOf: 'flow',
    tag,
    access: 'author',
    body: flowCreate,
    reply: flow,
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id',
    summary: 'Read a flow',
    versionOf: 'flow',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(flowNames),
    reply: flow,
  }),
  change: defineEndpoint({
    method: 'PATCH',
    path: '/v4/flows/:id',
    summary: 'Change a flow',
    versionOf: 'flow',
    tag,
    access: 'author',
    params: idParams,
    body: flowChange,
    reply: flow,
  }),
  replace: defineEndpoint({
    method: 'PUT',
    path: '/v4/flows/:id',
    summary: 'Replace name and description of a flow',
    versionOf: 'flow',
    tag,
    access: 'author',
    params: idParams,
    body: flowCreate,
    reply: flow,
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/flows/:id',
    summary: 'Delete a flow; its jobs are canceled, datasets stay',
    versionOf: 'flow',
    tag,
    access: 'author',
    params: idParams,
    status: 204,
    reply: z.void(),
  }),
  deletion: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/deletion',
    summary: 'Read what would go if the flow were deleted',
    tag,
    access: 'viewer',
    params: idParams,
    reply: flowDeletion,
  }),
  flowNodes: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/flowNodes',
    summary: 'Read the graph of a flow',
    tag,
    access: 'viewer',
    params: idParams,
    reply: flowGraph,
  }),
};
