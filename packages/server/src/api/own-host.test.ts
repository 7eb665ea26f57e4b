// By which names a server may be asked: its own, and none that leads to it for a moment.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startServer, type TestServer } from '../../test/server.ts';

describe('A server with an address of its own', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer('sqlite', {
      FLOWHOOK_BASE_URL: 'https://flows.example.com',
      FLOWHOOK_HOSTS: 'other.example.com',
    });
  });
  after(() => server.stop());
  const status = async (host: string, path = '/v4/sessions/current') =>
    (await server.author.send('GET', path, { headers: { host } })).status;

  it('answers to its own names alone', async () => {
    const own = ['flows.example.com', 'FLOWS.example.com:8443', 'other.example.com', 'localhost:3005'];
    for (const host of [...own, '127.0.0.1', '[::1]:3005', '192.0.2.7', 'flowhook', 'flows.example.com.'])
      assert.equal(await status(host), 200, host);
    for (const host of ['rebound.example', 'flows.example.com.evil.example', 'evil-localhost.example'])
      assert.equal(await status(host), 421, host);
    assert.equal(await status('probe.example', '/healthz'), 200);
    assert.equal(await status('rebound.example', '/healthz/../v4/sessions/current'), 421);
  });
});
