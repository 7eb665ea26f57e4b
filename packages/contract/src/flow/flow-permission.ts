// Sharing: who may do what with a flow.
import { z } from 'zod';
import { id, idParams, idText, listOf, time } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { email } from '../person/person.ts';
import { refuse } from '../relation.ts';

export const flowRoles = ['owner', 'collaborator', 'readOnly'] as const;
export const flowRole = z
  .enum(flowRoles)
  .describe('owner deletes and shares, collaborator changes, readOnly reads and runs.');

export const flowPermission = z
  .looseObject({
    person: z.object({ id, name: z.string(), email: z.string() }),
    role: flowRole,
    createdAt: time.nullable().describe('Null for the owner.'),
  })
  .meta({ id: 'FlowPermission' });

const given = z
  .object({
    personId: id.optional().describe('The person; `email` does as well.'),
    email: email.optional().describe('The person; `personId` does as well.'),
    role: flowRole,
  })
  .superRefine((permission, context) => {
    if (permission.personId === undefined && permission.email === undefined)
      refuse(context, 'personId', 'is needed, or `email`: who the flow is shared with.');
  })
  .meta({ anyOf: [{ required: ['personId'] }, { required: ['email'] }] });

/** At most one new owner: the old one stays as a collaborator. */
export const flowPermissionsGiven = z
  .object({ data: z.array(given).min(1).max(100) })
  .superRefine(({ data }, context) => {
    if (data.filter(({ role }) => role === 'owner').length > 1)
      refuse(context, 'data', 'names more than one owner: a flow has one.');
  });

const candidate = z.object({ id, name: z.string(), email: z.string() });

const tag = 'Flows';
const permissionParams = z.object({ id: idText, personId: idText });

export const flowPermissionEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/permissions',
    summary: 'List who may do what with a flow, the owner first',
    tag,
    access: 'viewer',
    params: idParams,
    reply: listOf(flowPermission),
  }),
  candidates: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/permissions/candidates',
    summary: 'Find people to share a flow with: who has no role on it yet, at most 20',
    tag,
    access: 'author',
    params: idParams,
    query: z.object({
      filter: z
        .string()
        .max(500)
        .optional()
        .describe('Text to look for in name and email, in any letter case.'),
    }),
    reply: z.object({ data: z.array(candidate) }),
  }),
  give: defineEndpoint({
    method: 'POST',
    path: '/v4/flows/:id/permissions',
    summary: 'Share a flow, change a role, or give the flow to another owner',
    tag,
    access: 'author',
    params: idParams,
    body: flowPermissionsGiven,
    reply: listOf(flowPermission),
    problems: [409],
  }),
  take: defineEndpoint({
    method: 'DELETE',
    path: '/v4/flows/:id/permissions/:personId',
    summary: 'Take a flow from somebody, or leave it',
    tag,
    access: 'viewer',
    params: permissionParams,
    status: 204,
    reply: z.void(),
    problems: [409],
  }),
};
