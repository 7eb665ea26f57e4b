// What clients of the original API send is read: every form of it, parsed to one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { initialFields } from './webhook/task-field.ts';
import { accessTokenCreate } from './person/access-token.ts';
import { flag, listQuery } from './convention.ts';
import { externalJobChange, externalJobCreate } from './job/external-job.ts';
import { flowChange, flowCreate } from './flow/flow.ts';
import { importedDatasetCreate, uploadFields } from './flow/imported-dataset.ts';
import { jobGroupCreate } from './job/job-launch.ts';
import { outputObjectChange, outputObjectCreate } from './flow/output-object.ts';
import { webhookDeliveryEndpoints } from './webhook/webhook-delivery.ts';
import { webhookTask, webhookTaskChange, webhookTaskCreate, webhookTest } from './webhook/webhook-task.ts';
import { primaryInputChange, wrangledDatasetChange, wrangledDatasetCreate } from './flow/wrangled-dataset.ts';
import { findWriteSettingFaults, writeSettingChange, writeSettingCreate } from './flow/write-setting.ts';

const setting = { path: 'a.csv', action: 'create', format: 'csv' } as const;
const whole = {
  ...setting,
  compression: 'none',
  zstd: false,
  header: true,
  asSingleFile: true,
  delim: ',',
  hasQuotes: false,
  nullText: '',
};
const task = {
  name: 'Tell Slack',
  url: 'https://hooks.example.com/services/T0/B0/x',
  method: 'post',
  triggerEvent: 'onJobSuccess',
  triggerObject: 'any',
};

