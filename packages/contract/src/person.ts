// People: accounts, their roles and passwords.
import { z } from 'zod';
import { countReply, id, idParams, listOf, listQuery, name, objectQuery, stamp } from './convention.ts';
import { defineEndpoint } from './endpoint.ts';

export const roles = ['administrator', 'author', 'viewer'] as const;
export const email = z.email().max(254).describe('In any letter case; kept in lower case.').toLowerCase();
export const newPassword = z.string().min(8).max(1000).describe('At least 8 characters.');

export const person = z
  .looseObject({
    id,
    email: z.string(),
    name: z.string(),
    role: z.enum(roles),
    isAdmin: z.boolean().describe('True for administrators, as clients of the original API read it.'),
    ...stamp,
  })
  .meta({ id: 'Person' });

export const personCreate = z.object({
  email,
  name,
  role: z.enum(roles).default('author'),
  password: newPassword
    .optional()
    .describe('Without one the person cannot sign in until an administrator sets it.'),
});

export const personChange = z.object({
  email: email.optional(),
  name: name.optional(),
  role: z.enum(roles).optional(),
});

export const ownPasswordChange = z.object({ currentPassword: z.string().min(1).max(1000), newPassword });
export const passwordReset = z.object({ newPassword });

const tag = 'People and tokens';

export const personEndpoints = {
  current: defineEndpoint({
    method: 'GET',
    path: '/v4/people/current',
    summary: 'Read the person who calls',
    tag,
    access: 'viewer',
    query: objectQuery,
    reply: person,
  }),
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/people',
    summary: 'List people',
    tag,
    access: 'administrator',
    query: listQuery,
    reply: listOf(person),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/people/count',
    summary: 'Count people',
    tag,
    access: 'administrator',
    query: listQuery,
    reply: countReply,
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/people',
    summary: 'Make an account',
    tag,
    access: 'administrator',
    body: personCreate,
    reply: person,
    problems: [409],
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/people/:id',
    summary: 'Read a person',
    tag,
    access: 'administrator',
    params: idParams,
    query: objectQuery,
    reply: person,
  }),
  change: defineEndpoint({
    method: 'PATCH',
    path: '/v4/people/:id',
    summary: 'Change name, email or role of a person',
    tag,
    access: 'administrator',
    params: idParams,
    body: personChange,
    reply: person,
    problems: [409],
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/people/:id',
    summary: 'Remove an account',
    tag,
    access: 'administrator',
    params: idParams,
    status: 204,
    reply: z.void(),
    problems: [409],
  }),
  changeOwnPassword: defineEndpoint({
    method: 'PUT',
    path: '/v4/people/current/password',
    summary: 'Change the own password; other sessions end',
    tag,
    access: 'viewer',
    body: ownPasswordChange,
    status: 204,
    reply: z.void(),
  }),
  resetPassword: defineEndpoint({
    method: 'PUT',
    path: '/v4/people/:id/password',
    summary: "Reset another person's password; their sessions end",
    tag,
    access: 'administrator',
    params: idParams,
    body: passwordReset,
    status: 204,
    reply: z.void(),
  }),
};
