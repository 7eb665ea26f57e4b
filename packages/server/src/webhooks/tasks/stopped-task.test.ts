// What a deletion says it would stop is what it stops, and a task that was off already keeps its reason.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../test/database.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

describeOnBoth('webhook tasks that a deletion stops', (_, engine) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(engine);
  });
  after(() => server.stop());

  const call: TestServer['author']['call'] = (endpoint, input) => server.author.call(endpoint, input);
  const makeFlow = async () => (await call(flows.create, { body: { name: 'A flow' } })).id;
  const makeRecipe = async (flowId: number, name: string) =>
    (await call(recipes.create, { body: { name, flowId, sql: 'select 1 as a' } })).id;
  const makeTask = async (flowId: number, flowNodeIds: number[], run?: number) => {
    const request = { url: 'https://hooks.example.com/', method: 'post' } as const;
    const does = run === undefined ? request : { runWrangledDataset: { id: run } };
    const body = {
      name: 'Tell',
      flowId,
      triggerEvent: 'onJobDone',
      triggerObject: 'some',
      flowNodeIds,
    } as const;
    return (await call(tasks.create, { body: { ...body, ...does } })).id;
  };
  const switchOff = (id: number) => call(tasks.change, { params: { id }, body: { enabled: false } });
  const readReasons = async (ids: readonly number[]) => {
    const reasons = [];
    for (const id of ids) reasons.push((await call(tasks.get, { params: { id } })).disabledReason);
    return reasons;
  };
  const idsOf = (stopped: readonly { readonly id: number }[]) => stopped.map(({ id }) => id);

  const byHand = 'Switched off by hand.';
  const watched = 'The last recipe that it watched was deleted: choose another and enable it.';
  const ran = 'The recipe that it runs was deleted: choose another and enable it.';

  it('says and stops the same where a recipe goes', async () => {
    const flowId = await makeFlow();
    const gone = await makeRecipe(flowId, 'gone');
    const other = await makeRecipe(flowId, 'other');
    const on = await makeTask(flowId, [gone]);
    const off = await makeTask(flowId, [gone]);
    const watchesBoth = await makeTask(flowId, [gone, other]);
    const elsewhere = await makeFlow();
    const far = await makeRecipe(elsewhere, 'far');
    const runs = await makeTask(elsewhere, [far], gone);
    const runsOff = await makeTask(elsewhere, [far], gone);
    await switchOff(off);
    await switchOff(runsOff);
    const params = { id: gone };
    const { disabledWebhookFlowTasks } = await call(recipes.deletion, { params });
    assert.deepEqual(idsOf(disabledWebhookFlowTasks), [on, runs]);
    await call(recipes.remove, { params });
    await server.author.refused(tasks.change, 400, { params: { id: off }, body: { enabled: true } });
    assert.deepEqual(await readReasons([on, off, watchesBoth, runs, runsOff]), [
      watched,
      byHand,
      null,
      ran,
      byHand,
    ]);
  });

  it('says and stops the same where a flow goes', async () => {
    const flowId = await makeFlow();
    const gone = await makeRecipe(flowId, 'gone');
    await makeTask(flowId, [gone]);
    const elsewhere = await makeFlow();
    const far = await makeRecipe(elsewhere, 'far');
    const runs = await makeTask(elsewhere, [far], gone);
    const runsOff = await makeTask(elsewhere, [far], gone);
    await switchOff(runsOff);
    const params = { id: flowId };
    const { disabledWebhookFlowTasks } = await call(flows.deletion, { params });
    assert.deepEqual(idsOf(disabledWebhookFlowTasks), [runs]);
    await call(flows.remove, { params });
    const [reason, offReason] = await readReasons([runs, runsOff]);
    assert.match(String(reason), /^The flow whose recipe it runs was deleted/u);
    assert.equal(offReason, byHand);
  });
});
