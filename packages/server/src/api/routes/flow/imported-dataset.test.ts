// Datasets over HTTP: uploads and addresses, options, new files, and who may read them. dataset-upload.test.ts has what is refused.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { accessTokenEndpoints } from '@flowhook/contract/person/access-token';
import { problem } from '@flowhook/contract/problem';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { formHeaders, uploadDataset, writeForm } from '../../../../test/upload-form.ts';

const orders = 'city,amount,day\nBern,1.5,2026-01-01\nRome,2,2026-01-02\n';

describeOnBoth('datasets', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let other: TestPerson;
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'flowhook-root-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: root });
    author = server.author;
    other = await server.addPerson('author');
  });
  after(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });

  const upload = (content: string | Uint8Array = orders, fields = {}, fileName = 'orders.csv') =>
    uploadDataset(author, { fileName, content }, fields);
  const makeFlow = async (person: TestPerson) =>
    (await person.call(flows.create, { body: { name: 'A flow' } })).id;

  it('come by upload: columns and types are found and shown', async () => {
    const dataset = await upload();
    assert.deepEqual(
      [dataset.name, dataset.origin, dataset.format, dataset.compression, dataset.size, dataset.fileVersion],
      ['orders', 'upload', 'csv', 'none', orders.length, 1],
    );
    assert.deepEqual(dataset.columns, [
      { name: 'city', type: 'VARCHAR' },
      { name: 'amount', type: 'DOUBLE' },
      { name: 'day', type: 'DATE' },
    ]);
    assert.match(dataset.uri, /^upload:\/\/[0-9a-f-]+\/orders\.csv$/u);
    const preview = await author.call(datasets.preview, { params: { id: dataset.id }, query: { limit: 1 } });
    assert.deepEqual(preview.rows, [['Bern', 1.5, '2026-01-01']]);
    assert.equal(preview.truncated, true);
  });

  it('have so many columns that a list of them stays small', async () => {
    const wide = (count: number, letters = 1) =>
      `[{${Array.from({ length: count }, (_, at) => `"${'k'.repeat(letters)}${at}":1`).join(',')}}]`;
    const refuse = async (content: string, why: RegExp) => {
      const { status, json } = await author.send('POST', '/v4/importedDatasets/upload', {
        body: writeForm({ fileName: 'wide.json', content }),
        headers: formHeaders,
      });
      const [fault] = problem.parse(json).errors ?? [];
      assert.deepEqual([status, fault?.field], [400, 'file']);
      assert.match(fault!.detail, why);
    };
    await refuse(wide(16_385), /has 16385 columns, and a dataset has at most 16384/u);
    await refuse(wide(1_000, 1_100), /names of its columns are more than 1 MiB/u);
    assert.equal((await upload(wide(16_384), {}, 'wide.json')).columns?.length, 16_384);
  });

  it('are changed by a token that is narrowed to flows only where no other flow reads them', async () => {
    const { id } = await upload();
    const [own, beside] = [await makeFlow(author), await makeFlow(author)];
    const link = (flow: number) =>
      author.call(datasets.addToFlow, { params: { id }, body: { flow: { id: flow } } });
    await link(own);
    const { tokenValue } = await author.call(accessTokenEndpoints.create, { body: { flowIds: [own] } });
    const narrow = server.client({ authorization: `Bearer ${tokenValue}` });
    const change = { params: { id }, body: { description: 'by the token' } };
    await narrow.call(datasets.change, change);
    await link(beside);
    assert.match((await narrow.refused(datasets.change, 403, change)).detail, /another token/u);
    await author.call(datasets.change, change);
  });

  it('come by address from allowed folders alone', async () => {
    await mkdir(join(root, 'sub'));
    await writeFile(join(root, 'sub', 'by address.csv'), orders);
    await symlink(server.database.dataDir, join(root, 'way-out'));
    const uri = pathToFileURL(join(root, 'sub', 'by address.csv')).href;
    const dataset = await author.call(datasets.create, { body: { uri } });
    assert.deepEqual([dataset.name, dataset.uri, dataset.origin], ['by address', uri, 'uri']);
    const preview = await author.call(datasets.preview, { params: { id: dataset.id } });
    assert.equal(preview.rows.length, 2);
    const data = pathToFileURL(server.database.dataDir).href;
    const bad = [
      `${data}/flowhook.db`,
      `file://${root}/way-out/flowhook.db`,
      `file://${root}/../x`,
      'file:///etc/passwd',
      `${root}/a.csv`,
      'http://127.0.0.1/a.csv',
      `file://${root}/none.csv`,
      `file://${root}/sub`,
    ];
    for (const uri of bad) {
      const { errors } = await author.refused(datasets.create, 400, { body: { uri } });
      assert.equal(errors[0]?.field, 'uri');
    }
    await writeFile(join(root, 'empty.csv'), '');
    await author.refused(datasets.create, 400, { body: { uri: `file://${root}/empty.csv` } });
    for (const body of [{}, { uri: 5 }, { uri: 'x'.repeat(5000) }, { uri, name: 'x'.repeat(300) }])
      await author.refused(datasets.create, 400, { body });
  });

  it('are corrected by options, one after the other', async () => {
    const { id } = await upload('a;b\n1;2\n3;4\n', {}, 'semicolons.csv');
    const params = { id };
    const text = await author.call(datasets.change, {
      params,
      body: { options: { columnTypes: { a: 'VARCHAR' } } },
    });
    assert.deepEqual(
      text.columns.map(({ type }) => type),
      ['VARCHAR', 'BIGINT'],
    );
    const both = await author.call(datasets.change, { params, body: { options: { delimiter: ';' } } });
    assert.deepEqual(
      both.columns.map(({ type }) => type),
      ['VARCHAR', 'BIGINT'],
    );
    const found = await author.call(datasets.change, { params, body: { options: {} } });
    assert.deepEqual(
      found.columns.map(({ type }) => type),
      ['BIGINT', 'BIGINT'],
    );
    const named = await author.call(datasets.change, { params, body: { name: 'New', description: 'y' } });
    assert.deepEqual([named.name, named.description, named.columns], ['New', 'y', found.columns]);
    await author.refused(datasets.change, 400, {
      params,
      body: { options: { columnTypes: { zz: 'DATE' } } },
    });
    await author.refused(datasets.change, 400, {
      params,
      body: { options: { columnTypes: { a: 'NO TYPE' } } },
    });
    await author.refused(datasets.change, 400, { params, body: { options: { header: 'yes' } } });
    assert.deepEqual((await author.call(datasets.get, { params })).columns, found.columns);
  });

  it('get a new file under the same id, and warn of recipes that it breaks', async () => {
    const { id } = await upload('a,b\n1,2\n', { name: 'replaced' });
    const flowId = await makeFlow(author);
    const body = {
      name: 'reads a',
      flow: { id: flowId },
      importedDataset: { id },
      sql: 'select a from replaced',
    };
    const recipe = await author.call(recipes.create, { body });
    const put = (content: string, newPromise = 'true') =>
      author.send('PUT', `/v4/importedDatasets/${id}/file`, {
        headers: formHeaders,
        body: writeForm({ fileName: 'new.csv', content }, { newPromise }),
      });
    const more = datasets.replaceFile.reply.parse((await put('a,b,c\nx,2,3\n')).json);
    assert.deepEqual([more.id, more.fileVersion, more['warnings']], [id, 2, undefined]);
    assert.match(more.uri, /new\.csv$/u);
    const read = () => author.call(recipes.get, { params: { id: recipe.id } });
    assert.deepEqual((await read()).columns, [{ name: 'a', type: 'VARCHAR' }]);
    const broken = datasets.replaceFile.reply.parse((await put('q,b\n1,2\n')).json);
    assert.match(String((broken['warnings'] as string[])[0]), /reads a/u);
    assert.equal((await read()).columns, null);
    assert.equal((await put('')).status, 400);
    assert.equal((await author.call(datasets.get, { params: { id } })).fileVersion, 3);
    await put('a,b\n1,2\n');
    assert.deepEqual((await read()).columns, [{ name: 'a', type: 'BIGINT' }]);
    const refused = async (content: string, words: RegExp) => {
      const answer = await put(content, 'false');
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, words);
      assert.match(answer.text, /newPromise=true/u);
    };
    await refused('a,b\n1,2\n1.5,2\n', /1\.5.*column .*a.*line 3 of file .*new\.csv.*BIGINT/u);
    await refused('q,b\n1,2\n', /column .*a.* is missing/u);
    const other = datasets.replaceFile.reply.parse((await put('c,b,a\n7,8,9\n', 'false')).json);
    assert.match(String((other['warnings'] as string[])[0]), /column "c", which is not promised/u);
    assert.deepEqual((await author.call(datasets.preview, { params: { id } })).rows, [['9', '8']]);
  });

  it('belong to their owner; whoever sees a flow that uses them may read them', async () => {
    const { id } = await upload();
    const params = { id };
    const calls = () => [
      other.refused(datasets.get, 404, { params }),
      other.refused(datasets.preview, 404, { params }),
      other.refused(datasets.change, 404, { params, body: { name: 'x' } }),
      other.refused(datasets.remove, 404, { params }),
    ];
    await Promise.all(calls());
    const form = { headers: formHeaders, body: writeForm({ fileName: 'a.csv', content: orders }) };
    assert.equal((await other.send('PUT', `/v4/importedDatasets/${id}/file`, form)).status, 404);
    const theirs = await makeFlow(other);
    await other.refused(datasets.addToFlow, 404, { params, body: { flow: { id: theirs } } });
    await author.refused(datasets.addToFlow, 404, { params, body: { flow: { id: theirs } } });

    const mine = await makeFlow(author);
    await author.call(datasets.addToFlow, { params, body: { flow: { id: mine } } });
    await server.app.db.transaction((tx) =>
      tx
        .insertInto('flow_grants')
        .values({ flow_id: mine, person_id: other.id, role: 'viewer', created_at: 1 })
        .execute(),
    );
    await other.call(datasets.get, { params });
    await other.call(datasets.preview, { params });
    await other.refused(datasets.change, 403, { params, body: { name: 'x' } });
    await other.refused(datasets.remove, 403, { params });
    assert.equal((await other.send('PUT', `/v4/importedDatasets/${id}/file`, form)).status, 403);
    const { data } = await other.call(datasets.list, { query: { noLimit: 'true' } });
    assert.ok(data.some((dataset) => dataset.id === id));
    await author.call(flows.remove, { params: { id: mine } });
    await other.refused(datasets.get, 404, { params });
  });

  it('come into a flow once', async () => {
    const { id } = await upload();
    const flowId = await makeFlow(author);
    const input = { params: { id }, body: { flow: { id: flowId } } };
    const first = await author.call(datasets.addToFlow, input);
    assert.deepEqual(first, {
      id: first.id,
      flow: { id: flowId },
      recipe: { id: first.id },
      wrangled: false,
    });
    assert.deepEqual(await author.call(datasets.addToFlow, input), first);
    await author.refused(datasets.addToFlow, 404, { params: { id }, body: { flow: { id: 99_999_999 } } });
    await author.refused(datasets.addToFlow, 400, { params: { id }, body: {} });
  });

  it('are taken out of a flow when no recipe there reads them, and stay', async () => {
    const { id } = await upload();
    const flowId = await makeFlow(author);
    const input = { params: { id }, body: { flow: { id: flowId } } };
    await author.refused(datasets.removeFromFlow, 404, input);
    const recipe = { name: 'r', flow: { id: flowId }, importedDataset: { id } };
    const { id: recipeId } = await author.call(recipes.create, { body: recipe });
    const told = await author.refused(datasets.removeFromFlow, 409, input);
    assert.deepEqual(told['recipes'], [{ id: recipeId, name: 'r' }]);
    await author.call(recipes.remove, { params: { id: recipeId } });
    await other.refused(datasets.removeFromFlow, 404, input);
    await author.call(datasets.removeFromFlow, input);
    const { data } = await author.call(flows.flowNodes, { params: { id: flowId } });
    assert.deepEqual(data, []);
    await author.call(datasets.get, { params: { id } });
    await author.call(datasets.addToFlow, input);
  });

  it('are deleted only when no recipe reads them, which is said by flow', async () => {
    const { id } = await upload(orders, { name: 'wanted' });
    const params = { id };
    const flowId = await makeFlow(author);
    const body = { name: 'r', flow: { id: flowId }, importedDataset: { id } };
    const recipe = await author.call(recipes.create, { body });
    const refusal = await author.refused(datasets.remove, 409, { params });
    assert.deepEqual(refusal['flows'], [{ id: flowId, name: 'A flow' }]);
    await author.call(recipes.remove, { params: { id: recipe.id } });
    await author.call(datasets.remove, { params });
    await author.refused(datasets.get, 404, { params });
    await author.refused(datasets.addToFlow, 404, { params, body: { flow: { id: flowId } } });
    const { data } = await author.call(flows.flowNodes, { params: { id: flowId } });
    assert.deepEqual(data, []);
    assert.equal((await author.call(datasets.get, { params, query: { includeDeleted: 'true' } })).id, id);
  });

  it('are listed, counted and sorted', async () => {
    const lister = await server.addPerson('author');
    for (const name of ['b', 'a']) await uploadDataset(lister, { fileName: `${name}.csv`, content: orders });
    const { data } = await lister.call(datasets.list, { query: { sort: 'name' } });
    assert.deepEqual(
      data.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(await lister.call(datasets.count, {}), { count: 2 });
    await lister.refused(datasets.list, 400, { query: { embed: 'flow' } });
    await lister.refused(datasets.preview, 400, { params: { id: data[0]!.id }, query: { limit: 1001 } });
  });
});
