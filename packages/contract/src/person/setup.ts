// The one-time set-up: the first administrator of a new server.
import { z } from 'zod';
import { name } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { entryHeads } from './entry.ts';
import { email, newPassword } from './person.ts';
import { session } from './session.ts';

export const setupState = z
  .object({ needed: z.boolean().describe('True until the first administrator is made.') })
  .meta({ id: 'SetupState' });

export const setupCreate = z.object({
  token: z.string().min(1).max(200).describe('From the link that the server printed at its first start.'),
  email,
  name,
  password: newPassword,
});

const tag = 'People and tokens';

export const setupEndpoints = {
  get: defineEndpoint({
    ...entryHeads.readSetup,
    summary: 'Read whether the set-up is still to be done',
    tag,
    reply: setupState,
  }),
  create: defineEndpoint({
    ...entryHeads.setUp,
    summary: 'Make the first administrator and sign in',
    tag,
    body: setupCreate,
    reply: session,
    problems: [403, 409],
  }),
};
