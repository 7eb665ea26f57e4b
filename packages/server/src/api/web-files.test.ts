// The files of the web interface, behind a proxy or not.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gzipSync, gunzipSync } from 'node:zlib';
import { healthEndpoints } from '@flowhook/contract/workspace/health';
import { createLog } from '../base/log.ts';
import { implement } from './route.ts';
import { createServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'flowhook-web-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><html><head><title>F</title></head></html>');
writeFileSync(join(folder, 'assets', 'main-abc.js'), 'console.log(1)');
for (const [ending, compress] of [
  ['br', brotliCompressSync],
  ['gz', gzipSync],
] as const)
  writeFileSync(join(folder, 'assets', `main-abc.js.${ending}`), compress('console.log(1)'));
writeFileSync(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');

function makeServer(webFolder: string | null, basePath = '') {
  return createServer({
    routes: [implement(healthEndpoints.alive, async () => ({ status: 'ok' as const, version: '1' }))],
    log: createLog('silent'),
    signIn: {} as never,
    limit: {} as never,
    idempotency: { run: async (route, input) => ({ status: 200, value: await route.handle(input) }) },
    trustedProxies: ['127.0.0.1'],
    basePath,
    secure: false,
    origins: [],
    uploadLimit: 1,
    webFolder,
  });
}

describe('web files', () => {
  after(() => rmSync(folder, { recursive: true }));
  const browser = { accept: 'text/html,*/*' };

  it('are sent with their types; what never changes is kept', async () => {
    const server = await makeServer(folder);
    const script = await server.inject('/assets/main-abc.js');
    assert.match(String(script.headers['content-type']), /javascript/u);
    assert.match(String(script.headers['cache-control']), /max-age=31536000, immutable/u);
    // What only pages are held to stands on no script; on all that a browser may show as a page it does.
    assert.equal(script.headers['content-security-policy'], undefined);
    assert.equal(script.headers['x-content-type-options'], 'nosniff');
    assert.equal(script.headers['cross-origin-resource-policy'], 'same-origin');
    const icon = await server.inject('/icon.svg');
    assert.match(String(icon.headers['content-security-policy']), /default-src 'self'/u);
    assert.equal(icon.statusCode, 200);
    assert.match(String(icon.headers['cache-control']), /max-age=0/u);
    await server.close();
  });

  it('are sent as they were compressed, where the browser takes that', async () => {
    const server = await makeServer(folder);
    const url = '/assets/main-abc.js';
    const get = (encoding: string) =>
      server.inject({ url, headers: { ...browser, 'accept-encoding': encoding } });
    for (const [taken, sent, open] of [
      ['gzip, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
    ] as const) {
      const { headers, rawPayload } = await get(taken);
      assert.equal(headers['content-encoding'], sent);
      assert.match(String(headers['content-type']), /javascript/u);
      assert.match(String(headers['vary']), /accept-encoding/iu);
      assert.equal(String(open(rawPayload)), 'console.log(1)');
    }
    const plain = await get('identity');
    assert.deepEqual([plain.headers['content-encoding'], plain.body], [undefined, 'console.log(1)']);
    assert.equal((await server.inject({ url: `${url}.br` })).statusCode, 404);
    await server.close();
  });

  it('are a page at every address of the interface, and a problem elsewhere', async () => {
    const server = await makeServer(folder);
    for (const url of ['/', '/flows/7', '/jobs/1?tab=webhooks']) {
      const { statusCode, headers, body } = await server.inject({ url, headers: browser });
      assert.equal(statusCode, 200, url);
      assert.equal(headers['cache-control'], 'no-cache');
      assert.match(String(headers['content-security-policy']), /script-src 'self';.*frame-ancestors 'none'/u);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(body, /<base href="\/">/u);
    }
    for (const url of [
      '/v4/none',
      '/assets/none.js',
      '/../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/assets/../../x',
    ])
      assert.notEqual((await server.inject({ url, headers: { accept: '*/*' } })).statusCode, 200, url);
    assert.equal((await server.inject({ url: '/v4/none', headers: browser })).statusCode, 404);
    assert.equal((await server.inject({ method: 'POST', url: '/flows', headers: browser })).statusCode, 404);
    await server.close();
  });

  it('work below a base path, whether the proxy cuts it off or not', async () => {
    const server = await makeServer(folder, '/tools/flowhook');
    for (const prefix of ['/tools/flowhook', '']) {
      assert.equal((await server.inject(`${prefix}/healthz`)).statusCode, 200);
      assert.equal((await server.inject(`${prefix}/icon.svg`)).statusCode, 200);
      const { body } = await server.inject({ url: `${prefix}/flows`, headers: browser });
      assert.match(body, /<base href="\/tools\/flowhook\/">/u);
    }
    assert.equal((await server.inject('/tools/flowhook')).statusCode, 200);
    assert.equal((await server.inject('/tools/flowhookish')).statusCode, 404);
    await server.close();
  });

  it('are a plain page where the interface is not built', async () => {
    const server = await makeServer(null);
    const { statusCode, body } = await server.inject('/');
    assert.equal(statusCode, 200);
    assert.match(body, /not built/u);
    assert.equal((await server.inject({ url: '/flows', headers: browser })).statusCode, 404);
    await server.close();
  });
});
