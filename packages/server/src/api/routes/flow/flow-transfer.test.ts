// Copy, export and import over HTTP: what comes along, what stays behind, and what says so.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { flowTransferEndpoints as transfer, packageImport } from '@flowhook/contract/flow/flow-transfer';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import {
  foreignDocument,
  foreignFlow,
  packageOf,
  sendPackage,
  zipOf,
} from '../../../../test/foreign-package.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { formHeaders, uploadDataset, writeForm } from '../../../../test/upload-form.ts';
import { until } from '../../../../test/wait.ts';
import { readPackageFile } from '../../../transfer/package-file.ts';

describeOnBoth('transfer', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let rootDir: string;
  before(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'flowhook-transfer-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: rootDir });
    author = server.author;
  });
  after(async () => {
    await server.stop();
    await rm(rootDir, { recursive: true });
  });

  const secret = 'a-secret-that-goes-nowhere';

  /** A flow with an upload, a file by address, two recipes, an output, and a task full of secrets. */
  async function makeFlow() {
    const { id } = await author.call(flows.create, { body: { name: 'Sales & more', description: 'd' } });
    const upload = await uploadDataset(author, { fileName: 'sold.csv', content: 'a,b\n1,2\n' });
    await writeFile(join(rootDir, 'price.csv'), 'a,p\n1,5\n');
    const uri = pathToFileURL(join(rootDir, 'price.csv')).href;
    const byUri = await author.call(datasets.create, { body: { uri } });
    const flow = { id };
    await author.call(datasets.addToFlow, { params: { id: byUri.id }, body: { flow } });
    const first = await author.call(recipes.create, {
      body: {
        name: 'joined',
        flow,
        importedDataset: { id: upload.id },
        sql: 'select * from sold join price using (a)',
      },
    });
    const second = await author.call(recipes.create, {
      body: { name: 'all', flow, wrangledDataset: { id: first.id } },
    });
    const setting = {
      path: `sales-${id}/all.csv`,
      action: 'create',
      format: 'csv',
      compression: 'gzip',
    } as const;
    await author.call(outputs.create, { body: { flowNodeId: second.id, writeSettings: [setting] } });
    const task = await author.call(tasks.create, {
      body: {
        name: 'Tell',
        flowId: id,
        url: 'https://hooks.example.com/services/path-secret',
        urlSecret: true,
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'some',
        flowNodeIds: [second.id],
        headers: { 'X-Team': 'red', Authorization: `Bearer ${secret}` },
        body: '{"key":"$secret.key"}',
        secretKey: `${secret}-key`,
        secrets: { key: `${secret}-named` },
      },
    });
    return { id, upload, first, second, task };
  }

  const download = async (id: number, by = author) => {
    const answer = await fetch(`${server.url}/v4/flows/${id}/package`, {
      headers: { authorization: `Bearer ${by.token}` },
    });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-disposition')!, /flow_Sales_more\.zip/u);
    return Buffer.from(await answer.arrayBuffer());
  };
  const bring = async (content: Buffer, options = {}) => {
    const answer = await sendPackage(author, content, options);
    assert.equal(answer.status, 'dryRun' in options ? 200 : 201, answer.text);
    return packageImport.parse(answer.json);
  };
  const countFlows = async () => (await author.call(flows.count)).count;

  it('copies a flow without its webhook tasks, or with them, disabled and without secrets', async () => {
    const { id, upload } = await makeFlow();
    const plain = await author.call(transfer.copy, { params: { id } });
    assert.equal(plain.name, 'Sales & more (copy)');
    assert.deepEqual((await author.call(tasks.list, { query: { flowId: plain.id } })).data, []);
    const body = { name: 'Mine', description: 'x', copyDatasources: true, copyWebhooks: true };
    const whole = await author.call(transfer.copy, { params: { id }, body });
    assert.deepEqual([whole.name, whole.description], ['Mine', 'x']);
    const [task] = (await author.call(tasks.list, { query: { flowId: whole.id } })).data;
    assert.deepEqual(
      [task!.enabled, task!.secretKeySet, task!.headers],
      [false, false, { 'X-Team': 'red', Authorization: null }],
    );
    assert.deepEqual(task!.missingSecrets, ['url', 'headers.Authorization', 'secretKey', 'secrets.key']);
    assert.match(task!.disabledReason!, /came without its secrets/u);
    const graph = await author.call(flows.flowNodes, { params: { id: whole.id } });
    const all = graph.data.find(({ name }) => name === 'all')!;
    assert.deepEqual(task!.flowNodeIds, [all.id]);
    const dataset = graph.data.find(({ name }) => name === 'sold')!.importedDataset!;
    assert.notEqual(dataset.id, upload.id);
    const started = await author.call(jobs.create, { body: { wrangledDataset: { id: all.id } } });
    await until(async () => (await author.call(jobs.status, { params: { id: started.id } })) === 'Complete');
  });

  it('copies and exports for whoever sees the flow, webhook tasks for its editors alone', async () => {
    const { id } = await makeFlow();
    const reader = await server.addPerson('author');
    await reader.refused(transfer.copy, 404, { params: { id } });
    const data = [{ personId: reader.id, role: 'readOnly' as const }];
    await author.call(permissions.give, { params: { id }, body: { data } });
    await reader.refused(transfer.copy, 403, { params: { id }, body: { copyWebhooks: true } });
    const copy = await reader.call(transfer.copy, { params: { id } });
    assert.deepEqual(copy['owner'], { id: reader.id });
    const { text } = await readPackageFile(await download(id, reader), 'data');
    assert.match(text, /"webhookflowtasks": \[\]/u);
    const dry = await reader.call(transfer.exportDryRun, { params: { id } });
    assert.match(dry.warnings[0]!, /only editors/u);
  });

  it('exports no secret, and the same bytes but for time and uuid', async () => {
    const { id } = await makeFlow();
    const { name, text } = await readPackageFile(await download(id), 'data');
    assert.equal(name, 'flow_Sales_more.json');
    assert.doesNotMatch(text, /goes-nowhere|path-secret|@example\.com|upload:\/\//u);
    const document = JSON.parse(text) as ReturnType<typeof foreignDocument>;
    const [flow] = document.data.flows as ReturnType<typeof foreignFlow>[];
    const [task] = flow!.webhookflowtasks as { secretKey: unknown; url: unknown; headers: object }[];
    assert.deepEqual(
      [task!.secretKey, task!.url, task!.headers],
      [null, null, { 'X-Team': 'red', Authorization: null }],
    );
    assert.deepEqual(
      flow!.flownodes.map(({ wrangled }) => wrangled),
      [false, false, true, true],
    );
    const again = (await readPackageFile(await download(id), 'data')).text;
    const still = (all: string) => all.replaceAll(/"(?:exportedAt|uuid)": "[^"]*"/gu, '');
    assert.equal(still(again), still(text));
    const dry = await author.call(transfer.exportDryRun, { params: { id } });
    assert.deepEqual([dry.flowName, dry.flows[0]!.id], ['Sales & more', id]);
    assert.ok(dry.warnings.some((warning) => warning.includes('goes without url')));
  });

  it('imports what it exported: tasks wait for their secrets, uploads for their files', async () => {
    const { id } = await makeFlow();
    const content = await download(id);
    const before = await countFlows();
    const dry = await bring(content, { dryRun: true });
    assert.equal(dry.flowName, 'Sales & more');
    assert.deepEqual([dry.flows[0]!.id, dry.primaryFlowIds], [null, []]);
    assert.equal(await countFlows(), before);
    const made = await bring(content, { part: 'archive' });
    assert.equal(await countFlows(), before + 1);
    assert.deepEqual(made.warnings, dry.warnings);
    const flowId = made.flows[0]!.id!;
    assert.equal(made.createdObjectMapping['flows']![String(id)], flowId);
    const waits = Object.fromEntries(made.datasources.map(({ name, waiting }) => [name, waiting]));
    assert.deepEqual(waits, { price: false, sold: true });
    const inFlow = [...made.recipes, ...made.datasources, ...made.webhookflowtasks];
    assert.ok(inFlow.every(({ flow }) => flow?.id === flowId));
    assert.ok(dry.webhookflowtasks.every(({ flow }) => flow === null));
    const { id: taskId, missingSecrets } = made.webhookflowtasks[0]!;
    assert.deepEqual(missingSecrets, ['url', 'headers.Authorization', 'secretKey', 'secrets.key']);
    const params = { id: taskId! };
    const task = await author.call(tasks.get, { params });
    assert.equal(task.enabled, false);
    assert.deepEqual(task.flowNodeIds, [made.recipes.find(({ name }) => name === 'all')!.id]);
    const { errors } = await author.refused(tasks.change, 400, { params, body: { enabled: true } });
    assert.deepEqual(
      errors.map(({ field }) => field),
      ['url', 'headers.Authorization', 'secretKey', 'secrets.key'],
    );
    await author.call(tasks.change, { params, body: { name: 'Still waiting' } });
    const given = {
      url: 'https://hooks.example.com/x',
      headers: { 'X-Team': 'red', Authorization: 'Bearer new' },
      secretKey: 'new',
      secrets: { key: 'new' },
      enabled: true,
    };
    const whole = await author.call(tasks.change, { params, body: given });
    assert.deepEqual([whole.enabled, whole.missingSecrets, whole.secretKeySet], [true, [], true]);
  });

  it('runs a job that fails and says so while a dataset waits, and succeeds once it has its file', async () => {
    const { id } = await makeFlow();
    const made = await bring(await download(id));
    const recipe = made.recipes.find(({ name }) => name === 'all')!.id!;
    const waiting = made.datasources.find(({ waiting }) => waiting)!;
    const dataset = await author.call(datasets.get, { params: { id: waiting.id! } });
    assert.deepEqual([dataset.origin, dataset.uri], ['waiting', 'sold.csv']);
    const run = async (status: string) => {
      const { id: jobId } = await author.call(jobs.create, { body: { wrangledDataset: { id: recipe } } });
      await until(async () => (await author.call(jobs.status, { params: { id: jobId } })) === status);
      return author.call(jobs.get, { params: { id: jobId } });
    };
    const failed = await run('Failed');
    assert.match(JSON.stringify(failed), /sold\.csv, which this dataset waits for/u);
    const body = writeForm({ fileName: 'sold.csv', content: 'a,b\n1,2\n' });
    const put = await author.send('PUT', `/v4/importedDatasets/${waiting.id}/file`, {
      headers: formHeaders,
      body,
    });
    assert.equal(put.status, 200, put.text);
    await run('Complete');
  });

  it('never opens an upload of somebody else by its address in a package', async () => {
    const { upload } = await makeFlow();
    const row = await server.app.db.read
      .selectFrom('datasets')
      .select('uri')
      .where('id', '=', upload.id)
      .executeTakeFirstOrThrow();
    const flow = foreignFlow();
    flow.datasources[0]!.storageLocation.fullUri = row.uri;
    const stranger = await server.addPerson('author');
    const answer = await sendPackage(stranger, await packageOf(foreignDocument([flow])));
    const made = packageImport.parse(answer.json);
    const { origin } = await stranger.call(datasets.get, { params: { id: made.datasources[0]!.id! } });
    assert.equal(origin, 'waiting');
    await stranger.refused(datasets.preview, 400, { params: { id: made.datasources[0]!.id! } });
  });

  it("takes the original's packages: JSON, and JSON5 with artifacts beside it", async () => {
    const json5 = JSON.stringify(foreignDocument())
      .replace('{"type":"flow"', "// exported\n{type: 'flow'")
      .replace(/\}$/u, ',}');
    const packages = [
      await packageOf(foreignDocument()),
      await zipOf({ 'flow_numbers.json5': json5, 'artifact_1.data': Buffer.from([1, 2, 3]) }),
    ];
    for (const content of packages) {
      const made = await bring(content);
      assert.deepEqual(
        made.recipes.map(({ name, runnable }) => [name, runnable]),
        [
          ['Join quarters', false],
          ['As it is', true],
        ],
      );
      assert.deepEqual(
        made.importRuleChanges.value.map(({ path, to }) => [path, to]),
        [['data.flows[0].outputobjects[0].writesettings[0].path', 'results/Quarters.csv']],
      );
      assert.match(made.deletedObjects['writesettings']![0]!.reason, /avro/u);
      for (const path of ['publications', 'notes'])
        assert.ok(
          made.warnings.some((warning) => warning.includes(path)),
          path,
        );
      const [task] = (await author.call(tasks.list, { query: { flowId: made.flows[0]!.id! } })).data;
      assert.deepEqual(
        [task!.enabled, task!.secretKeySet, task!.headers],
        [true, true, { 'Content-Type': 'application/json', Authorization: null }],
      );
      assert.deepEqual(task!.flowNodeIds, [made.recipes[1]!.id]);
    }
  });

  it('leaves out a place within one of another output: a launch would refuse both', async () => {
    const flow = foreignFlow();
    const [first] = flow.outputobjects;
    const [setting] = first!.writesettings;
    const nested = { ...setting!, id: 83, path: 'RESULTS/quarters.csv/by-city', suffix: '.csv' };
    const outputs = [first!, { ...first!, id: 72, flowNodeId: 503, writesettings: [nested] }];
    const made = await bring(await packageOf(foreignDocument([{ ...flow, outputobjects: outputs }])));
    const reasons = made.deletedObjects['writesettings']!.map(({ reason }) => reason);
    assert.equal(reasons.length, 2);
    assert.match(reasons[1]!, /^RESULTS\/quarters\.csv\/by-city\.csv and the place of another output/u);
  });

  it('keeps steps as a note, and a recipe with them from running until it has SQL', async () => {
    const made = await bring(await packageOf(foreignDocument()));
    const params = { id: made.recipes[0]!.id! };
    const recipe = await author.call(recipes.get, { params });
    assert.equal(recipe.runnable, false);
    assert.match(recipe.note!, /"Join"/u);
    const downstream = made.recipes[1]!.id!;
    const refusal = await author.refused(jobs.create, 409, { body: { wrangledDataset: { id: downstream } } });
    assert.match(refusal.detail, /Join quarters came without SQL/u);
    const changed = await author.call(recipes.change, { params, body: { sql: 'select 1 as one' } });
    assert.equal(changed.runnable, true);
    const { id } = await author.call(jobs.create, { body: { wrangledDataset: { id: downstream } } });
    await until(async () => (await author.call(jobs.status, { params: { id } })) === 'Complete');
    const other = await bring(await packageOf(foreignDocument()));
    await author.call(recipes.change, { params: { id: other.recipes[0]!.id! }, body: { note: null } });
    const without = await author.call(recipes.get, { params: { id: other.recipes[0]!.id! } });
    assert.deepEqual([without.runnable, without.note, without.sql], [true, null, null]);
  });

  it('lets no placeholder become a secret, and disables what the egress policy refuses', async () => {
    const flow = foreignFlow();
    const [task] = flow.webhookflowtasks;
    const spoil = (more: object) => ({ ...task!, ...more });
    const all = [
      spoil({ id: 1, name: 'nulls', secretKey: null, headers: { Authorization: null } }),
      spoil({ id: 2, name: 'stars', secretKey: '****', headers: { Authorization: 'Bearer ****' } }),
      spoil({ id: 3, name: 'inside', url: 'http://169.254.169.254/latest', headers: {}, secretKey: '' }),
      spoil({ id: 4, name: 'bare', headers: {}, secretKey: '' }),
    ];
    const made = await bring(await packageOf(foreignDocument([{ ...flow, webhookflowtasks: all }])));
    const shown = await Promise.all(
      made.webhookflowtasks.map(({ id }) => author.call(tasks.get, { params: { id: id! } })),
    );
    assert.deepEqual(
      shown.map(({ name, enabled, secretKeySet, missingSecrets }) => [
        name,
        enabled,
        secretKeySet,
        missingSecrets,
      ]),
      [
        ['nulls', false, false, ['headers.Authorization', 'secretKey']],
        ['stars', false, false, ['headers.Authorization', 'secretKey']],
        ['inside', false, false, []],
        ['bare', true, false, []],
      ],
    );
    assert.match(shown[2]!.disabledReason!, /egress policy refuses/u);
  });
});
