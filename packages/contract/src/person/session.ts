// Sign-in of a browser: the cookie is set and cleared by these routes.
import { z } from 'zod';
import { time } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { entryHeads } from './entry.ts';
import { person } from './person.ts';

export const session = z
  .object({
    person,
    via: z.enum(['session', 'token', 'basic']).describe('How this request was signed in.'),
    expiresAt: time.nullable().describe('When the session ends; null where there is none.'),
  })
  .meta({ id: 'Session' });

export const sessionCreate = z.object({
  email: z.string().trim().min(1).max(254),
  password: z.string().min(1).max(1000),
});

const tag = 'People and tokens';

export const sessionEndpoints = {
  create: defineEndpoint({
    ...entryHeads.signIn,
    summary: 'Sign in',
    tag,
    body: sessionCreate,
    reply: session,
    problems: [401],
  }),
  get: defineEndpoint({
    ...entryHeads.readSession,
    summary: 'Read who is signed in',
    tag,
    reply: session,
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/sessions/current',
    summary: 'Sign out',
    tag,
    access: 'viewer',
    status: 204,
    reply: z.void(),
  }),
};
