// What pages ask of jobs and deliveries: first rows, the graph of what ran, filters, names in lists, many at once, CSV.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, it } from 'node:test';
import { deliverySelectionEndpoints as selection } from '@flowhook/contract/webhook/delivery-selection';
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobContentEndpoints as content } from '@flowhook/contract/job/job-content';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { webhookDeliveryEndpoints as deliveries } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('What pages ask of jobs and deliveries', (_, dialect) => {
  let server: TestServer;
  let receiver: Server;
  let flowId: number;
  let recipeId: number;
  let jobId: number;
  let externalId: number;
  let status = 410;

  before(async () => {
    receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    server = await startServer(dialect, { FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^${url}/`]) });
    const { author } = server;
    flowId = (await author.call(flows.create, { body: { name: '=Sales' } })).id;
    const dataset = await uploadDataset(
      author,
      { fileName: 'a.csv', content: 'a,b\n1,x\n2,y\n3,z\n' },
      { name: 'rows' },
    );
    const flow = { id: flowId };
    const first = await author.call(recipes.create, {
      body: {
        name: 'clean',
        flow,
        importedDataset: { id: dataset.id },
        sql: 'select * from rows where a > 1',
      },
    });
    const second = await author.call(recipes.create, {
      body: {
        name: 'totals',
        flow,
        wrangledDataset: { id: first.id },
        sql: 'select a, b from clean order by a',
      },
    });
    recipeId = second.id;
    await author.call(outputs.create, {
      body: {
        flowNodeId: recipeId,
        profiler: false,
        writeSettings: [{ path: 'totals.csv.gz', action: 'create', format: 'csv', compression: 'gzip' }],
      },
    });
    const task = {
      url: `${url}/x`,
      method: 'post',
      triggerEvent: 'onJobDone',
      triggerObject: 'any',
    } as const;
    await author.call(tasks.create, { body: { ...task, flowId, name: '=cmd|calc' } });
    jobId = (await author.call(jobs.create, { body: { wrangledDataset: { id: recipeId } } })).id;
    await until(async () => (await author.call(jobs.status, { params: { id: jobId } })) === 'Complete');
    externalId = (await author.call(external.create, { body: { flow, name: 'dbt' } })).id;
    await author.call(external.change, {
      params: { id: externalId },
      body: { status: 'Failed', errorMessage: 'x' },
    });
    await until(
      async () => (await author.call(deliveries.count, { query: { state: 'dead' } })).count === 2,
      'two dead',
    );
  });
  after(async () => {
    await server.stop();
    receiver.close();
  });

  it('shows the first rows of a file', async () => {
    const { author } = server;
    const { files } = await author.call(jobs.outputs, { params: { id: jobId } });
    const params = { id: jobId, fileId: files[0]!.id };
    const found = await author.call(content.preview, { params, query: { limit: 1 } });
    assert.deepEqual(
      found.columns.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(
      found.rows.map((row) => row.map(String)),
      [['2', 'y']],
    );
    assert.equal(found.truncated, true);
    await author.refused(content.preview, 404, { params: { id: jobId, fileId: 999_999 } });
    const stranger = await server.addPerson('author');
    await stranger.refused(content.preview, 404, { params });
  });

  it('shows the graph of what ran, as it was then', async () => {
    const { author } = server;
    await author.call(recipes.change, { params: { id: recipeId }, body: { name: 'renamed' } });
    const found = await author.call(content.graph, { params: { id: jobId } });
    assert.deepEqual(
      found.data
        .map(({ name, kind, isOutput }) => [name, kind, isOutput])
        .sort((a, b) => String(a).localeCompare(String(b))),
      [
        ['clean', 'recipe', false],
        ['rows', 'dataset', false],
        ['totals', 'recipe', true],
      ],
    );
    assert.deepEqual(
      found.edges.map(({ source, target }) => `${source} > ${target}`).sort((a, b) => a.localeCompare(b)),
      ['clean > totals', 'rows > clean'],
    );
    assert.equal(found.files[0]!.format, 'csv');
    await author.refused(content.graph, 404, { params: { id: externalId } });
  });

  it('narrows the history by state, kind, starter, person and time', async () => {
    const { author } = server;
    const find = async (query: object) =>
      (await author.call(jobs.list, { query: { flowId, ...query } })).data.map(({ id }) => id);
    assert.deepEqual(await find({}), [externalId, jobId]);
    assert.deepEqual(await find({ status: 'Failed' }), [externalId]);
    assert.deepEqual(await find({ status: 'Failed,Complete' }), [externalId, jobId]);
    assert.deepEqual(await find({ external: false }), [jobId]);
    assert.deepEqual(await find({ startedBy: 'external' }), [externalId]);
    assert.deepEqual(await find({ creatorId: author.id }), [externalId, jobId]);
    assert.deepEqual(await find({ creatorId: server.viewer.id }), []);
    assert.deepEqual(await find({ to: '2020-01-01T00:00:00Z' }), []);
    assert.deepEqual(await find({ after: externalId, limit: 1 }), [jobId]);
    await author.refused(jobs.list, 400, { query: { status: 'Failed,Wrong' } });
    await author.refused(jobs.list, 400, { query: { from: 'yesterday' } });
  });

  it('names flow and job in the list of deliveries, and finds them by what people type', async () => {
    const { author } = server;
    const { data } = await author.call(deliveries.list, { query: { embed: 'flow,jobGroup' } });
    assert.deepEqual(
      data.map(({ flow, jobGroup }) => [flow['name'], jobGroup!['name']]),
      [
        ['=Sales', 'dbt'],
        ['=Sales', 'totals'],
      ],
    );
    const count = async (query: object) =>
      (await author.call(deliveries.count, { query: { flowId, ...query } })).count;
    assert.equal(await count({ filter: 'CALC' }), 2);
    assert.equal(await count({ filter: '127.0.0.1' }), 2);
    assert.equal(await count({ filter: data[0]!.deliveryId }), 1);
    assert.equal(await count({ state: 'dead,canceled', statusCode: 410 }), 2);
    assert.equal(await count({ state: 'delivered' }), 0);
    assert.equal(await count({ held: true }), 0);
    assert.equal(await count({ reason: 'timeout' }), 0);
  });

  it('exports them as CSV that no spreadsheet runs', async () => {
    const text = await server.author.call(selection.export, { query: { flowId } });
    const [head, ...lines] = text.trimEnd().split('\r\n');
    assert.match(head!, /^id,deliveryId,state,held,heldReason,webhookFlowTaskId,webhookFlowTask,/u);
    assert.equal(lines.length, 2);
    assert.ok(
      lines.every((line) => line.includes(",'=cmd|calc,") && line.includes(",'=Sales,")),
      text,
    );
    const stranger = await server.addPerson('author');
    assert.equal((await stranger.call(selection.export)).trimEnd().split('\r\n').length, 1);
  });

  it('asks for many again, and says of each what came of it', async () => {
    const { author } = server;
    status = 200;
    const { data } = await author.call(deliveries.list, { query: { flowId } });
    const ids = data.map(({ id }) => id);
    const stranger = await server.addPerson('author');
    const refused = await stranger.call(selection.redeliver, { body: { ids } });
    assert.deepEqual(
      refused.data.map(({ done, problem }) => [done, problem!.code]),
      ids.map(() => [false, 'not_found']),
    );
    const answer = await author.call(selection.redeliver, { body: { ids: [...ids, 999_999, ids[0]!] } });
    assert.deepEqual(
      answer.data.map(({ id, done }) => [id, done]),
      [...ids.map((id) => [id, true]), [999_999, false]],
    );
    await until(
      async () => (await author.call(deliveries.count, { query: { state: 'delivered' } })).count === 2,
    );
    const again = await author.call(selection.redeliver, { body: { ids, asNew: true } });
    assert.ok(again.data.every(({ id, delivery }) => delivery!.id > id));
    await author.refused(selection.redeliver, 400, { body: { ids: [] } });
    await author.refused(selection.redeliver, 400, {
      body: { ids: Array.from({ length: 101 }, (__, at) => at + 1) },
    });
    await server.viewer.refused(selection.redeliver, 403, { body: { ids } });
  });

  it('says in a preview where a body is no JSON, and how long it is', async () => {
    const body = { flowId, url: 'https://example.com/', method: 'post', jobGroupId: jobId } as const;
    const call = (text: string) =>
      server.author.call(tasks.preview, { body: { ...body, body: text, secretKey: 'k' } });
    const broken = await call('{"id": $jobId,}');
    assert.equal(broken.body, `{"id": ${jobId},}`);
    assert.equal(broken.bodyBytes, Buffer.byteLength(broken.body));
    assert.equal(broken.signedText, `t.${broken.body}`);
    assert.deepEqual([broken.jsonFault!.line, broken.jsonFault!.position], [1, broken.body.length - 1]);
    assert.equal((await call('{"id": $jobId}')).jsonFault, null);
    assert.equal((await call('job $jobId')).jsonFault, null);
  });

  it('says of a URL what decides, what may be opened, and which addresses its name has', async () => {
    const look = (url: string) => server.author.call(tasks.egress, { query: { url } });
    const closed = await look('http://10.1.2.3/x');
    assert.deepEqual([closed.allowed, closed.rule, closed.addresses], [false, 'not_public', []]);
    assert.match(closed.detail, /An administrator can open it/u);
    const opened = await look(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/y`);
    assert.deepEqual([opened.allowed, opened.rule], [true, 'allowed_url']);
    const nowhere = await look('http://no-such-name.invalid/');
    assert.equal(typeof nowhere.unresolved, 'string');
  });

  it('says why a job failed at the job and at the step that failed, with the place in the SQL', async () => {
    const { author } = server;
    const { id: other } = await author.call(flows.create, { body: { name: 'Wrong' } });
    const sql = "select\n  cast('zwei' || length(uuid()::text) as integer) as n";
    const recipe = { name: 'wrong', flow: { id: other }, sql };
    const wrangledDataset = { id: (await author.call(recipes.create, { body: recipe })).id };
    await author.call(outputs.create, { body: { flowNodeId: wrangledDataset.id } });
    const params = { id: (await author.call(jobs.create, { body: { wrangledDataset } })).id };
    await until(async () => (await author.call(jobs.status, { params })) === 'Failed');
    const job = await author.call(jobs.get, { params, query: { embed: 'jobs' } });
    assert.match(job.workloadError?.message ?? '', /^Recipe "wrong" \(line 2, column 3\): .*zwei36/u);
    const steps = job.jobs.data as readonly { errorMessage?: string | null; status?: string }[];
    assert.ok(steps.length > 1);
    assert.deepEqual(
      steps.map(({ status: of, errorMessage }) => [of, errorMessage]),
      steps.map((_step, index) => ['Failed', index === 0 ? job.workloadError!.message : null]),
    );
  });
});
