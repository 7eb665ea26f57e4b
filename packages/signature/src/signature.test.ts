// Both schemes against vectors that Python made, and what each refusal is for.

import assert from 'node:assert/strict';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  contentToSign,
  findSecretFault,
  type ImportHmac,
  importKey,
  type ReceivedRequest,
  sign,
  standardContentToSign,
  type Verdict,
  VERIFY_FAILURES,
  verify,
  type VerifyFailure,
  verifyStandard,
} from './signature.ts';

interface VectorCase {
  name: string;
  signedWith: string[];
  signedAt: number;
  secret: string;
  method: string;
  url: string;
  bodyBase64: string;
  headers: Record<string, string>;
  now: number;
  expect: { webhook: 'ok' | VerifyFailure; standard: 'ok' | VerifyFailure };
}

const vectorFile = new URL('../vectors.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(vectorFile, 'utf8')) as { cases: VectorCase[] };
const NOW = 1_568_818_215_724;
const url = 'https://receiver.example.com/hooks/1?job=42';

const requestOf = (vector: VectorCase): ReceivedRequest => ({
  ...vector,
  body: Buffer.from(vector.bodyBase64, 'base64'),
});
const wordOf = (verdict: Verdict) => (verdict.ok ? 'ok' : verdict.reason);

async function receive(method = 'post', body: string | Uint8Array = 'test'): Promise<ReceivedRequest> {
  const key = await importKey('mySecret');
  const headers = await sign(key, { method, url, body }, { deliveryId: 'dlv_1', time: NOW });
  return { method, url, body, headers: { ...headers } };
}

describe('vectors', () => {
  for (const vector of cases) {
    it(`verifies: ${vector.name}`, async () => {
      const request = requestOf(vector);
      const options = { now: vector.now };
      assert.equal(wordOf(await verify(vector.secret, request, options)), vector.expect.webhook);
      assert.equal(wordOf(await verifyStandard(vector.secret, request, options)), vector.expect.standard);
    });
  }

  const made = cases.filter((vector) => vector.expect.webhook === 'ok');
  for (const vector of made) {
    it(`signs: ${vector.name}`, async () => {
      const keys = await Promise.all(vector.signedWith.map(async (secret) => importKey(secret)));
      const deliveryId = vector.headers['webhook-id'] ?? '';
      const signed = await sign(keys, requestOf(vector), { deliveryId, time: vector.signedAt });
      assert.deepEqual({ ...signed }, vector.headers);
    });
  }

  it('has a case for every reason that a sender can cause', () => {
    const seen = new Set(cases.flatMap((vector) => [vector.expect.webhook, vector.expect.standard]));
    const reasons = Object.keys(VERIFY_FAILURES).filter((reason) => reason !== 'raw_body_needed');
    assert.deepEqual([...seen].sort(), [...reasons, 'ok'].sort());
  });
});

describe('sign', () => {
  it('takes bytes, a buffer and text alike', async () => {
    const bytes = new TextEncoder().encode('tést');
    const view = new Uint8Array([0, 0, ...bytes]).subarray(2);
    const [text, ...others] = await Promise.all(
      ['tést', bytes, bytes.buffer, view, Buffer.from(bytes)].map(async (body) =>
        sign(await importKey('k'), { method: 'post', url, body }, { deliveryId: 'a', time: 1 }),
      ),
    );
    for (const other of others) assert.deepEqual(other, text);
  });

  it('signs get and delete by the URL, whatever the body', async () => {
    const text = new TextDecoder();
    assert.equal(text.decode(contentToSign({ method: 'GET', url, body: 'x' }, 5)), `5.${url}`);
    assert.equal(text.decode(standardContentToSign({ method: 'Delete', url, body: 'x' }, 'id', 5)), 'id.5.');
    assert.equal(text.decode(contentToSign({ method: 'post', url, body: null }, 5)), '5.');
  });

  it('refuses what no receiver would accept', async () => {
    const key = await importKey('k');
    const request = { method: 'post', url, body: '' };
    await assert.rejects(sign([], request, { deliveryId: 'a', time: 1 }), TypeError);
    await assert.rejects(sign(key, request, { deliveryId: 'a.1', time: 1 }), TypeError);
    await assert.rejects(sign(key, request, { deliveryId: '', time: 1 }), TypeError);
    for (const time of [1.5, -1, Number.NaN, 1e16]) {
      await assert.rejects(sign(key, request, { deliveryId: 'a', time }), TypeError);
    }
  });

  it('takes an HMAC of another maker', async () => {
    const importHmac: ImportHmac = (bytes) => {
      const key = createSecretKey(bytes);
      const mac = (content: Uint8Array) => createHmac('sha256', key).update(content).digest();
      return { sign: mac, verify: (content, signature) => timingSafeEqual(mac(content), signature) };
    };
    const secret = 'whsec_AAECAwQFBgc=';
    const request = { method: 'post', url, body: 'test' };
    const key = await importKey(secret, importHmac);
    const headers = await sign(key, request, { deliveryId: 'a', time: NOW });
    assert.deepEqual(headers, await sign(await importKey(secret), request, { deliveryId: 'a', time: NOW }));
    assert.equal(wordOf(await verify(key, { ...request, headers: { ...headers } }, { now: NOW })), 'ok');
  });
});

describe('secrets', () => {
  it('names what is wrong with one', async () => {
    const faults = { '': 'empty', whsec_: 'not_base64', 'whsec_a-b_': 'not_base64', whsec_AAE: 'not_base64' };
    for (const [secret, fault] of Object.entries(faults)) {
      assert.equal(findSecretFault(secret), fault);
      await assert.rejects(importKey(secret), TypeError);
      assert.equal(wordOf(await verify(secret, await receive(), { now: NOW })), 'no_secret');
    }
    for (const secret of ['x', 'whsec', 'whsec_AAE=']) assert.equal(findSecretFault(secret), null);
  });

  it('accepts nothing when none is given, or one of several is missing', async () => {
    const request = await receive();
    const missing = undefined as unknown as string;
    for (const secrets of [[], missing, ['mySecret', missing]]) {
      assert.equal(wordOf(await verify(secrets, request, { now: NOW })), 'no_secret');
      assert.equal(wordOf(await verifyStandard(secrets, request, { now: NOW })), 'no_secret');
    }
  });

  it('accepts any of several, as text or as imported key', async () => {
    const request = await receive();
    for (const secrets of [
      ['old', 'mySecret'],
      [await importKey('mySecret'), 'old'],
    ]) {
      assert.equal(wordOf(await verify(secrets, request, { now: NOW })), 'ok');
    }
    assert.equal(wordOf(await verify(['old', 'older'], request, { now: NOW })), 'mismatch');
  });
});

describe('verify', () => {
  it('answers when it was signed and which delivery it is', async () => {
    const request = await receive();
    const own = { ok: true, signedAt: NOW, deliveryId: 'dlv_1' };
    assert.deepEqual(await verify('mySecret', request, { now: NOW }), own);
    const standard = { ok: true, signedAt: Math.floor(NOW / 1000) * 1000, deliveryId: 'dlv_1' };
    assert.deepEqual(await verifyStandard('mySecret', request, { now: NOW }), standard);
  });

  it('judges the time by the clock of now, five minutes either way', async () => {
    const request = await receive();
    assert.equal(wordOf(await verify('mySecret', request)), 'expired');
    const key = await importKey('mySecret');
    const headers = await sign(key, request, { deliveryId: 'a', time: Date.now() });
    assert.equal(wordOf(await verify('mySecret', { ...request, headers: { ...headers } })), 'ok');
    for (const [now, word] of [
      [NOW + 300_000, 'ok'],
      [NOW + 300_001, 'expired'],
      [NOW - 300_000, 'ok'],
      [NOW - 300_001, 'too_new'],
      [Number.NaN, 'expired'],
    ] as const) {
      assert.equal(wordOf(await verify('mySecret', request, { now })), word);
    }
    assert.equal(wordOf(await verify('mySecret', request, { now: NOW + 10, tolerance: 9 })), 'expired');
  });

  it('reads headers of every shape', async () => {
    const request = await receive();
    const plain = request.headers as Record<string, string>;
    const lower = Object.fromEntries(
      Object.entries(plain).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const lists = Object.fromEntries(Object.entries(lower).map(([name, value]) => [name, [value]]));
    for (const headers of [new Headers(plain), lower, lists]) {
      assert.equal(wordOf(await verify('mySecret', { ...request, headers }, { now: NOW })), 'ok');
      assert.equal(wordOf(await verifyStandard('mySecret', { ...request, headers }, { now: NOW })), 'ok');
    }
  });

  it('leaves members and versions that it does not know aside, but no second time', async () => {
    const request = await receive();
    const plain = request.headers as Record<string, string>;
    const own = plain['X-Webhook-Signature'] ?? '';
    const told = async (header: string) =>
      wordOf(
        await verify('mySecret', { ...request, headers: { 'X-Webhook-Signature': header } }, { now: NOW }),
      );
    assert.equal(await told(`${own},sha512=abc`), 'ok');
    assert.equal(
      await told(own.replace(',', ', ').toUpperCase().replace('T=', 't=').replace('SHA', 'sha')),
      'ok',
    );
    assert.equal(await told(`${own},t=1`), 'malformed');
    assert.equal(await told(own.replace('t=', 't=0')), 'malformed');
    assert.equal(await told(own + `,sha256=${'0'.repeat(64)}`.repeat(16)), 'malformed');
    const versions = { ...plain, 'webhook-signature': `v1a,abc ${plain['webhook-signature']}` };
    assert.equal(
      wordOf(await verifyStandard('mySecret', { ...request, headers: versions }, { now: NOW })),
      'ok',
    );
  });

  it('says that a parsed body can not be verified', async () => {
    const parsed = { text: 'test' } as unknown as string;
    const post = { ...(await receive()), body: parsed };
    assert.equal(wordOf(await verify('mySecret', post, { now: NOW })), 'raw_body_needed');
    assert.equal(wordOf(await verifyStandard('mySecret', post, { now: NOW })), 'raw_body_needed');
    const get = { ...(await receive('get')), body: parsed };
    assert.equal(wordOf(await verify('mySecret', get, { now: NOW })), 'ok');
  });

  it('does not let an id with a dot move the border of the signed parts', async () => {
    const body = `${Math.floor(NOW / 1000)}.rest`;
    const request = await receive('post', body);
    const headers = { ...(request.headers as Record<string, string>) };
    headers['webhook-id'] = `dlv_1.${headers['webhook-timestamp']}`;
    const moved = { ...request, body: 'rest', headers };
    assert.equal(wordOf(await verifyStandard('mySecret', moved, { now: NOW })), 'malformed');
  });
});
