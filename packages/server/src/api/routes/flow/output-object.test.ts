// Outputs and their write settings over HTTP.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { writeSettingEndpoints as settings } from '@flowhook/contract/flow/write-setting';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';

const csv = { path: 'a/b.csv', action: 'create', format: 'csv' } as const;

describeOnBoth('outputs', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let other: TestPerson;
  let flow: { id: number };
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
    other = await server.addPerson('author');
    flow = await author.call(flows.create, { body: { name: 'Sales' } });
  });
  after(() => server.stop());

  const makeRecipe = async () =>
    (await author.call(recipes.create, { body: { name: 'r', flow, sql: 'select 1 as a' } })).id;
  const makeOutput = async (body: object = {}) => {
    const flowNodeId = await makeRecipe();
    return author.call(outputs.create, { body: { flowNodeId, ...body } });
  };

  it('have defaults, and take write settings in two forms', async () => {
    const bare = await makeOutput();
    assert.deepEqual(
      [bare.execution, bare.engine, bare.profiler, bare.isAdhoc, bare.writeSettings, bare.flowNode],
      ['photon', 'duckdb', true, true, { data: [] }, { id: bare.flowNodeId }],
    );
    for (const writeSettings of [[csv], { data: [csv] }]) {
      const made = await makeOutput({ writeSettings, profiler: false });
      const [setting] = made.writeSettings.data;
      assert.deepEqual(
        [
          setting?.path,
          setting?.header,
          setting?.asSingleFile,
          setting?.delim,
          setting?.hasQuotes,
          setting?.compression,
        ],
        ['a/b.csv', true, true, ',', false, 'none'],
      );
      assert.deepEqual(await author.call(outputs.get, { params: { id: made.id } }), made);
    }
  });

  it('are one ad hoc and one scheduled for a recipe', async () => {
    const { id, flowNodeId } = await makeOutput();
    const refusal = await author.refused(outputs.create, 409, { body: { flowNodeId } });
    assert.deepEqual(refusal['outputObject'], { id });
    await author.call(outputs.create, { body: { flowNodeId, isAdhoc: false } });
    await author.refused(outputs.create, 409, { body: { flowNodeId, isAdhoc: false } });
    await author.call(outputs.remove, { params: { id } });
    await author.refused(outputs.get, 404, { params: { id } });
    await author.call(outputs.create, { body: { flowNodeId } });
    const { data } = await author.call(outputs.list, { query: { flowNodeId } });
    assert.deepEqual(
      data.map(({ isAdhoc }) => isAdhoc),
      [true, false],
    );
  });

  it('are made once, though two ask at the same time', async () => {
    const flowNodeId = await makeRecipe();
    const ask = () => author.send('POST', '/v4/outputObjects', { body: { flowNodeId } });
    const answers = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 409, 409],
    );
  });

  it('are changed; a list of write settings takes the place of all', async () => {
    const { id } = await makeOutput({ writeSettings: [csv] });
    const params = { id };
    const changed = await author.call(outputs.change, { params, body: { profiler: false } });
    assert.deepEqual([changed.profiler, changed.writeSettings.data.length], [false, 1]);
    const two = [
      { ...csv, path: 'c.json', format: 'json' as const },
      { ...csv, path: 'd.pqt', format: 'pqt' as const, compression: 'snappy' as const },
    ];
    const replaced = await author.call(outputs.change, { params, body: { writeSettings: two } });
    assert.deepEqual(
      replaced.writeSettings.data.map(({ path }) => path),
      ['c.json', 'd.pqt'],
    );
    assert.deepEqual(
      (await author.call(outputs.change, { params, body: { writeSettings: [] } })).writeSettings,
      { data: [] },
    );
  });

  const badOutputs: [string, object, number, string][] = [
    ['no recipe', { flowNodeId: undefined }, 400, 'flowNodeId'],
    ['an engine that is not here', { execution: 'spark' }, 400, 'execution'],
    ['a profiler that is no flag', { profiler: 'yes' }, 400, 'profiler'],
    ['an absolute path', { writeSettings: [{ ...csv, path: '/etc/x.csv' }] }, 400, 'writeSettings[0].path'],
    [
      'a path that leads out',
      { writeSettings: [csv, { ...csv, path: '../x.csv' }] },
      400,
      'writeSettings[1].path',
    ],
    ['a home path', { writeSettings: [{ ...csv, path: '~/x.csv' }] }, 400, 'writeSettings[0].path'],
    [
      'an address as path',
      { writeSettings: [{ ...csv, path: 's3://b/x.csv' }] },
      400,
      'writeSettings[0].path',
    ],
    ['avro', { writeSettings: [{ ...csv, format: 'avro' }] }, 400, 'writeSettings[0].format'],
    ['bzip2', { writeSettings: [{ ...csv, compression: 'bzip2' }] }, 400, 'writeSettings[0].compression'],
    [
      'csv with snappy',
      { writeSettings: [{ ...csv, compression: 'snappy' }] },
      400,
      'writeSettings[0].compression',
    ],
    ['two settings for one place', { writeSettings: [csv, csv] }, 400, 'writeSettings[1].path'],
    [
      'an action that is none',
      { writeSettings: [{ ...csv, action: 'drop' }] },
      400,
      'writeSettings[0].action',
    ],
    [
      'too many settings',
      { writeSettings: Array.from({ length: 21 }, (_, n) => ({ ...csv, path: `${n}.csv` })) },
      400,
      'writeSettings',
    ],
  ];
  for (const [what, change, status, field] of badOutputs)
    it(`refuse ${what}`, async () => {
      const body = { flowNodeId: await makeRecipe(), ...change };
      const { errors } = await author.refused(outputs.create, status, { body });
      assert.equal(errors[0]?.field, field);
    });

  it('of other people, and for their recipes, are not there', async () => {
    const { id, flowNodeId, writeSettings } = await makeOutput({ writeSettings: [csv] });
    const params = { id };
    const setting = { id: writeSettings.data[0]!.id };
    await other.refused(outputs.create, 404, { body: { flowNodeId, isAdhoc: false } });
    await author.refused(outputs.create, 404, { body: { flowNodeId: 99_999_999 } });
    for (const endpoint of [outputs.get, outputs.remove]) await other.refused(endpoint, 404, { params });
    await other.refused(outputs.change, 404, { params, body: { profiler: false } });
    for (const endpoint of [settings.get, settings.remove])
      await other.refused(endpoint, 404, { params: setting });
    await other.refused(settings.change, 404, { params: setting, body: { header: false } });
    await other.refused(settings.create, 404, { body: { ...csv, path: 'x.csv', outputObjectId: id } });
    assert.deepEqual((await other.call(outputs.list, {})).data, []);
    assert.deepEqual((await other.call(settings.list, {})).data, []);
  });

  it('take and lose write settings one by one', async () => {
    const { id: outputObjectId } = await makeOutput();
    const add = (more: object) => author.call(settings.create, { body: { ...csv, outputObjectId, ...more } });
    const first = await add({});
    assert.deepEqual(first.outputObject, { id: outputObjectId });
    const second = await add({ path: 'c.csv', zstd: true });
    assert.deepEqual([second.compression, second.zstd], ['none', true]);
    const params = { id: second.id };
    const change = (body: object) => author.call(settings.change, { params, body });
    const gzip = await change({ compression: 'gzip' });
    assert.deepEqual([gzip.compression, gzip.zstd, gzip.path], ['gzip', false, 'c.csv']);
    const zstd = await change({ zstd: true });
    assert.deepEqual([zstd.compression, zstd.zstd], ['none', true]);
    assert.equal((await change({ zstd: false })).zstd, false);
    await author.refused(settings.create, 400, { body: { ...csv, outputObjectId } });
    await author.refused(settings.change, 400, { params, body: { path: 'a/b.csv' } });
    await author.refused(settings.change, 400, { params, body: { compression: 'snappy' } });
    await author.refused(settings.change, 400, { params, body: { path: '../x' } });
    await author.refused(settings.create, 400, { body: csv });
    await author.refused(settings.create, 404, { body: { ...csv, outputObjectId: 99_999_999 } });
    const list = async () =>
      (await author.call(settings.list, { query: { outputObjectId } })).data.map(({ path }) => path);
    assert.deepEqual(await list(), ['c.csv', 'a/b.csv']);
    await author.call(settings.remove, { params });
    assert.deepEqual(await list(), ['a/b.csv']);
    await author.refused(settings.get, 404, { params });
    await author.refused(settings.remove, 404, { params });
    assert.deepEqual(await author.call(settings.count, { query: { outputObjectId } }), { count: 1 });
  });

  it('go with their recipe', async () => {
    const { id, flowNodeId, writeSettings } = await makeOutput({ writeSettings: [csv] });
    await author.call(recipes.remove, { params: { id: flowNodeId } });
    await author.refused(outputs.get, 404, { params: { id } });
    await author.refused(settings.get, 404, { params: { id: writeSettings.data[0]!.id } });
    await author.refused(outputs.create, 404, { body: { flowNodeId } });
  });
});
