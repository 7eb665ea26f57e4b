// Guessing is limited; who is not guessing is not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../base/error.ts';
import { startServer, testPassword } from '../../test/server.ts';
import { createSignInLimit } from './sign-in-limit.ts';

const wrong = () => Promise.reject(new Problem('credentials_wrong', 'wrong'));
const right = () => Promise.resolve('in');
const person = (email: string) => ({ kind: 'basic', email, password: 'x' }) as const;

async function fail(times: number, once: () => Promise<unknown>): Promise<string[]> {
  const codes: string[] = [];
  for (let time = 0; time < times; time += 1)
    await once().catch((error: Problem) => void codes.push(error.code));
  return codes;
}

describe('the limit of sign-ins', () => {
  it('refuses an account at an address after ten failures, for a minute', async () => {
    let now = 1_000_000;
    const limit = createSignInLimit(() => now);
    const guess = () => limit.guard('192.0.2.1', person('a@example.com'), wrong);
    const codes = await fail(12, guess);
    assert.deepEqual(codes.slice(9), ['credentials_wrong', 'too_many_requests', 'too_many_requests']);
    await assert.rejects(limit.guard('192.0.2.1', person('A@Example.com '), right), /wait 60 seconds/u);
    now += 60_001;
    assert.equal(await limit.guard('192.0.2.1', person('a@example.com'), right), 'in');
  });

  it('locks out neither other addresses nor other accounts', async () => {
    const limit = createSignInLimit(() => 0);
    await fail(30, () => limit.guard('192.0.2.1', person('a@example.com'), wrong));
    assert.equal(await limit.guard('192.0.2.2', person('a@example.com'), right), 'in');
    assert.equal(await limit.guard('192.0.2.1', person('b@example.com'), right), 'in');
    assert.equal(await limit.guard('192.0.2.1', { kind: 'token', value: 'x' }, right), 'in');
  });

  it('counts what is tried at once', async () => {
    const limit = createSignInLimit(() => 0);
    let checked = 0;
    const check = () => {
      checked += 1;
      return wrong();
    };
    await Promise.allSettled(
      Array.from({ length: 100 }, () => limit.guard('192.0.2.1', person('a@example.com'), check)),
    );
    assert.equal(checked, 10);
  });

  it('takes a /64 of IPv6 for one address, and IPv4 in any form for the same', async () => {
    const limit = createSignInLimit(() => 0);
    let host = 0;
    await fail(60, () => {
      host += 1;
      return limit.guard(`2001:db8:0:1::${host}`, person(`${host}@example.com`), wrong);
    });
    await assert.rejects(limit.guard('2001:db8:0:1::ffff', person('z@example.com'), right), Problem);
    assert.equal(await limit.guard('2001:db8:0:2::1', person('z@example.com'), right), 'in');
    await fail(60, () => limit.guard('::ffff:192.0.2.9', person('a@example.com'), wrong));
    await assert.rejects(limit.guard('192.0.2.9', person('a@example.com'), right), Problem);
  });

  it('counts no failure of the server, and no right sign-in', async () => {
    const limit = createSignInLimit(() => 0);
    const broken = () => Promise.reject(new Error('database'));
    await fail(100, () => limit.guard('192.0.2.1', person('a@example.com'), broken));
    for (let time = 0; time < 100; time += 1) await limit.guard('192.0.2.1', person('a@example.com'), right);
  });

  it('holds over HTTP for Basic and for the form, with the headers that clients wait by', async () => {
    const server = await startServer('sqlite');
    try {
      const { author } = server;
      const basic = Buffer.from(`${author.email}:guess`).toString('base64');
      const guess = server.client({ authorization: `Basic ${basic}` });
      for (let time = 0; time < 10; time += 1)
        assert.equal((await guess.send('GET', '/v4/people/current')).status, 401);
      const refused = await guess.send('GET', '/v4/people/current');
      assert.equal(refused.status, 429);
      assert.match(refused.text, /TooManyRequestsException/u);
      const wait = Number(refused.headers['retry-after']);
      assert.ok(wait > 0 && wait <= 60);
      assert.equal(refused.headers['x-retry-after'], String(wait));
      assert.equal(refused.headers['x-rate-limit-limit'], '10');
      assert.equal(refused.headers['x-rate-limit-remaining'], '0');
      assert.ok(Number(refused.headers['x-rate-limit-reset']) * 1000 > Date.now());
      const body = { email: author.email, password: testPassword };
      assert.equal((await server.nobody.send('POST', '/v4/sessions', { body })).status, 429);
      // Who came in before, or comes with another credential, goes on.
      assert.equal((await author.send('GET', '/v4/people/current')).status, 200);
      assert.equal((await server.viewer.send('GET', '/v4/people/current')).status, 200);
    } finally {
      await server.stop();
    }
  });
});
