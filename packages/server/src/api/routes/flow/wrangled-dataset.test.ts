// Recipes over HTTP: SQL is checked where it stands, and the names in it become edges.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';

describeOnBoth('recipes', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let other: TestPerson;
  let datasetId: number;
  let flow: { id: number };
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
    other = await server.addPerson('author');
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

  it('pass their input on without SQL, which comes into the flow with them', async () => {
    const own = await newFlow();
    const made = await make({ name: 'passes', flow: own, importedDataset: { id: datasetId } });
    assert.deepEqual(
      [
        made.wrangled,
        made.flow,
        made.recipe,
        made.importedDataset,
        made.wrangledDataset,
        made.sql,
        made.dialect,
      ],
      [true, own, { id: made.id }, { id: datasetId }, null, null, 'duckdb'],
    );
    assert.deepEqual(
      made.columns?.map(({ name }) => name),
      ['city', 'amount'],
    );
    assert.deepEqual(await inputsOf(made.id), [['orders', true]]);
    assert.equal((await previewOf(made.id)).length, 3);
    const { data } = await author.call(flows.flowNodes, { params: own });
    assert.equal(data.length, 2);
  });

  it('read by name what the flow has, upstream recipes too', async () => {
    const body = {
      name: 'by city',
      importedDataset: { id: datasetId },
      sql: 'select city, sum(amount) as total from Orders group by city',
    };
    const first = await make(body);
    const second = await make({
      name: 'best',
      wrangledDataset: { id: first.id },
      sql: 'select * from "by city" order by total desc, city limit 1',
    });
    assert.deepEqual([second.wrangledDataset, second.importedDataset], [{ id: first.id }, null]);
    assert.deepEqual(await inputsOf(second.id), [['by city', true]]);
    assert.deepEqual(await previewOf(second.id), [['Bern', '4']]);
    const joined = await make({
      name: 'joined',
      flowId: flow.id,
      flow: undefined,
      sql: 'select o.*, b.total from orders o join "by city" b using (city)',
    });
    assert.deepEqual(
      new Map((await inputsOf(joined.id)) as [string, boolean][]),
      new Map([
        ['by city', false],
        ['orders', false],
      ]),
    );
  });

  const badSql: [string, string][] = [
    ['no SQL at all', 'this is no SQL'],
    ['an unknown column', 'select nothing_like_it from orders'],
    ['an unknown name', 'select * from nobody'],
    ['two statements', 'select 1 as a from orders; select 2'],
    ['a statement that changes something', 'delete from orders'],
    ['a statement that writes a file', "copy (select 1) to '/tmp/x.csv'"],
    ['a file by name', "select * from '/etc/passwd.csv'"],
    ['a file by function', "select * from read_csv('/etc/passwd')"],
    ['a setting', 'set memory_limit = 1'],
    ['an attached database', "attach 'x.db'"],
    ['itself', 'select * from itself'],
  ];
  for (const [what, sql] of badSql)
    it(`refuse SQL with ${what}`, async () => {
      const body = { name: 'itself', flow, importedDataset: { id: datasetId }, sql };
      const refusal = await author.refused(recipes.create, 400, { body });
      assert.deepEqual([refusal.code, refusal.errors[0]?.field], ['sql_invalid', 'sql']);
    });

  it('say where the SQL is wrong', async () => {
    const sql = 'select city,\n  nothing_like_it\nfrom orders';
    const refusal = await author.refused(recipes.create, 400, { body: { name: 'r', flow, sql } });
    assert.deepEqual(
      [refusal['line'], refusal['column'], refusal['position']],
      [2, 3, sql.indexOf('nothing_like_it')],
    );
  });

  const badBodies: [string, (flowId: number) => object, number, string][] = [
    ['no name', () => ({ name: undefined }), 400, 'name'],
    ['a long name', () => ({ name: 'x'.repeat(256) }), 400, 'name'],
    ['SQL that is no text', () => ({ sql: 5 }), 400, 'sql'],
    ['SQL that is too long', () => ({ sql: 'x'.repeat(200_001) }), 400, 'sql'],
    ['neither input nor SQL', () => ({ importedDataset: undefined }), 400, 'sql'],
    ['two inputs', () => ({ wrangledDataset: { id: 1 } }), 400, 'importedDataset'],
    ['an unknown dataset', () => ({ importedDataset: { id: 99_999_999 } }), 404, 'importedDataset.id'],
    [
      'an unknown recipe',
      () => ({ importedDataset: undefined, wrangledDataset: { id: 99_999_999 } }),
      404,
      'wrangledDataset.id',
    ],
    ['two flows', (id) => ({ flowId: id + 1 }), 400, 'flowId'],
    ['no flow', () => ({ flow: undefined }), 400, 'flowId'],
  ];
  for (const [what, change, status, field] of badBodies)
    it(`refuse ${what}`, async () => {
      const body = { name: 'r', flow, importedDataset: { id: datasetId }, ...change(flow.id) };
      const { errors } = await author.refused(recipes.create, status, { body });
      assert.equal(errors[0]?.field, field);
    });

  it('of other people, and in their flows, are not there', async () => {
    const { id } = await make({ importedDataset: { id: datasetId } });
    const params = { id };
    for (const endpoint of [recipes.get, recipes.preview, recipes.inputs, recipes.remove])
      await other.refused(endpoint, 404, { params });
    await other.refused(recipes.change, 404, { params, body: { name: 'x' } });
    await other.refused(recipes.replacePrimaryInput, 404, {
      params,
      body: { importedDataset: { id: datasetId } },
    });
    await other.refused(recipes.check, 404, { body: { flow, sql: 'select 1' } });
    await other.refused(recipes.create, 404, { body: { name: 'r', flow, sql: 'select 1 as a' } });
    const theirs = await newFlow(other);
    const stolen = { name: 'r', flow: theirs, importedDataset: { id: datasetId } };
    await other.refused(recipes.create, 404, { body: stolen });
    await author.refused(recipes.create, 404, {
      body: { name: 'r', flow: await newFlow(), wrangledDataset: { id } },
    });
    const { data } = await other.call(recipes.list, { query: { noLimit: 'true' } });
    assert.deepEqual(data, []);
  });

  it('get another primary input', async () => {
    const own = await newFlow();
    const second = await uploadDataset(author, { fileName: 'orders.csv', content: 'city\nOslo\n' });
    const made = await make({
      name: 'swap',
      flow: own,
      importedDataset: { id: datasetId },
      sql: 'select city from orders',
    });
    const put = (body: object) => author.call(recipes.replacePrimaryInput, { params: { id: made.id }, body });
    const swapped = await put({ importedDataset: { id: second.id } });
    assert.deepEqual(swapped.importedDataset, { id: second.id });
    assert.deepEqual(await previewOf(made.id), [['Oslo']]);
    await author.refused(recipes.replacePrimaryInput, 400, { params: { id: made.id }, body: {} });
    await author.refused(recipes.replacePrimaryInput, 404, {
      params: { id: made.id },
      body: { importedDataset: { id: 99_999_999 } },
    });
  });

  it('are not deleted while others read them', async () => {
    const own = await newFlow();
    const up = await make({ name: 'up', flow: own, importedDataset: { id: datasetId } });
    const down = await make({ name: 'down', flow: own, wrangledDataset: { id: up.id } });
    const refusal = await author.refused(recipes.remove, 409, { params: { id: up.id } });
    assert.deepEqual(refusal['wrangledDatasets'], [{ id: down.id, name: 'down' }]);
    await author.call(recipes.remove, { params: { id: down.id } });
    await author.call(recipes.remove, { params: { id: up.id } });
    await author.refused(recipes.get, 404, { params: { id: up.id } });
    const { data } = await author.call(recipes.list, { query: { flowId: own.id } });
    assert.deepEqual(data, []);
  });

  it('are checked without being saved', async () => {
    const check = (body: { sql: string }) => author.call(recipes.check, { body: { flow, ...body } });
    const right = await check({ sql: 'select city from orders' });
    assert.deepEqual(
      [right.valid, right.columns, right.references.map((name) => name.toLowerCase()), right.error],
      [true, [{ name: 'city', type: 'VARCHAR' }], ['orders'], null],
    );
    const wrong = await check({ sql: 'select x\nfrom nobody' });
    assert.deepEqual([wrong.valid, wrong.error?.line], [false, 2]);
    await author.refused(recipes.check, 400, { body: { flow } });
    await author.refused(recipes.check, 404, { body: { flow, sql: 'select 1', id: 99_999_999 } });
    await author.refused(recipes.check, 404, { body: { flowId: 99_999_999, sql: 'select 1' } });
  });

  it('are listed with flow, recipe and wrangled', async () => {
    const own = await newFlow();
    const { id } = await make({ name: 'listed', flow: own, importedDataset: { id: datasetId } });
    const query = { flowId: own.id, embed: 'flow,creator', includeCount: 'true' };
    const { data, count } = await author.call(recipes.list, { query });
    assert.equal(count, 1);
    const [row] = data;
    assert.deepEqual(
      [row?.flow, row?.recipe, row?.wrangled],
      [{ id: own.id, name: 'Another' }, { id }, true],
    );
    assert.deepEqual(await author.call(recipes.count, { query: { flowId: own.id } }), { count: 1 });
    await author.refused(recipes.list, 400, { query: { flowId: 'x' } });
  });

  it('say so when the file of a dataset has gone', async () => {
    const own = await newFlow();
    const gone = await uploadDataset(author, { fileName: 'gone.csv', content: 'a\n1\n' });
    const made = await make({ name: 'r', flow: own, importedDataset: { id: gone.id } });
    await author.call(datasets.get, { params: { id: gone.id } });
    await server.app.db.transaction((tx) =>
      tx.updateTable('datasets').set({ uri: 'upload://gone/gone.csv' }).where('id', '=', gone.id).execute(),
    );
    const refusal = await author.refused(recipes.preview, 400, { params: { id: made.id } });
    assert.equal(refusal.code, 'file_unreadable');
  });
});
