// Access tokens: what a program signs in with; the value is shown once.
import { z } from 'zod';
import { id, listOf, listQueryOf, time } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';

const DAY = 24 * 60 * 60;
const longestLifetime = 3650 * DAY;

export const accessToken = z
  .object({
    tokenId: z.string(),
    description: z.string(),
    expiredAt: time.nullable().describe('When it expires; null means never.'),
    lastUsed: time.nullable(),
    createdAt: time,
    readOnly: z.boolean().describe('True where it changes nothing.'),
    flowIds: z.array(id).nullable().describe('The only flows it sees; null means all that its person sees.'),
  })
  .meta({ id: 'AccessToken' });

export const accessTokenCreated = z
  .object({ tokenValue: z.string().describe('Shown this once.'), tokenInfo: accessToken })
  .meta({ id: 'AccessTokenCreated' });

export const accessTokenCreate = z.object({
  lifetimeSeconds: z
    .int()
    .max(longestLifetime)
    .refine((seconds) => seconds === -1 || seconds > 0, {
      message: `must be -1 (no expiry) or a number of seconds from 1 to ${longestLifetime}.`,
    })
    .default(90 * DAY)
    .describe('-1 means no expiry; 90 days unless given.'),
  description: z.string().max(1000).default(''),
  readOnly: z.boolean().default(false),
  flowIds: z.array(id).min(1).max(1000).nullish().describe('Narrows the token to these flows.'),
});

export const tokenNames = {
  sort: ['id', 'description', 'createdAt', 'expiredAt', 'lastUsed'],
  filter: ['description'],
  embed: [],
} as const;
const tag = 'People and tokens';
const tokenParams = z.object({ tokenId: z.string().min(1).max(100) });

export const accessTokenEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/apiAccessTokens',
    summary: 'List your access tokens',
    tag,
    access: 'viewer',
    query: listQueryOf(tokenNames),
    reply: listOf(accessToken),
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/apiAccessTokens',
    summary: 'Make an access token',
    tag,
    access: 'viewer',
    body: accessTokenCreate,
    reply: accessTokenCreated,
    idempotent: false,
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/apiAccessTokens/:tokenId',
    summary: 'Read an own access token',
    tag,
    access: 'viewer',
    params: tokenParams,
    reply: accessToken,
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/apiAccessTokens/:tokenId',
    summary: 'Revoke an own access token',
    tag,
    access: 'viewer',
    params: tokenParams,
    status: 204,
    reply: z.void(),
  }),
};