describe('requests', () => {
  it('lose the members that nobody knows', () => {
    assert.deepEqual(flowCreate.parse({ name: 'Sales', folderId: 4, settings: {} }), { name: 'Sales' });
    assert.deepEqual(flowChange.parse({}), {});
    const nested = {
      wrangledDataset: { id: 1, name: 'x' },
      overrides: { sparkOptions: [], profiler: false },
    };
    assert.deepEqual(jobGroupCreate.parse(nested).overrides, { profiler: false });
  });

  it('take the flow as flowId or as a relation', () => {
    for (const form of [{ flowId: 7 }, { flow: { id: 7 } }, { flowId: 7, flow: { id: 7, name: 'x' } }]) {
      const parsed = webhookTaskCreate.parse({ ...task, ...form });
      assert.equal(parsed.flowId, 7);
      assert.ok(!('flow' in parsed));
    }
    assert.ok(!webhookTaskCreate.safeParse(task).success);
    assert.ok(!webhookTaskCreate.safeParse({ ...task, flowId: 7, flow: { id: 8 } }).success);
  });

  it('take the input of a recipe as a dataset or as a recipe, not as both', () => {
    const recipe = { name: 'totals', flow: { id: 7 } };
    const given = wrangledDatasetCreate.parse({ ...recipe, importedDataset: { id: 3 } });
    assert.deepEqual(given, { name: 'totals', flowId: 7, input: { kind: 'dataset', id: 3 } });
    const upstream = wrangledDatasetCreate.parse({ ...recipe, wrangledDataset: { id: 4 } });
    assert.deepEqual(upstream.input, { kind: 'recipe', id: 4 });
    const both = { importedDataset: { id: 3 }, wrangledDataset: { id: 4 } };
    assert.ok(!wrangledDatasetCreate.safeParse({ ...recipe, ...both }).success);
    assert.ok(!wrangledDatasetCreate.safeParse(recipe).success, 'neither input nor SQL');
    assert.ok(wrangledDatasetCreate.safeParse({ ...recipe, sql: 'SELECT 1' }).success);
    assert.deepEqual(wrangledDatasetChange.parse({ sql: null }), { sql: null, input: undefined });
    assert.ok(!primaryInputChange.safeParse({}).success);
  });

  it('take write settings as a list or in data, in either case of the name', () => {
    const forms = [
      { writeSettings: [setting] },
      { writeSettings: { data: [setting] } },
      { writesettings: [setting] },
      { writesettings: { data: [setting] } },
    ];
    for (const form of forms) {
      const output = outputObjectCreate.parse({ flowNodeId: 12, ...form });
      assert.deepEqual(output.writeSettings, [whole]);
      const launch = jobGroupCreate.parse({ wrangledDataset: { id: 12 }, overrides: form });
      assert.deepEqual(launch.overrides.writeSettings, [whole]);
    }
    assert.deepEqual(outputObjectCreate.parse({ flowNodeId: 12 }), {
      flowNodeId: 12,
      execution: 'photon',
      profiler: true,
      isAdhoc: true,
      writeSettings: [],
    });
    assert.equal(outputObjectChange.parse({ profiler: false }).writeSettings, undefined);
  });

  it('fill in what a write setting leaves out, on creation alone', () => {
    assert.deepEqual(writeSettingCreate.parse({ ...setting, outputObjectId: 31 }), {
      ...whole,
      outputObjectId: 31,
    });
    assert.deepEqual(writeSettingChange.parse({ header: false }), { header: false });
  });

  it('refuse formats and compressions that do not fit', () => {
    assert.equal(findWriteSettingFaults({ format: 'csv', compression: 'snappy', zstd: false }).length, 1);
    assert.equal(findWriteSettingFaults({ format: 'pqt', compression: 'gzip', zstd: true }).length, 1);
    assert.equal(findWriteSettingFaults({ format: 'pqt', compression: 'none', zstd: true }).length, 0);
    for (const path of ['../a.csv', 'a/../../b.csv', 'a\u0000.csv', '..\\a']) {
      assert.ok(!writeSettingCreate.safeParse({ ...setting, path, outputObjectId: 1 }).success, path);
    }
  });

  it('launch with nothing but the recipe, and with the parameters of the original', () => {
    assert.deepEqual(jobGroupCreate.parse({ wrangledDataset: { id: 12 } }), {
      wrangledDatasetId: 12,
      overrides: {},
      parameters: [],
    });
    const runParameters = { overrides: { data: [{ key: 'region', value: 'north' }] } };
    const launch = jobGroupCreate.parse({ wrangledDataset: { id: 12 }, ranfrom: 'ui', runParameters });
    assert.deepEqual(launch.parameters, [{ key: 'region', value: 'north' }]);
    assert.ok(!jobGroupCreate.safeParse({ wrangledDataset: { id: 12 }, ranfrom: 'cli' }).success);
  });

  it('report external jobs of a recipe or of a flow', () => {
    assert.equal(externalJobCreate.parse({ flow: { id: 7 } }).flowId, 7);
    assert.equal(externalJobCreate.parse({ wrangledDataset: { id: 12 } }).wrangledDatasetId, 12);
    assert.ok(!externalJobCreate.safeParse({ name: 'x' }).success);
    assert.ok(!externalJobChange.safeParse({ status: 'Created' }).success);
    assert.ok(!externalJobChange.safeParse({ facts: { log: 'x'.repeat(70_000) } }).success);
  });

  it('read the options of an upload from JSON text', () => {
    const parsed = uploadFields.parse({ name: 'sales', options: '{"delimiter":";"}' });
    assert.deepEqual(parsed, { name: 'sales', options: { delimiter: ';' } });
    assert.ok(!uploadFields.safeParse({ options: '{' }).success);
    const unknown = uploadFields.safeParse({ options: '{"delimiter":";","delimter":","}' });
    assert.match(String(unknown.error), /delimter/u);
    assert.deepEqual(importedDatasetCreate.parse({ uri: 'file:///a.csv', type: 'hdfs' }), {
      uri: 'file:///a.csv',
    });
  });

  it('make tokens that end by themselves, or never where that is asked for', () => {
    assert.equal(accessTokenCreate.parse({ lifetimeSeconds: -1 }).lifetimeSeconds, -1);
    for (const lifetimeSeconds of [0, -2, 1.5]) {
      assert.ok(!accessTokenCreate.safeParse({ lifetimeSeconds }).success);
    }
  });
});

