// Flow runs over HTTP: all outputs or none, chosen ones, overrides, and who may see them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowRunEndpoints as runs } from '@flowhook/contract/job/flow-run';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { allowUrls, startReceiver } from '../../../../test/hook-server.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('flow runs', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let datasetId: number;
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
    const content = 'city,amount\nBern,1\nRome,2\nBern,3\n';
    datasetId = (await uploadDataset(author, { fileName: 'orders.csv', content })).id;
  });
  after(() => server.stop());

  /** A flow with a recipe by each name, each with an ad hoc output. */
  const makeFlow = async (...names: string[]) => {
    const { id } = await author.call(flows.create, { body: { name: 'Sales' } });
    const ids: number[] = [];
    for (const name of names) {
      const body = { name, flow: { id }, importedDataset: { id: datasetId } };
      const recipe = await author.call(recipes.create, { body });
      const path = `${id}/${name}.csv`;
      const writeSettings = [{ path, action: 'overwrite' as const, format: 'csv' as const }];
      await author.call(outputs.create, { body: { flowNodeId: recipe.id, profiler: false, writeSettings } });
      ids.push(recipe.id);
    }
    return { id, recipeIds: ids };
  };
  const statusOf = (id: number) => author.call(runs.status, { params: { id } });
  const ended = (id: number) => until(async () => (await statusOf(id)) === 'Complete', `flow run ${id}`);

  it('run every ad hoc output as a job, without a body too', async () => {
    const flow = await makeFlow('totals', 'lines');
    const started = await author.call(runs.create, { params: { id: flow.id } });
    assert.deepEqual(
      started.data.map(({ flowRun, reason }) => [flowRun.id, reason]),
      [
        [started.flowRunId, 'JobStarted'],
        [started.flowRunId, 'JobStarted'],
      ],
    );
    await ended(started.flowRunId);
    const run = await author.call(runs.get, { params: { id: started.flowRunId } });
    assert.deepEqual([run.flow.id, run.status, run.startedBy.kind], [flow.id, 'Complete', 'person']);
    assert.ok(run.finishedAt !== null && run.finishedAt >= run.startedAt);
    const { data } = await author.call(runs.jobGroups, { params: { id: run.id } });
    assert.deepEqual(
      data.map(({ id, flowrun, status, wrangledDataset, rows }) => [
        id,
        flowrun?.id,
        status,
        wrangledDataset?.id,
        rows,
      ]),
      started.data.map(({ id }, index) => [id, run.id, 'Complete', flow.recipeIds[index], 3]),
    );
    const listed = await author.call(runs.list, { query: { flowId: flow.id, embed: 'flow' } });
    assert.deepEqual(
      listed.data.map(({ id, flow: of }) => [id, of['name']]),
      [[run.id, 'Sales']],
    );
    const some = await author.call(jobs.list, { query: { flowRunId: run.id } });
    assert.equal(some.data.length, 2);
  });

  it('run chosen recipes, with what is said instead of their outputs', async () => {
    const { id, recipeIds } = await makeFlow('totals', 'lines');
    const instead = { path: `${id}/instead.json`, action: 'create' as const, format: 'json' as const };
    const body = {
      wrangledDatasetIds: [recipeIds[1]!],
      overrides: { lines: { profiler: true, writesettings: [instead] } },
      runParameters: { overrides: { data: [{ key: 'nobody', value: 1 }] } },
    };
    const { flowRunId, data } = await author.call(runs.create, { params: { id }, body });
    assert.equal(data.length, 1);
    await ended(flowRunId);
    const job = await author.call(jobs.get, { params: { id: data[0]!.id } });
    assert.equal(job.profilingEnabled, true);
    assert.match(job.warnings.join(), /No parameter is named "nobody"/u);
    const { files } = await author.call(jobs.outputs, { params: { id: job.id } });
    assert.match(files.map(({ name }) => name).join(), /^instead-\d+\.json$/u);
  });

  it('start nothing where one of the jobs can not be planned', async () => {
    const { id, recipeIds } = await makeFlow('totals', 'lines');
    const { data: list } = await author.call(outputs.list, { query: { flowId: id, noLimit: true } });
    const lines = list.find(({ flowNodeId }) => flowNodeId === recipeIds[1])!;
    await author.call(outputs.remove, { params: { id: lines.id } });
    const body = { wrangledDatasetIds: recipeIds };
    const refusal = await author.refused(runs.create, 409, { params: { id }, body });
    assert.match(refusal.detail, /^Recipe lines: The recipe has no ad hoc output/u);
    const started = await author.call(jobs.list, { query: { flowId: id } });
    assert.deepEqual(started.data, []);
    assert.deepEqual((await author.call(runs.list, { query: { flowId: id } })).data, []);
  });

  it('refuse what names no recipe of the flow, and a flow without outputs', async () => {
    const { id } = await makeFlow('totals');
    const refused = async (body: object, field: string) => {
      const { errors } = await author.refused(runs.create, 400, { params: { id }, body });
      assert.deepEqual(
        errors.map((error) => error.field),
        [field],
      );
    };
    await refused({ wrangledDatasetIds: [999_999] }, 'wrangledDatasetIds[0]');
    await refused({ overrides: { other: {} } }, 'overrides.other');
    await refused({ wrangledDatasetIds: [] }, 'wrangledDatasetIds');
    const empty = await makeFlow();
    const refusal = await author.refused(runs.create, 409, { params: { id: empty.id } });
    assert.match(refusal.detail, /no ad hoc output/u);
  });

  it('hand on how many webhooks led to them, at the first attempt and at a retry', async () => {
    const receiver = await startReceiver();
    await allowUrls(server, [`^${receiver.url.replaceAll('.', '\\.')}/`]);
    await server.administrator.call(workspaceEndpoints.changeSettings, {
      body: { 'webapp.webhookSettings.retrySchedule': [1, 1] },
    });
    receiver.answer(() => ({ status: receiver.received.length === 1 ? 503 : 200 }));
    const { id } = await makeFlow('totals', 'lines');
    const task = { flowId: id, name: 'All done', url: `${receiver.url}/done`, method: 'post' } as const;
    const when = {
      triggerEvent: 'onJobDone',
      triggerObject: 'any',
      condition: { kind: 'flowRunEnded' },
    } as const;
    await author.call(tasks.create, { body: { ...task, ...when } });
    await author.call(runs.create, { params: { id }, headers: { 'x-webhook-hop': '2' } });
    await until(() => receiver.received.length === 2, 'a retry');
    assert.deepEqual(
      receiver.received.map(({ headers }) => headers['x-webhook-hop']),
      ['3', '3'],
    );
    await receiver.close();
  });

  it('are started once by a delivery, for ever', async () => {
    const { id } = await makeFlow('totals', 'lines');
    const headers = { 'x-webhook-delivery': `dlv_${randomUUID()}`, 'x-webhook-hop': '2' };
    const call = () => author.call(runs.create, { params: { id }, headers });
    const [first, second] = await Promise.all([call(), call()]);
    assert.equal(second.flowRunId, first.flowRunId);
    const third = await call();
    assert.deepEqual(
      third.data.map((job) => job.id),
      first.data.map((job) => job.id),
    );
    const job = await author.call(jobs.get, { params: { id: first.data[0]!.id } });
    // Another server's delivery: no job and task of this one.
    assert.deepEqual(job.startedBy, {
      kind: 'webhook',
      delivery: headers['x-webhook-delivery'],
      jobGroup: null,
      schedule: null,
      webhookFlowTask: null,
      webhookDelivery: null,
    });
  });

  it('are as if they did not exist to others, and are canceled as a whole', async () => {
    const { id } = await makeFlow('totals', 'lines');
    const stranger = await server.addPerson('author');
    await stranger.refused(runs.create, 404, { params: { id } });
    const { flowRunId } = await author.call(runs.create, { params: { id } });
    for (const endpoint of [runs.get, runs.status, runs.jobGroups, runs.cancel])
      await stranger.refused(endpoint, 404, { params: { id: flowRunId } });
    assert.deepEqual((await stranger.call(runs.list, {})).data, []);
    await author.call(runs.cancel, { params: { id: flowRunId } });
    await until(async () => !['Created', 'InProgress'].includes(await statusOf(flowRunId)));
    const { data } = await author.call(runs.list, { query: { status: 'Created' } });
    assert.deepEqual(data, []);
  });
});
