// Answers that are compressed: to whoever takes it, from a kilobyte on, and the same ones.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { startServer, type TestServer } from '../../test/server.ts';

describe('answers of the API', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer('sqlite');
    for (let count = 0; count < 5; count += 1)
      await server.author.call(flows.create, {
        body: { name: `flow ${count}`, description: 'x'.repeat(300) },
      });
  });
  after(() => server.stop());

  async function get(path: string, encoding: string) {
    const headers = { authorization: `Bearer ${server.author.token}`, 'accept-encoding': encoding };
    const { headers: sent, body } = await request(`${server.url}${path}`, { headers });
    return {
      encoding: sent['content-encoding'],
      vary: sent['vary'],
      bytes: Buffer.from(await body.arrayBuffer()),
    };
  }

  it('go out as gzip from a kilobyte on, where it is taken, and are the same', async () => {
    const plain = await get('/v4/flows', 'identity');
    const packed = await get('/v4/flows', 'gzip, br');
    assert.deepEqual([plain.encoding, packed.encoding], [undefined, 'gzip']);
    assert.match(String(packed.vary), /accept-encoding/iu);
    assert.deepEqual(JSON.parse(String(gunzipSync(packed.bytes))), JSON.parse(String(plain.bytes)));
    assert.ok(packed.bytes.length < plain.bytes.length / 2);
  });

  it('stay as they are where they are small', async () => {
    const { encoding, bytes } = await get('/v4/flows?limit=1&fields=id', 'gzip');
    assert.equal(encoding, undefined);
    assert.ok(bytes.length < 1024);
  });
});