describe('queries', () => {
  it('read booleans in any letter case', () => {
    for (const text of ['true', 'True', 'TRUE', '1']) assert.equal(flag.parse(text), true);
    for (const text of ['false', 'False', 'FALSE', '0', '']) assert.equal(flag.parse(text), false);
    assert.ok(!flag.safeParse('yes please').success);
  });

  it('take an empty embed and empty fields', () => {
    assert.deepEqual(listQuery.parse({ embed: '', fields: '', unknown: 'x' }), { embed: '', fields: '' });
  });

  it('take several states of deliveries', () => {
    const { query } = webhookDeliveryEndpoints.list;
    assert.deepEqual(query.parse({ state: 'dead, canceled' }).state, ['dead', 'canceled']);
    assert.ok(!query.safeParse({ state: 'lost' }).success);
  });
});

describe('a webhook task', () => {
  it('gets what is usual where it says nothing', () => {
    assert.deepEqual(webhookTaskCreate.parse({ ...task, flowId: 7 }), {
      ...initialFields,
      ...task,
      flowId: 7,
      flowNodeIds: [],
      condition: null,
      body: null,
      headers: {},
      secretHeaders: [],
      secrets: {},
      sslVerification: true,
      retryOnFailure: true,
      enabled: true,
      urlSecret: false,
      missingSecrets: [],
    });
  });

  it('watches at least one recipe, or any', () => {
    const some = { ...task, flowId: 7, triggerObject: 'some' };
    assert.ok(!webhookTaskCreate.safeParse(some).success);
    assert.ok(webhookTaskCreate.safeParse({ ...some, flowNodeIds: [12] }).success);
    assert.ok(!webhookTaskChange.safeParse({ triggerObject: 'some', flowNodeIds: [] }).success);
    assert.ok(webhookTaskChange.safeParse({ triggerObject: 'some' }).success, 'it may have recipes already');
  });

  it('changes no member that the change leaves out', () => {
    assert.deepEqual(webhookTaskChange.parse({ enabled: false }), { enabled: false, flowId: undefined });
  });

  it('keeps a stored header by null on a change, and has none to keep on creation', () => {
    const headers = { Authorization: null };
    assert.deepEqual(webhookTaskChange.parse({ headers }).headers, headers);
    assert.ok(!webhookTaskCreate.safeParse({ ...task, flowId: 7, headers }).success);
  });

  it('can be sent back as it was read', () => {
    const read = webhookTask.parse({
      id: 149,
      flow: { id: 7 },
      ...initialFields,
      ...task,
      condition: null,
      kind: 'request',
      runWrangledDataset: null,
      flowNodeIds: [],
      headers: { 'Content-Type': 'application/json', Authorization: null },
      secretHeaders: ['Authorization'],
      body: null,
      secretKeySet: true,
      earlierSecretKeyUntil: null,
      secretNames: ['routing'],
      missingSecrets: [],
      sslVerification: true,
      retryOnFailure: true,
      enabled: true,
      disabledReason: null,
      urlSecret: false,
      creator: { id: 1 },
      updater: { id: 1 },
      createdAt: '2026-01-02T03:04:05.678Z',
      updatedAt: '2026-01-02T03:04:05.678Z',
    });
    const change = webhookTaskChange.parse(read);
    assert.equal(change.flowId, 7);
    assert.equal(change.secretKey, undefined);
    assert.equal(change.secrets, undefined);
  });

  it('is tested by url and method alone, or by its id', () => {
    assert.ok(webhookTest.safeParse({ url: 'https://a.example/', method: 'post' }).success);
    assert.ok(webhookTest.safeParse({ id: 149, headers: { Authorization: null } }).success);
    assert.ok(!webhookTest.safeParse({ url: 'https://a.example/' }).success);
  });
});
