// One HTTP exchange with a receiver, as an attempt or a test shows it.
import { z } from 'zod';

/** Why an attempt has no usable answer; the closed list. */
export const outcomeReasons = [
  'dns',
  'connect',
  'tls',
  'timeout',
  'blocked',
  'redirect',
  'invalid',
  'too_large',
  'interrupted',
  'unusable',
] as const;

const milliseconds = z.number().nullable();

/** Milliseconds of each phase; null where it was not reached or not needed. */
export const timing = z
  .looseObject({
    dnsMs: milliseconds,
    connectMs: milliseconds,
    tlsMs: milliseconds,
    firstByteMs: milliseconds.describe('From the last byte sent to the first byte of the answer.'),
    totalMs: z.number(),
  })
  .meta({ id: 'Timing' });

const headers = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

export const sentRequest = z
  .looseObject({
    method: z.string(),
    url: z.string(),
    headers: headers.describe('Secrets are masked.'),
    body: z.string().nullable(),
  })
  .meta({ id: 'SentRequest' });

export const receivedResponse = z
  .looseObject({
    statusCode: z.int(),
    headers,
    body: z.string().nullable().describe('Cut at 16 KiB.'),
    truncated: z.boolean().describe('True where the body was cut.'),
  })
  .meta({ id: 'ReceivedResponse' });

export const egressDecision = z
  .looseObject({
    allowed: z.boolean(),
    rule: z.string().describe('The rule that decided.'),
    detail: z.string(),
    address: z.string().nullable().optional().describe('The address it was decided for.'),
  })
  .meta({ id: 'EgressDecision' });

/** What the policy says about a URL before anything is sent. */
export const egressLook = egressDecision
  .extend({
    addresses: z.array(egressDecision).describe('What it says about each address that the name has now.'),
    unresolved: z.string().nullable().describe('Why the name has none, as the resolver says it.'),
  })
  .meta({ id: 'EgressLook' });

/** What the signature was made over; null without a secret key. */
export const signature = z
  .looseObject({
    header: z.string().describe('The value of X-Webhook-Signature.'),
    signedText: z.string().describe('The text that was signed: `t.body` or `t.url`.'),
  })
  .meta({ id: 'Signature' });

/** What came of one request. */
export const exchangeMembers = {
  outcome: z.enum(['response', 'failure']),
  statusCode: z.int().nullable(),
  reason: z.enum(outcomeReasons).nullable(),
  detail: z.string().nullable(),
  address: z.string().nullable().describe('The address that was called.'),
  timing: timing.nullable(),
  request: sentRequest.nullable(),
  response: receivedResponse.nullable(),
  egress: egressDecision.nullable(),
};
