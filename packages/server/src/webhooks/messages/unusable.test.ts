// A task or a delivery that was damaged in the database: an attempt says so, waits, and goes on once it is mended.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { describeOnBoth } from '../../../test/database.ts';
import { startHookServer, type HookServer } from '../../../test/hook-server.ts';
import { until } from '../../../test/wait.ts';

describeOnBoth('What can not be sent as it is stored', (_, dialect) => {
  let hooks: HookServer;
  before(async () => {
    hooks = await startHookServer(dialect);
    await hooks.server.administrator.call(workspaceEndpoints.changeSettings, {
      body: { 'webapp.webhookSettings.retrySchedule': [1, 1, 1, 1, 1, 1] },
    });
  });
  after(() => hooks.stop());

  const deliveriesOf = async (jobId: number) =>
    (await hooks.server.author.call(webhookDeliveryEndpoints.list, { query: { jobGroupId: jobId } })).data;
  const attemptsOf = async (id: number) =>
    (await hooks.server.author.call(webhookDeliveryEndpoints.attempts, { params: { id } })).data;

  /** The delivery of a job, once its first attempt is settled: it counts as soon as it is begun. */
  const attempted = async (jobId: number) => {
    await until(async () => (await deliveriesOf(jobId)).length === 1, 'the delivery');
    const [delivery] = await deliveriesOf(jobId);
    await until(async () => (await attemptsOf(delivery!.id)).length > 0, 'its first attempt');
    return delivery!;
  };

  it('ends its attempt as unusable, says why, and is delivered when the secrets are back', async () => {
    const { server, receiver, addTask, endJob, settled } = hooks;
    const { db } = server.app;
    const id = await addTask({ secretKey: 'a key to sign with', body: '{"job":$jobId}' });
    const row = db.read.selectFrom('webhook_tasks').select(['secrets', 'url']).where('id', '=', id);
    const { secrets } = await row.executeTakeFirstOrThrow();
    const write = (text: string) =>
      db.transaction((tx) =>
        tx.updateTable('webhook_tasks').set({ secrets: text }).where('id', '=', id).execute(),
      );
    await write(`${secrets!.slice(0, -4)}AAAA`);
    const before = receiver.received.length;
    const jobId = await endJob();
    const delivery = await attempted(jobId);
    const [attempt] = await attemptsOf(delivery.id);
    assert.equal(attempt!.outcome, 'failure');
    assert.equal(attempt!.reason, 'unusable');
    assert.match(attempt!.detail!, new RegExp(`webhook task ${id} can't be opened`, 'u'));
    assert.deepEqual([attempt!.request, attempt!.response], [null, null]);
    assert.equal(receiver.received.length, before);

    // It can be looked at, not written again: that would lose what is sealed.
    const shown = await server.author.call(webhookTaskEndpoints.get, { params: { id } });
    assert.equal(shown.name, 'Tell the receiver');
    await server.author.refused(webhookTaskEndpoints.change, 409, {
      params: { id },
      body: { name: 'Other' },
    });
    await server.author.refused(webhookTaskEndpoints.test, 409, { body: { id } });

    await write(secrets!);
    const [settledDelivery] = await settled(jobId);
    assert.equal(settledDelivery!.state, 'delivered');
    const request = receiver.received.at(-1)!;
    assert.deepEqual(JSON.parse(request.body), { job: jobId });
    assert.ok(request.headers['x-webhook-signature']);
    await server.author.call(webhookTaskEndpoints.remove, { params: { id } });
  });

  it('names a body that can not be read', async () => {
    const { server, receiver, addTask, endJob } = hooks;
    const { db } = server.app;
    receiver.answer(() => ({ status: 503 }));
    await addTask({ body: '{"job":$jobId}' });
    const jobId = await endJob();
    const delivery = await attempted(jobId);
    await db.transaction((tx) =>
      tx
        .updateTable('delivery_bodies')
        .set({ body: '\u0001[broken' })
        .where('delivery_id', '=', delivery.id)
        .execute(),
    );
    await until(async () => (await attemptsOf(delivery.id)).some(({ reason }) => reason === 'unusable'));
    const broken = (await attemptsOf(delivery.id)).find(({ reason }) => reason === 'unusable');
    assert.match(broken!.detail!, /body of this delivery can't be read/u);
  });
});
