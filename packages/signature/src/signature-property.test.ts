// What must hold for every secret, body and header text.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  findSecretFault,
  importKey,
  type ReceivedRequest,
  sign,
  VERIFY_FAILURES,
  verify,
  verifyStandard,
} from './signature.ts';

const url = 'https://receiver.example.com/hooks/1?job=42';
const secrets = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc
    .uint8Array({ minLength: 1, maxLength: 80 })
    .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`),
);
const usable = secrets.filter((secret) => findSecretFault(secret) === null);
const methods = fc.constantFrom('post', 'put', 'patch', 'get', 'delete', 'POST', 'GET');
const bodies = fc.uint8Array({ maxLength: 300 });
const times = fc.integer({ min: 0, max: 4_000_000_000_000 });
const ids = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const signed = fc.record({ secret: usable, method: methods, body: bodies, time: times, deliveryId: ids });
type Signed = typeof signed extends fc.Arbitrary<infer T> ? T : never;

async function send({ secret, method, body, time, deliveryId }: Signed): Promise<ReceivedRequest> {
  const headers = await sign(await importKey(secret), { method, url, body }, { deliveryId, time });
  return { method, url, body, headers: { ...headers } };
}

async function verifyBoth(secret: string, request: ReceivedRequest, now: number): Promise<string[]> {
  const verdicts = await Promise.all([
    verify(secret, request, { now }),
    verifyStandard(secret, request, { now }),
  ]);
  return verdicts.map((verdict) => (verdict.ok ? 'ok' : verdict.reason));
}

const isByUrl = (method: string) => ['get', 'delete'].includes(method.toLowerCase());

function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const index = at % flipped.length;
  flipped[index] = (flipped[index] ?? 0) ^ (1 << bit);
  return flipped;
}

const places = fc.record({ at: fc.nat(), bit: fc.nat({ max: 7 }) });

describe('properties', () => {
  it('what was signed is verified', async () => {
    await fc.assert(
      fc.asyncProperty(signed, async (each) => {
        assert.deepEqual(await verifyBoth(each.secret, await send(each), each.time), ['ok', 'ok']);
      }),
    );
  });

  it('a flipped bit of the body is noticed', async () => {
    const withBody = signed.filter(({ body, method }) => body.length > 0 && !isByUrl(method));
    await fc.assert(
      fc.asyncProperty(withBody, places, async (each, { at, bit }) => {
        const request = { ...(await send(each)), body: flip(each.body, at, bit) };
        assert.deepEqual(await verifyBoth(each.secret, request, each.time), ['mismatch', 'mismatch']);
      }),
    );
  });

  it('a flipped bit of the secret is noticed', async () => {
    const ascii = fc.stringMatching(/^[ -~]{1,80}$/).filter((secret) => !secret.startsWith('whsec_'));
    await fc.assert(
      fc.asyncProperty(signed, ascii, places, async (each, secret, { at, bit }) => {
        const other = Buffer.from(flip(Buffer.from(secret), at, bit % 7)).toString();
        fc.pre(findSecretFault(other) === null);
        // HMAC fills a short key with zeros: a secret and the same with NULs after it are one key.
        fc.pre(other.replace(/\0+$/, '') !== secret);
        const request = await send({ ...each, secret });
        assert.deepEqual(await verifyBoth(other, request, each.time), ['mismatch', 'mismatch']);
      }),
    );
  });

  it('a changed timestamp is noticed', async () => {
    await fc.assert(
      fc.asyncProperty(signed, fc.integer({ min: 1, max: 200 }), async (each, seconds) => {
        const request = await send(each);
        const headers = { ...(request.headers as Record<string, string>) };
        headers['X-Webhook-Signature'] = `${headers['X-Webhook-Signature']}`.replace(
          `t=${each.time},`,
          `t=${each.time + seconds},`,
        );
        headers['webhook-timestamp'] = String(Number(headers['webhook-timestamp']) + seconds);
        const changed = { ...request, headers };
        assert.deepEqual(await verifyBoth(each.secret, changed, each.time), ['mismatch', 'mismatch']);
      }),
    );
  });

  it('any other signature is refused', async () => {
    const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(signed, digest, async (each, bytes) => {
        const request = await send(each);
        const forged = Buffer.from(bytes);
        const headers = {
          ...(request.headers as Record<string, string>),
          'X-Webhook-Signature': `t=${each.time},sha256=${forged.toString('hex')}`,
          'webhook-signature': `v1,${forged.toString('base64')}`,
        };
        const told = await verifyBoth(each.secret, { ...request, headers }, each.time);
        assert.deepEqual(told, ['mismatch', 'mismatch']);
      }),
    );
  });

  it('any header text gets an answer from the closed list', async () => {
    const nearly = fc
      .array(fc.constantFrom('t=', 'sha256=', ',', ' ', 'v1,', '1', 'a', '=', '.', '\0', 'é', '0'.repeat(64)))
      .map((parts) => parts.join(''));
    const text = fc.oneof(fc.string({ unit: 'binary' }), nearly);
    const header = fc.option(text, { nil: undefined });
    await fc.assert(
      fc.asyncProperty(header, header, header, header, methods, async (own, id, time, standard, method) => {
        const headers = {
          'x-webhook-signature': own,
          'webhook-id': id,
          'webhook-timestamp': time,
          'webhook-signature': standard,
        };
        for (const word of await verifyBoth('mySecret', { method, url, body: 'test', headers }, 0)) {
          assert.ok(word in VERIFY_FAILURES, word);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
