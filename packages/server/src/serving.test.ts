// A server as others see it: health and numbers, proxies, roles, and an end that cuts nothing off.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { endpoints } from '@flowhook/contract/endpoints';
import { healthEndpoints } from '@flowhook/contract/workspace/health';
import { openApiEndpoints } from '@flowhook/contract/openapi/open-api';
import { personEndpoints } from '@flowhook/contract/person/person';
import { startServer, testPassword, type TestServer } from '../test/server.ts';
import { createReadiness } from './base/readiness.ts';

describe('a serving server', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer('sqlite');
  });
  after(() => server.stop());

  it('has a route for every endpoint of the contract', async () => {
    for (const { method, path } of endpoints) {
      const url = path.replaceAll(/:\w+/gu, '0');
      const { status, text } = await server.nobody.send(method, url, {
        headers: { accept: 'application/json' },
      });
      assert.ok(![404, 405].includes(status), `${method} ${path}: ${text}`);
    }
  });

  it('shows its OpenAPI document to everybody', async () => {
    const document = await server.nobody.call(openApiEndpoints.get);
    assert.match(String(document['openapi']), /^3\.1/u);
  });

  it('shows numbers to this machine, and to others with a sign-in', async () => {
    const { status, headers, text } = await server.nobody.send('GET', '/metrics');
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/u);
    assert.match(
      text,
      /flowhook_http_request_duration_seconds_count\{method="GET",route="\/v4\/open-api-spec",status="2xx"\}/u,
    );
    assert.match(text, /process_resident_memory_bytes/u);
    for (const header of ['x-forwarded-for', 'forwarded']) {
      const headers = { [header]: header === 'forwarded' ? 'for=203.0.113.1' : '127.0.0.1' };
      await server.nobody.refused(healthEndpoints.metrics, 401, { headers });
      assert.equal((await server.viewer.send('GET', '/metrics', { headers })).status, 200);
    }
  });

  it('shows numbers to nobody who comes through a proxy, or by a name that was led here', async () => {
    for (const headers of [
      { 'x-forwarded-for': '203.0.113.7' },
      { 'x-real-ip': '203.0.113.7' },
      { via: '1.1 proxy' },
      { forwarded: 'for=203.0.113.7' },
      { host: 'rebound.example.net' },
      { host: 'localhost.example.net' },
    ])
      await server.nobody.refused(healthEndpoints.metrics, 401, { headers });
  });

  it('keeps other pages at a distance', async () => {
    const { headers } = await server.nobody.send('GET', '/');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['strict-transport-security'], undefined);
  });

  it('lets a request that is under way end before it stops', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const body = JSON.stringify({ name: 'Just in time' });
    const head = `POST /v4/flows HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.author.token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(head + body.slice(0, 5));
    // The head has arrived when another request that was sent later is answered.
    await server.nobody.call(healthEndpoints.alive);
    const stopped = server.app.stop();
    socket.write(body.slice(5));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 201/u);
    socket.destroy();
    await stopped;
    await server.restart();
  });
});

describe('a server behind a proxy', () => {
  let server: TestServer;
  before(async () => {
    const env = {
      FLOWHOOK_BASE_URL: 'https://tools.example.com/flowhook',
      FLOWHOOK_TRUSTED_PROXIES: '127.0.0.1',
      FLOWHOOK_STOP_SECONDS: '1',
    };
    server = await startServer('sqlite', env);
  });
  after(() => server.stop());

  it('sets cookies for https and its path alone, and knows its own origin', async () => {
    const body = { email: server.author.email, password: testPassword };
    const headers = { origin: 'https://tools.example.com' };
    const answer = await server.nobody.send('POST', '/v4/sessions', { body, headers });
    assert.equal(answer.status, 201);
    assert.match(
      String(answer.headers['set-cookie']),
      /^__Secure-flowhook_session_\d+=.*Path=\/flowhook;.*Secure/u,
    );
    assert.equal(answer.headers['strict-transport-security'], 'max-age=31536000');
    const cookie = String(answer.headers['set-cookie']).split(';')[0]!;
    const current = (sent: string) =>
      server.client({ cookie: sent, 'x-forwarded-proto': 'https' }).send('GET', '/v4/people/current');
    assert.equal((await current(cookie)).status, 200);
    // A neighbour of the domain can set a cookie without the prefix: it counts for nothing here.
    assert.equal((await current(cookie.replace('__Secure-', ''))).status, 401);
    const other = { origin: 'https://tools.example.org' };
    assert.equal((await server.nobody.send('POST', '/v4/sessions', { body, headers: other })).status, 403);
  });

  it('believes the address that a trusted proxy tells', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'proxied' };
    await server.author.send('GET', '/v4/people/current', { headers });
    const line = server.log.find(({ requestId }) => requestId === 'proxied');
    assert.equal(line?.['address'], '203.0.113.7');
    await server.nobody.refused(healthEndpoints.metrics, 401, { headers });
    // A proxy on this machine may pass requests on without a sign of it.
    await server.nobody.refused(healthEndpoints.metrics, 401);
  });

  // Node itself cuts such a request after five minutes, later than the test does.
  it('cuts what does not end within the grace', { timeout: 120_000 }, async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    const head = `POST /v4/flows HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.author.token}\r\n`;
    socket.write(`${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
    await server.nobody.call(healthEndpoints.alive);
    await server.restart();
    await closed;
    await server.author.call(personEndpoints.current);
  });
});

describe('a server that stops', () => {
  it('serves on while it says that it is not ready, so that a proxy loses no call', async () => {
    const server = await startServer('sqlite', { FLOWHOOK_DRAIN_SECONDS: '2' });
    try {
      const stopping = server.app.stop();
      const { status, json } = await server.nobody.send('GET', '/readyz');
      assert.equal(status, 503);
      assert.equal((json as { checks: Record<string, { ok: boolean }> }).checks['stopping']?.ok, false);
      await server.author.call(personEndpoints.current);
      assert.equal(await stopping, true);
      await assert.rejects(server.author.call(personEndpoints.current));
    } finally {
      await server.stop();
    }
  });
});

describe('a server without the api', () => {
  it('says how it is, and nothing else', async () => {
    const server = await startServer('sqlite', { ROLES: 'webhooks' });
    try {
      const { checks } = await server.nobody.call(healthEndpoints.ready);
      assert.deepEqual(Object.keys(checks), [
        'database',
        'disk',
        'clock',
        'places',
        'webhooks',
        'held',
        'deadlines',
      ]);
      assert.equal((await server.author.send('GET', '/v4/people/current')).status, 404);
    } finally {
      await server.stop();
    }
  });
});

describe('readiness', () => {
  it('names what is not well, and waits for nothing that hangs', async () => {
    let now = 0;
    const readiness = createReadiness(() => now);
    let last: number | null = null;
    readiness.add('fine', () => 'yes');
    readiness.add('broken', () => {
      throw new Error('out of order');
    });
    readiness.add('hanging', () => new Promise<string>(() => undefined));
    readiness.addLoop('loop', { lastRoundAt: () => last }, 1000);
    const { ready, checks } = await readiness.run();
    assert.equal(ready, false);
    assert.deepEqual(checks['fine'], { ok: true, detail: 'yes' });
    assert.deepEqual(checks['broken'], { ok: false, detail: 'out of order' });
    assert.match(checks['hanging']!.detail, /no answer/u);
    assert.equal(checks['loop']!.ok, true);
    now = 5000;
    assert.equal((await readiness.run()).checks['loop']!.ok, false);
    last = 4500;
    assert.equal((await readiness.run()).checks['loop']!.ok, true);
  });
});
