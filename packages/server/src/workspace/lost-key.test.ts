// A lost encryption key: no new one beside an old database, a sentence, and a way on without the secrets; on both databases.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { startApp } from '../app.ts';
import { createLog } from '../base/log.ts';
import { StartError } from '../base/start-error.ts';
import { makeClient } from '../../test/client.ts';
import { sqliteFileName } from '../db/open-database.ts';
import { describeOnBoth, makeTestDatabase, type TestDatabase } from '../../test/database.ts';
import { testConfig } from '../../test/server.ts';
import { processSettings, runMain } from '../../test/server-process.ts';

describeOnBoth('A lost encryption key', (_, dialect) => {
  let test: TestDatabase;
  before(async () => {
    test = await makeTestDatabase(dialect);
    // The server makes its file itself, with its rights.
    rmSync(join(test.dataDir, sqliteFileName), { force: true });
  });
  after(() => test.remove());

  const start = () =>
    startApp(testConfig(test, { FLOWHOOK_ADMIN_TOKEN: 'lost-key' }), { log: createLog('silent') });
  const clientOf = (url: string) => makeClient(() => url, { authorization: 'Bearer lost-key' });

  it('is said, and gone on without', async () => {
    const first = await start();
    const client = clientOf(first.url);
    const { id: flowId } = await client.call(flowEndpoints.create, { body: { name: 'One' } });
    const common = {
      flowId,
      url: 'https://example.com/',
      method: 'post',
      triggerEvent: 'onJobDone',
    } as const;
    const add = (more: object) =>
      client.call(webhookTaskEndpoints.create, {
        body: { ...common, triggerObject: 'any', ...more } as never,
      });
    const plain = await add({ name: 'plain' });
    const signed = await add({
      name: 'signed',
      secretKey: 'a secret',
      body: '$secret.pin',
      secrets: { pin: '1234' },
    });
    await first.stop();

    const key = join(test.dataDir, 'encryption.key');
    rmSync(key);
    const before = readdirSync(test.dataDir).sort();
    await assert.rejects(
      start(),
      (error) => error instanceof StartError && /forget-secrets/u.test(error.message),
    );
    assert.ok(!existsSync(key));
    assert.deepEqual(readdirSync(test.dataDir).sort(), before, 'nothing was written');

    const command = runMain(['admin', 'forget-secrets'], processSettings(test.dataDir, test.url));
    assert.equal(await command.ended, 0, command.output());
    assert.match(command.output(), /^1 webhook tasks wait/mu);

    const next = await start();
    try {
      const now = clientOf(next.url);
      const read = (id: number) => now.call(webhookTaskEndpoints.get, { params: { id } });
      assert.equal((await read(plain.id)).enabled, true);
      const waiting = await read(signed.id);
      assert.equal(waiting.enabled, false);
      assert.match(String(waiting['disabledReason']), /lost with the encryption key/u);
      const params = { id: signed.id };
      await now.refused(webhookTaskEndpoints.change, 400, { params, body: { enabled: true } });
      const given = { secretKey: 'another', secrets: { pin: '9' }, enabled: true };
      assert.equal((await now.call(webhookTaskEndpoints.change, { params, body: given })).enabled, true);
    } finally {
      await next.stop();
    }
    const again = runMain(['admin', 'forget-secrets'], processSettings(test.dataDir, test.url));
    assert.equal(await again.ended, 1);
    assert.match(again.output(), /nothing is lost/u);
  });

  it('stands, as all of the data folder, in files that their owner alone can read', () => {
    for (const name of readdirSync(test.dataDir, { recursive: true, encoding: 'utf8' })) {
      const { mode } = statSync(join(test.dataDir, name));
      assert.equal(mode & 0o077, 0, `${name}: ${(mode & 0o777).toString(8)}`);
    }
  });
});
