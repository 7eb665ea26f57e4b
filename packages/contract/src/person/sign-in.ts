// The ways to sign in, and the two steps of single sign-on by OpenID Connect that a browser is sent through.
import { z } from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { entryHeads } from './entry.ts';

/** Why a single sign-on did not end in a session; the sign-in page has the sentence for each. */
export const signInProblems = [
  'not_configured',
  'provider_unreachable',
  'provider_refused',
  'answer_invalid',
  'expired',
  'email_missing',
  'email_not_verified',
  'other_subject',
  'administrator_by_address',
  'domain_refused',
  'no_account',
] as const;
export type SignInProblem = (typeof signInProblems)[number];

export const signInWays = z
  .object({
    passwords: z.enum(['all', 'administrators']).describe('Who may sign in by email and password.'),
    singleSignOn: z
      .object({ name: z.string().describe('What the provider is called on the sign-in page.') })
      .nullable()
      .describe('Null where no provider is configured.'),
  })
  .meta({ id: 'SignInWays' });

const returnTo = z
  .string()
  .max(2000)
  .optional()
  .describe('The page to go to afterwards: a path of this server. Any other value means the start page.');

const tag = 'People and tokens';

export const signInEndpoints = {
  ways: defineEndpoint({
    ...entryHeads.readWays,
    summary: 'Read the ways to sign in',
    tag,
    reply: signInWays,
  }),
  begin: defineEndpoint({
    ...entryHeads.singleSignOn,
    summary: 'Send the browser to the OpenID Connect provider',
    tag,
    query: z.object({ returnTo }),
    reply: z.void(),
  }),
  complete: defineEndpoint({
    method: 'GET',
    path: '/v4/signIn/singleSignOn/callback',
    summary: 'Take the provider’s answer, open a session and send the browser on',
    tag,
    access: 'open',
    // The library judges what the provider adds; what is not known is none of our business.
    query: z.looseObject({}),
    status: 302,
    reply: z.void(),
  }),
};
