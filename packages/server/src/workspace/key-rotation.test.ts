// Changing the encryption key of a running server: tasks go on signing, the earlier key opens nothing, nothing is lost.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { createSecretBox, keyIdOf } from '../base/secret.ts';
import { describeOnBoth } from '../../test/database.ts';
import { startServer, type TestServer } from '../../test/server.ts';
import { resealTasks } from '../webhooks/tasks/sealed-task.ts';
import { createTaskLoader } from '../webhooks/tasks/sendable-task.ts';
import { keyFileName, openSecretBox, readEncryptionKeys, rereadKeys } from './encryption-key.ts';
import { createKeyRotation } from './key-rotation.ts';

describeOnBoth('the encryption key', (_, dialect) => {
  let server: TestServer;
  const taskIds: number[] = [];
  before(async () => {
    server = await startServer(dialect);
    const flow = await server.author.call(flowEndpoints.create, { body: { name: 'Keys' } });
    for (const name of ['a', 'b', 'c']) {
      const body = {
        name,
        flowId: flow.id,
        url: 'https://example.com/x',
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
        secretKey: `secret of ${name}`,
      } as const;
      taskIds.push((await server.author.call(webhookTaskEndpoints.create, { body })).id);
    }
  });
  after(() => server.stop());

  const path = () => join(server.database.dataDir, keyFileName);
  const readKeys = async () => (await readFile(path(), 'utf8')).trim().split('\n');
  const sealedBy = async () => {
    const rows = await server.app.db.read.selectFrom('webhook_tasks').select('secrets').execute();
    return new Set(rows.map(({ secrets }) => keyIdOf(secrets!)));
  };
  const readSecrets = async (keys: readonly string[]) => {
    const load = createTaskLoader(server.app.db, createSecretBox(keys));
    return Promise.all(taskIds.map(async (id) => (await load(id)).task.secretKey));
  };
  const secrets = ['secret of a', 'secret of b', 'secret of c'];

  it('changes while the server runs: every secret is sealed anew and opens with the new key alone', async () => {
    const [earlier] = await readKeys();
    const answer = await server.administrator.call(workspaceEndpoints.rotateKey);
    assert.equal(answer.resealed, taskIds.length);
    const keys = await readKeys();
    assert.equal(keys.length, 2);
    assert.equal(keys[1], earlier);
    assert.equal((await stat(path())).mode & 0o777, 0o600);
    assert.deepEqual([...(await sealedBy())], [answer.keyId]);
    assert.deepEqual(await readSecrets([keys[0]!]), secrets);
    await assert.rejects(readSecrets([earlier!]), /can.t be opened with this server.s encryption key/u);

    // The running server seals with it, too.
    await server.author.call(webhookTaskEndpoints.change, {
      params: { id: taskIds[0]! },
      body: { secretKey: 'another secret' },
    });
    assert.deepEqual([...(await sealedBy())], [answer.keyId]);
    await server.author.call(webhookTaskEndpoints.change, {
      params: { id: taskIds[0]! },
      body: { secretKey: secrets[0]! },
    });
  });

  it('starts again with the new key, and not with the earlier one', async () => {
    const [now, earlier] = await readKeys();
    await server.restart({ FLOWHOOK_ENCRYPTION_KEY: now! });
    await assert.rejects(
      server.restart({ FLOWHOOK_ENCRYPTION_KEY: earlier! }),
      /encryption key is not the one/u,
    );
    await server.restart();
    assert.deepEqual(await readSecrets([now!]), secrets);
  });

  it('drops the earlier key when no node can need it any more, and takes up what a kill cut off', async () => {
    const { db } = server.app;
    const source = await readEncryptionKeys(null, server.database.dataDir, false);
    // As after a kill: the file has a new key, nothing is sealed with it yet.
    const keys = ['a new key made just before the kill', ...source.keys];
    await writeFile(path(), `${keys.join('\n')}\n`, { mode: 0o600 });
    const box = await openSecretBox(db, { ...source, keys });
    const context = { db, box, source: { ...source, keys }, onError: assert.ifError };
    const rotation = createKeyRotation({ ...context, now: Date.now }, [resealTasks]);
    await rotation.tidy();
    assert.deepEqual([...(await sealedBy())], [box.keyId]);
    assert.equal(
      rereadKeys(source).length,
      keys.length,
      'another node may still have the earlier key in memory',
    );
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(path(), longAgo, longAgo);
    await rotation.tidy();
    assert.deepEqual(await readKeys(), [keys[0]]);
    assert.deepEqual(await readSecrets(keys.slice(0, 1)), secrets);
    // The server that ran meanwhile opens what the new key has sealed: it looks at the file again.
    await server.author.call(webhookTaskEndpoints.get, { params: { id: taskIds[0]! } });
  });

  it('comes from the settings where these give one: the new one first', async () => {
    const [earlier] = await readKeys();
    const next = 'the next key of the settings';
    await server.restart({ FLOWHOOK_ENCRYPTION_KEY: `${next};${earlier}` });
    // What waits for it is sealed anew at the start; the route says so once it is done.
    const { resealed, keyId } = await server.administrator.call(workspaceEndpoints.rotateKey);
    assert.ok(resealed <= taskIds.length);
    assert.deepEqual([...(await sealedBy())], [keyId]);
    await server.restart({ FLOWHOOK_ENCRYPTION_KEY: next });
    assert.deepEqual(await readSecrets([next]), secrets);
    assert.deepEqual(await readKeys(), [earlier], 'the file is left alone');
    await server.author.refused(workspaceEndpoints.rotateKey, 403);
  });

  it('is refused where it is too short', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flowhook-key-'));
    try {
      await assert.rejects(readEncryptionKeys('long enough as a key; short', folder, true), /at least 16/u);
      await assert.rejects(readEncryptionKeys(' ', folder, true), /at least 16/u);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
