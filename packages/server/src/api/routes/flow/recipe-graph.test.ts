// Recipes among recipes over HTTP: circles, names that several carry, and what a change breaks downstream.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';

describeOnBoth('recipes among recipes', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let datasetId: number;
  let flow: { id: number };
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
    const content = 'city,amount\nBern,1\nRome,2\nBern,3\n';
    datasetId = (await uploadDataset(author, { fileName: 'orders.csv', content })).id;
    flow = await author.call(flows.create, { body: { name: 'Sales' } });
  });
  after(() => server.stop());

  const newFlow = async (person = author) => ({
    id: (await person.call(flows.create, { body: { name: 'Another' } })).id,
  });
  const make = (body: object, person = author) =>
    person.call(recipes.create, { body: { name: 'r', flow, ...body } });
  const inputsOf = async (id: number) =>
    (await author.call(recipes.inputs, { params: { id } })).data.map(({ name, primary }) => [name, primary]);
  const previewOf = async (id: number) => (await author.call(recipes.preview, { params: { id } })).rows;

  it('refuse a circle, however long', async () => {
    const own = await newFlow();
    const a = await make({ name: 'a', flow: own, importedDataset: { id: datasetId } });
    const b = await make({ name: 'b', flow: own, sql: 'select * from a' });
    const c = await make({ name: 'c', flow: own, sql: 'select * from b' });
    const refused = async (id: number, body: object) => {
      const refusal = await author.refused(recipes.change, 400, { params: { id }, body });
      assert.match(refusal.detail, /circle/u);
    };
    await refused(a.id, { sql: 'select * from c' });
    await refused(a.id, { wrangledDataset: { id: c.id } });
    await refused(b.id, { wrangledDataset: { id: b.id }, sql: null });
    const put = { params: { id: a.id }, body: { wrangledDataset: { id: b.id } } };
    await author.refused(recipes.replacePrimaryInput, 400, put);
    assert.deepEqual(await inputsOf(a.id), [['orders', true]]);
  });

  it('refuse a circle that two changes would make together', async () => {
    for (let round = 0; round < 5; round++) {
      const own = await newFlow();
      const a = await make({ name: 'a', flow: own, importedDataset: { id: datasetId } });
      const b = await make({ name: 'b', flow: own, importedDataset: { id: datasetId } });
      const change = (id: number, sql: string) =>
        author.send('PATCH', `/v4/wrangledDatasets/${id}`, { body: { sql } });
      const answers = await Promise.all([
        change(a.id, 'select city from b'),
        change(b.id, 'select city from a'),
      ]);
      const refused = answers.filter(({ status }) => status === 400 || status === 409);
      assert.equal(refused.length, 1, answers.map(({ text }) => text).join('\n'));
    }
  });

  it('refuse a name that two things carry, unless it is the primary input’s', async () => {
    const own = await newFlow();
    const first = await make({ name: 'twin', flow: own, importedDataset: { id: datasetId } });
    await make({ name: 'Twin', flow: own, importedDataset: { id: datasetId } });
    const sql = 'select city from twin';
    const refusal = await author.refused(recipes.create, 400, { body: { name: 'r', flow: own, sql } });
    assert.match(refusal.detail, /twin/u);
    const clear = await make({ name: 'r', flow: own, wrangledDataset: { id: first.id }, sql });
    assert.deepEqual(await inputsOf(clear.id), [['twin', true]]);
    assert.equal((await previewOf(clear.id)).length, 3);
  });

  it('may be called like the dataset that they read', async () => {
    const own = await newFlow();
    const same = await make({ name: 'orders', flow: own, importedDataset: { id: datasetId } });
    const down = await make({
      name: 'down',
      flow: own,
      wrangledDataset: { id: same.id },
      sql: 'select city from orders',
    });
    assert.equal((await previewOf(down.id)).length, 3);
    const byName = await newFlow();
    const reader = await make({
      name: 'orders',
      flow: byName,
      importedDataset: { id: datasetId },
      sql: 'select amount from orders',
    });
    assert.deepEqual(await previewOf(reader.id), [['1'], ['2'], ['3']]);
    const body = {
      name: 'down',
      flow: byName,
      wrangledDataset: { id: reader.id },
      sql: 'select * from orders',
    };
    const refusal = await author.refused(recipes.create, 400, { body });
    assert.match(refusal.detail, /rename/iu);
  });

  it('warn of what a change breaks downstream, and know when it is mended', async () => {
    const own = await newFlow();
    const sql = 'select city, amount from orders';
    const up = await make({ name: 'up', flow: own, importedDataset: { id: datasetId }, sql });
    const down = await make({ name: 'down', flow: own, sql: 'select amount from up' });
    const last = await make({ name: 'last', flow: own, wrangledDataset: { id: down.id } });
    const change = (body: object) => author.call(recipes.change, { params: { id: up.id }, body });
    const columns = async (id: number) => (await author.call(recipes.get, { params: { id } })).columns;
    const broken = await change({ sql: 'select city from orders' });
    assert.match(String((broken['warnings'] as string[])[0]), /down/u);
    assert.deepEqual([await columns(down.id), await columns(last.id)], [null, null]);
    const typed = await change({ sql: 'select amount::varchar as amount from orders' });
    assert.equal(typed['warnings'], undefined);
    assert.deepEqual(await columns(last.id), [{ name: 'amount', type: 'VARCHAR' }]);
    const renamed = await change({ name: 'renamed' });
    assert.equal((renamed['warnings'] as string[]).length, 2);
    await change({ name: 'up' });
    assert.deepEqual(await columns(last.id), [{ name: 'amount', type: 'VARCHAR' }]);
  });
});
