// People: accounts, their roles and passwords.
import { z } from 'zod';
import {
  countReply,
  id,
  idParams,
  idText,
  listOf,
  listQueryOf,
  name,
  objectQueryOf,
  reference,
  stamp,
  time,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';

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

const named = z.object({ id, name: z.string() });

export const personRemoval = z
  .object({
    person: z.object({ id, name: z.string(), email: z.string() }),
    flows: z.array(named).describe('Flows of the person: they need a new owner.'),
    schedules: z
      .array(
        z.object({
          id,
          name: z.string().nullable(),
          flow: reference,
          enabled: z.boolean(),
          nextAt: time.nullable().describe('When it runs next; null while it is disabled.'),
        }),
      )
      .describe('Schedules of those flows: they go on for the new owner.'),
    importedDatasets: z.array(named).describe('Datasets of the person: they need a new owner.'),
    sharedFlows: z.array(named).describe("Others' flows that the person can see until then."),
    apiAccessTokens: z
      .array(z.object({ tokenId: z.string(), description: z.string() }))
      .describe('Access tokens that end.'),
    sessionCount: z.int().describe('Sessions that end.'),
    runningJobGroups: z.array(reference).describe('Jobs that the person launched: they go on.'),
  })
  .meta({ id: 'PersonRemoval' });

export const personNames = {
  sort: ['id', 'name', 'email', 'role', 'createdAt', 'updatedAt'],
  filter: ['name', 'email'],
  embed: [],
} as const;
const tag = 'People and tokens';

export const personEndpoints = {
  current: defineEndpoint({
    method: 'GET',
    path: '/v4/people/current',
    summary: 'Read the person who calls',
    tag,
    access: 'viewer',
    query: objectQueryOf(personNames),
    reply: person,
  }),
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/people',
    summary: 'List people',
    tag,
    access: 'administrator',
    query: listQueryOf(personNames),
    reply: listOf(person),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/people/count',
    summary: 'Count people',
    tag,
    access: 'administrator',
    query: listQueryOf(personNames),
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
    query: objectQueryOf(personNames),
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
  removal: defineEndpoint({
    method: 'GET',
    path: '/v4/people/:id/removal',
    summary: 'Read what would end, and what needs a new owner, if the person were removed',
    tag,
    access: 'administrator',
    params: idParams,
    reply: personRemoval,
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/people/:id',
    summary: 'Remove an account; what the person owns goes to `transferTo`',
    tag,
    access: 'administrator',
    params: idParams,
    query: z.object({
      transferTo: idText.optional().describe('Who gets flows and datasets; needed where there are any.'),
    }),
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
