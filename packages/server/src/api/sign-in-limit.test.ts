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
  it('refuses no right password over HTTP, however many come at once and whoever signs out meanwhile', async () => {
    const server = await startServer('sqlite');
    try {
      const basic = Buffer.from(`${server.author.email}:${testPassword}`).toString('base64');
      const person = server.client({ authorization: `Basic ${basic}` });
      const all = async () => {
        const answers = Array.from({ length: 40 }, () => person.send('GET', '/v4/people/current'));
        return new Set((await Promise.all(answers)).map(({ status }) => status));
      };
      assert.deepEqual(await all(), new Set([200]));
      const body = { email: server.viewer.email, password: testPassword };
      const { headers } = await server.nobody.send('POST', '/v4/sessions', { body });
      const cookie = String(headers['set-cookie']).split(';')[0]!;
      for (const session of [cookie, `flowhook_session_${new URL(server.url).port}=none`]) {
        await server.client({ cookie: session }).send('DELETE', '/v4/sessions/current');
        assert.deepEqual(await all(), new Set([200]));
      }
    } finally {
      await server.stop();
    }
  });

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
      Array.from({ length: 100 }, (_, guess) =>
        limit.guard('192.0.2.1', { ...person('a@example.com'), password: String(guess) }, check),
      ),
    );
    assert.equal(checked, 10);
  });

  it('counts a credential once that comes in many calls at once', async () => {
    const limit = createSignInLimit(() => 0);
    const calls = Array.from({ length: 100 }, () => limit.guard('192.0.2.1', person('a@example.com'), wrong));
    for (const call of await Promise.allSettled(calls))
      assert.equal(call.status === 'rejected' && (call.reason as Problem).code, 'credentials_wrong');
    const codes = await fail(10, () => limit.guard('192.0.2.1', person('a@example.com'), wrong));
    assert.deepEqual(codes.slice(8), ['credentials_wrong', 'too_many_requests']);
  });

  it('lets what is right wait for what is under way, and refuses none of it', async () => {
    const limit = createSignInLimit(() => 0);
    let [max, underWay] = [0, 0];
    const check = async () => {
      underWay += 1;
      max = Math.max(max, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return 'in';
    };
    const calls = Array.from({ length: 200 }, (_, at) =>
      limit.guard('192.0.2.1', person(`${at}@example.com`), check),
    );
    assert.deepEqual(new Set(await Promise.all(calls)), new Set(['in']));
    assert.equal(max, 50);
  });

  it('holds for the link of the set-up, which is guessed by nobody who has it', async () => {
    const limit = createSignInLimit(() => 0);
    const refused = () => Promise.reject(new Problem('forbidden', 'no'));
    const codes = await fail(21, () => limit.guard('192.0.2.1', { kind: 'setup' }, refused));
    assert.deepEqual(codes.slice(19), ['forbidden', 'too_many_requests']);
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
