// A version tells that a secret is another one, and nothing of the secret.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { createSecretBox } from '../../base/secret.ts';
import { describeOnBoth } from '../../../test/database.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { readVersion } from './thing-version.ts';

describeOnBoth('the version of a task with secrets', (_, dialect) => {
  let server: TestServer;
  let id: number;
  before(async () => {
    server = await startServer(dialect, { FLOWHOOK_ENCRYPTION_KEY: 'the key of this server, 32 characters' });
    const { author } = server;
    const flow = await author.call(flowEndpoints.create, { body: { name: 'With secrets' } });
    const task = await author.call(tasks.create, {
      body: {
        name: 'Signed',
        flowId: flow.id,
        url: 'https://secrets.invalid/',
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
        secretKey: 'one',
      },
    });
    id = task.id;
  });
  after(() => server.stop());

  const versionBy = (key: string) => readVersion(server.app.db.read, createSecretBox([key]), 'task', id);

  it('is another one with another secret, and the same with the same', async () => {
    const read = async () => (await server.author.send('GET', `/v4/webhookFlowTasks/${id}`)).headers['etag'];
    const change = (secretKey: string) =>
      server.author.call(tasks.change, { params: { id }, body: { secretKey } });
    const first = await read();
    await change('two');
    const second = await read();
    assert.notEqual(second, first);
    await change('two');
    assert.equal(await read(), second);
    await change('one');
    assert.equal(await read(), first);
  });

  it('can be made by nobody who has not the key of the server', async () => {
    const own = await versionBy('the key of this server, 32 characters');
    assert.equal(own, (await server.author.send('GET', `/v4/webhookFlowTasks/${id}`)).headers['etag']);
    assert.notEqual(await versionBy('another key of 32 characters, here'), own);
  });
});
