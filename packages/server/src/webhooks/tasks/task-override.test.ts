// Webhook tasks given with the launch of a job, over HTTP: for that job alone, recorded and sent like the others.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { statisticsEndpoints } from '@flowhook/contract/webhook/statistics';
import { webhookDeliveryEndpoints as deliveries } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../test/database.ts';
import { makeTriggerWorld, type TriggerWorld } from '../../../test/trigger-world.ts';
import { until } from '../../../test/wait.ts';

describeOnBoth('Launch overrides', (_, dialect) => {
  let world: TriggerWorld;
  before(async () => {
    world = await makeTriggerWorld(dialect);
  });
  after(async () => {
    assert.deepEqual(await world.audit(), []);
    await world.stop();
  });

  const launch = async (recipeId: number, overrides: object) => {
    const { author } = world.server;
    const { id } = await author.call(jobs.create, {
      body: { wrangledDataset: { id: recipeId }, overrides },
    });
    assert.equal(await world.end(id), 'Complete');
    return id;
  };
  const explain = async (id: number) => {
    const { data } = await world.server.author.call(jobs.webhooks, { params: { id } });
    return data.map(({ webhookFlowTask, fired, reasonCode }) => [webhookFlowTask.name, fired, reasonCode]);
  };

  it('stand beside the flow’s own tasks, or instead of them, for one job alone', async () => {
    const { author } = world.server;
    const { origin } = world.receiver;
    const flow = await world.makeFlow('lines');
    const own = {
      name: 'Own',
      flowId: flow.id,
      url: `${origin}/own`,
      method: 'post' as const,
      triggerEvent: 'onJobDone' as const,
      triggerObject: 'any' as const,
    };
    await author.call(tasks.create, { body: own });
    const webhooks = [
      {
        name: 'Extra',
        url: `${origin}/extra`,
        body: '{"job":$jobId,"key":"$secret.key"}',
        headers: { Authorization: 'Bearer of-the-launch' },
        secrets: { key: 'a secret of the launch' },
        secretKey: 'signs',
      },
    ];
    const both = await launch(flow.recipeIds[0]!, { webhooks });
    const statistics = await author.call(statisticsEndpoints.flow, { params: { id: flow.id } });
    assert.deepEqual(
      statistics.data.map(({ webhookFlowTask }) => webhookFlowTask.name),
      ['Own'],
      'the tasks of a launch are none of the flow',
    );
    assert.deepEqual(await explain(both), [
      ['Own', true, 'fired'],
      ['Extra', true, 'fired'],
    ]);
    const [extra] = await world.receiver.take('/extra');
    assert.deepEqual(JSON.parse(extra!.body), { job: both, key: 'a secret of the launch' });
    assert.equal(extra!.headers.authorization, 'Bearer of-the-launch');
    assert.ok(extra!.headers['x-webhook-signature']);
    const alone = await launch(flow.recipeIds[0]!, { webhooks, skipWebhooks: true });
    assert.deepEqual(await explain(alone), [
      ['Own', false, 'silenced'],
      ['Extra', true, 'fired'],
    ]);
    const plain = await launch(flow.recipeIds[0]!, {});
    assert.deepEqual(await explain(plain), [['Own', true, 'fired']]);
    await world.receiver.take('/extra', 2);
    await world.receiver.take('/own', 2);
    const listed = await author.call(tasks.listOfFlow, {
      params: { id: flow.id },
      query: { includeDeleted: true },
    });
    assert.deepEqual(
      listed.data.map(({ name }) => name),
      ['Own'],
    );
  });

  it('can be sent again, and shows no secret', async () => {
    const { author } = world.server;
    const flow = await world.makeFlow('lines');
    const webhooks = [
      {
        url: `${world.receiver.origin}/again`,
        headers: { 'X-Api-Key': 'of the launch' },
        secretKey: 'signs',
      },
    ];
    const id = await launch(flow.recipeIds[0]!, { webhooks });
    const read = async () =>
      (await author.call(deliveries.list, { query: { jobGroupId: String(id) } })).data[0]!;
    await until(async () => (await read()).state === 'delivered', 'the delivery');
    const delivery = await read();
    await author.call(deliveries.redeliver, { params: { id: delivery.id }, body: {} });
    const received = await world.receiver.take('/again', 2);
    assert.equal(received[0]!.headers['x-webhook-delivery'], received[1]!.headers['x-webhook-delivery']);
    const task = await author.call(tasks.get, { params: { id: delivery.webhookFlowTask.id } });
    assert.deepEqual([task.headers['X-Api-Key'], task.secretKeySet], [null, true]);
    const { rows } = {
      rows: await world.server.app.db.read.selectFrom('webhook_tasks').selectAll().execute(),
    };
    assert.ok(!JSON.stringify(rows).includes('of the launch'), 'sealed in the database');
  });

  it('are refused with their place where they break a rule', async () => {
    const { author, viewer } = world.server;
    const flow = await world.makeFlow('lines');
    const wrangledDataset = { id: flow.recipeIds[0]! };
    const refuse = async (webhooks: object[], field: string) => {
      const problem = await author.refused(jobs.create, 400, {
        body: { wrangledDataset, overrides: { webhooks } },
      });
      assert.equal(problem.errors[0]?.field, field);
    };
    const good = { url: `${world.receiver.origin}/x` };
    await refuse([good, { url: 'http://169.254.169.254/latest' }], 'overrides.webhooks[1].url');
    await refuse([{ ...good, method: 'get', body: 'x' }], 'overrides.webhooks[0].body');
    await refuse([{ ...good, method: 'steal' }], 'overrides.webhooks[0].method');
    await refuse([{ ...good, headers: { Host: 'x' } }], 'overrides.webhooks[0].headers.Host');
    await refuse(
      Array.from({ length: 51 }, () => good),
      'overrides.webhooks',
    );
    const { data } = await author.call(jobs.list, { query: { flowId: String(flow.id) } });
    assert.deepEqual(data, [], 'no job is left behind');
    const grant = { data: [{ personId: viewer.id, role: 'readOnly' as const }] };
    await author.call(permissions.give, { params: { id: flow.id }, body: grant });
    await viewer.refused(jobs.create, 403, { body: { wrangledDataset, overrides: { skipWebhooks: true } } });
  });
});
