// A flow document and what is around it: datasets of others, uploads, recipes of other flows, what came in a package.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { z } from 'zod';
import {
  flowDocumentEndpoints as documents,
  type flowDocumentGiven,
} from '@flowhook/contract/flow/flow-document';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { packageImport } from '@flowhook/contract/flow/flow-transfer';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { foreignDocument, packageOf, sendPackage } from '../../../../test/foreign-package.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';

type Given = z.input<typeof flowDocumentGiven>;

describeOnBoth('a flow document and what is around it', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let files: string;
  before(async () => {
    files = mkdtempSync(join(tmpdir(), 'flowhook-document-around-'));
    writeFileSync(join(files, 'a.csv'), 'a,b\n1,2\n');
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: files });
    author = server.author;
  });
  after(async () => {
    await server.stop();
    rmSync(files, { recursive: true });
  });

  const make = async (body: Given, person = author) => {
    const { flow } = await person.call(documents.create, { body });
    return flow!.id;
  };
  const read = (id: number, person = author) => person.call(documents.get, { params: { id } });
  const put = (id: number, body: Given, person = author) =>
    person.call(documents.put, { params: { id }, body });

  it('finds an upload by its name, where one alone has it', async () => {
    const name = `upload ${dialect}`;
    const body: Given = {
      name: 'Of an upload',
      datasets: [{ name }],
      recipes: [{ name: 'r', sql: `select * from "${name}"` }],
    };
    const missing = await author.refused(documents.create, 400, { body });
    assert.match(missing.errors[0]!.detail, /upload its file first/u);
    const { id: datasetId } = await uploadDataset(author, { fileName: 'o.csv', content: 'x\n1\n' }, { name });
    const id = await make(body);
    assert.deepEqual((await put(id, await read(id))).changes, []);
    const { data } = await author.call(recipes.list, { query: { flowId: id } });
    assert.deepEqual(
      data[0]!.columns!.map((column) => column.name),
      ['x'],
    );
    await put(id, { ...body, datasets: [{ name, description: 'Said in the document.' }] });
    const changed = await author.call(datasets.get, { params: { id: datasetId } });
    assert.equal(changed.description, 'Said in the document.');
    await uploadDataset(author, { fileName: 'o.csv', content: 'x\n1\n' }, { name });
    const twice = await author.refused(documents.create, 400, { body });
    assert.match(twice.errors[0]!.detail, /Several uploaded datasets/u);
  });

  it('changes a dataset for its owner alone, in all flows that read it', async () => {
    const uri = `file://${files}/a.csv`;
    const body: Given = {
      name: 'Of the owner',
      datasets: [{ name: 'shared', uri }],
      recipes: [{ name: 'r', sql: 'select a from shared' }],
    };
    const id = await make(body);
    const other = await make({ ...body, name: 'Of the owner, too' });
    const editor = await server.addPerson('author');
    await author.call(permissions.give, {
      params: { id },
      body: { data: [{ personId: editor.id, role: 'collaborator' }] },
    });
    const split = { ...body, datasets: [{ name: 'shared', uri, options: { delimiter: ';' } }], recipes: [] };
    const refused = await editor.refused(documents.put, 403, { params: { id }, body: split });
    assert.deepEqual(
      refused.errors.map(({ field }) => field),
      ['datasets[0]'],
    );
    const said = await put(id, split);
    assert.match(said.warnings.join('\n'), /The recipe r no longer works/u);
    const { data } = await author.call(recipes.list, { query: { flowId: other } });
    assert.equal(data[0]!.columns, null);
    await put(id, body);
  });

  it('runs recipes of other flows by their names, and those that are not seen stay', async () => {
    const name = `Reports ${dialect}`;
    const reports = await make({ name, recipes: [{ name: 'Daily', sql: 'select 1 as a' }] });
    const body: Given = {
      name: 'Chained',
      recipes: [{ name: 'first', sql: 'select 1 as a' }],
      webhookTasks: [
        {
          name: 'Then',
          triggerEvent: 'onJobSuccess',
          recipes: ['first'],
          runs: { flow: name, recipe: 'daily' },
        },
      ],
    };
    const id = await make(body);
    const editor = await server.addPerson('author');
    await author.call(permissions.give, {
      params: { id },
      body: { data: [{ personId: editor.id, role: 'collaborator' }] },
    });
    const seen = await read(id, editor);
    assert.deepEqual(seen.webhookTasks[0]!.runs, {
      flow: 'not seen here',
      recipe: seen.webhookTasks[0]!.runs!.recipe,
    });
    assert.doesNotMatch(JSON.stringify(seen), /Reports|Daily/u);
    const [mine, theirs] = await Promise.all(
      [author, editor].map((person) => person.send('GET', `/v4/flows/${id}/document`)),
    );
    assert.equal(mine!.headers['etag'], theirs!.headers['etag']);
    assert.deepEqual((await put(id, seen, editor)).changes, []);
    await put(id, { ...seen, description: 'Theirs.' }, editor);
    assert.equal((await read(id)).webhookTasks[0]!.runs!.flow, name);

    // The recipe goes by a document: the task that runs it is off, says why, and its flow can still be put.
    await put(reports, { name });
    const [off] = (await author.call(tasks.listOfFlow, { params: { id } })).data;
    assert.deepEqual([off!.enabled, /was deleted/u.test(off!.disabledReason!)], [false, true]);
    const left = await read(id);
    assert.deepEqual((await put(id, left)).changes, []);
  });

  it('keeps what came in a package without SQL, until somebody writes it', async () => {
    const sent = await sendPackage(author, await packageOf(foreignDocument()));
    const [id] = packageImport.parse(sent.json).primaryFlowIds;
    const document = await read(id!);
    assert.ok(document.recipes.some(({ waitsForSql }) => waitsForSql));
    assert.deepEqual((await put(id!, document)).changes, []);
    const elsewhere = await author.refused(documents.create, 400, { body: document });
    assert.ok(elsewhere.errors.some(({ field }) => /^recipes\[\d\]\.waitsForSql$/u.test(field)));
    const written = document.recipes.map((recipe) => ({
      ...recipe,
      sql: 'select 1 as a',
      waitsForSql: false,
    }));
    await put(id!, { ...document, recipes: written });
    assert.ok((await read(id!)).recipes.every(({ waitsForSql }) => !waitsForSql));
  });

  it('takes as much as a flow.yaml may have, and says what looks wrong', async () => {
    const text = 'x'.repeat(1_000_000);
    const webhookTasks = [1, 2, 3].map((each) => ({
      name: `large ${each}`,
      triggerEvent: 'onJobDone' as const,
      url: 'https://hooks.example.com/',
      body: `${text} $noSuchReference`,
    }));
    const made = await author.call(documents.create, { body: { name: 'Large', webhookTasks } });
    assert.match(made.warnings.join('\n'), /The webhook task large 1: body: .*noSuchReference/u);
    const tooLarge = await author.send('POST', '/v4/flows/document', {
      body: { name: 'x'.repeat(17 * 1024 * 1024) },
    });
    assert.equal(tooLarge.status, 413);
  });
});
