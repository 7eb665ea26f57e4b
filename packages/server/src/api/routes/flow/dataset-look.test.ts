// A look at a file before anything is made of it: what it says, and that nothing is left.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, it } from 'node:test';
import { datasetLook, datasetLookEndpoints as looks } from '@flowhook/contract/flow/dataset-look';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { describeOnBoth } from '../../../../test/database.ts';

import { startServer, type TestServer } from '../../../../test/server.ts';
import { formHeaders, uploadDataset, writeForm } from '../../../../test/upload-form.ts';
import { maxLookBytes } from '../../../flows/datasets/dataset-look.ts';

const ragged = 'id;note\n1;a\n2;b;c;d\n3;c\n';

describeOnBoth('a look at a file', (_, dialect) => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-look-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: folder });
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const send = (content: string | Uint8Array, fields: Record<string, string> = {}) =>
    server.author.send('POST', '/v4/importedDatasets/look/upload', {
      headers: formHeaders,
      body: writeForm({ fileName: 'notes.csv', content }, fields),
    });
  async function look(content: string | Uint8Array, options: object = {}) {
    const answer = await send(content, { options: JSON.stringify(options) });
    assert.equal(answer.status, 200, answer.text);
    return datasetLook.parse(answer.json);
  }

  it('shows what an option changes, from the first lines of a file that can not be read without', async () => {
    const refused = await look(ragged, { raggedRows: 'fail', delimiter: ';', header: true });
    assert.match(refused.error!, /notes\.csv.*line 3/u);
    assert.deepEqual(refused.lines, ['id;note', '1;a', '2;b;c;d', '3;c', '']);
    assert.deepEqual([refused.columns, refused.rows, refused.format], [[], [], null]);
    const skipped = await look(ragged, { raggedRows: 'skip', delimiter: ';', header: true });
    assert.deepEqual(
      [skipped.error, skipped.rows],
      [
        null,
        [
          ['1', 'a'],
          ['3', 'c'],
        ],
      ],
    );
    const texts = await look('a\n007\n', { columnTypes: { '*': 'VARCHAR' } });
    assert.deepEqual([texts.columns, texts.rows], [[{ name: 'a', type: 'VARCHAR' }], [['007']]]);
  });

  it('says that no column has the name of an option, before a value of it is told', async () => {
    for (const option of ['sensitive', 'required'] as const) {
      const { error, rows, columns } = await look('id,amount\n1,secret\n', {
        [option]: ['amuont'],
        columnTypes: { amount: 'BIGINT' },
      });
      assert.match(
        error!,
        new RegExp(`options\\.${option}: the file has no column "amuont"; it has id, amount`),
      );
      assert.doesNotMatch(error!, /secret/u);
      assert.deepEqual([rows, columns.length], [[], 2]);
    }
    const { error } = await look('id,amount\n1,secret\n', {
      sensitive: ['amount'],
      columnTypes: { amount: 'BIGINT' },
    });
    assert.match(error!, /\*\*\*\*/u);
    assert.match((await look('a\n1\n', { columnTypes: { b: 'BIGINT' } })).error!, /no column "b"/u);
  });

  it('shows lines in the encoding that is given, and none of what is no text', async () => {
    const bytes = Buffer.from('name\nM\u00fcller\n', 'latin1');
    assert.match((await look(bytes)).error!, /encoding/u);
    const told = await look(bytes, { encoding: 'windows-1252' });
    assert.deepEqual([told.lines[1], told.rows], ['Müller', [['Müller']]]);
    const binary = await look(Buffer.from('%PDF-1.7 something\n'));
    assert.match(binary.error!, /PDF/u);
    assert.deepEqual(binary.lines, []);
  });

  it('keeps nothing: no dataset, no file', async () => {
    const files = () => readdir(join(server.database.dataDir, 'datasets'), { recursive: true });
    const { count } = await server.author.call(datasets.count);
    const before = await files();
    await look('a,b\n1,2\n');
    await look('a,b\n1,2,3,4\n', { header: true, raggedRows: 'fail' });
    assert.equal((await server.author.call(datasets.count)).count, count);
    assert.deepEqual((await files()).toSorted(), before.toSorted());
  });

  it('takes the beginning of a file alone', async () => {
    const answer = await send(Buffer.alloc(maxLookBytes + 1, 'a\n'));
    assert.equal(answer.status, 413, answer.text);
    assert.equal((await send('a\n', { options: '{"no": 1}' })).status, 400);
  });

  it('reads a dataset with other options, which change nothing of it; only for who may change it', async () => {
    const { id, options } = await uploadDataset(server.author, { fileName: 'x.csv', content: 'a,b\n1,2\n' });
    const body = { importedDataset: { id }, options: { header: false } };
    const seen = await server.author.call(looks.read, { body });
    assert.deepEqual(seen.rows, [
      ['a', 'b'],
      ['1', '2'],
    ]);
    const { options: after } = await server.author.call(datasets.get, { params: { id } });
    assert.deepEqual(after, options);
    const other = await server.addPerson('author');
    await other.refused(looks.read, 404, { body });
    await server.author.refused(looks.read, 400, { body: { options: {} } });
  });

  it('reads an address in an allowed folder, and no other', async () => {
    const path = join(folder, 'away.csv');
    await writeFile(path, 'n\n5\n');
    const seen = await server.author.call(looks.read, { body: { uri: pathToFileURL(path).href } });
    assert.deepEqual(seen.rows, [['5']]);
    await server.author.refused(looks.read, 400, { body: { uri: 'file:///etc/passwd' } });
  });
});
