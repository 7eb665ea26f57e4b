// Flows.
import { z } from 'zod';
import { countReply, id, idParams, listOf, listQuery, stamp } from './convention.ts';
import { defineEndpoint } from './endpoint.ts';

export const flow = z
  .looseObject({
    id,
    name: z.string(),
    description: z.string().nullable(),
    ...stamp,
  })
  .meta({ id: 'Flow' });

export const flowCreate = z.object({
  name: z.string().trim().min(1).max(255),
  description: z.string().max(10_000).nullish(),
});
export const flowChange = flowCreate.partial();

const tag = 'Flows';
const flowListQuery = listQuery.extend({
  flowsFilter: z.enum(['all', 'shared', 'owned']).optional(),
  flowFilter: z.enum(['all', 'shared', 'owned']).optional(),
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
    tag,
    access: 'author',
    body: flowCreate,
    reply: flow,
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id',
    summary: 'Read a flow',
    tag,
    access: 'viewer',
    params: idParams,
    query: listQuery.pick({ embed: true, fields: true, includeDeleted: true }),
    reply: flow,
  }),
};
