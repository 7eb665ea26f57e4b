// Uploads over HTTP: their form, what is refused, and that nothing is left of it.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { formHeaders, writeForm } from '../../../../test/upload-form.ts';

const orders = 'city,amount,day\nBern,1.5,2026-01-01\nRome,2,2026-01-02\n';

describeOnBoth('uploads', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
  });
  after(() => server.stop());

  const folders = async () => readdir(join(server.database.dataDir, 'datasets'), { recursive: true });

  it('take their fields from before and behind the file', async () => {
    const file = { fileName: 'o.csv', content: orders };
    const behind = { options: '{"columnTypes": {"amount": "VARCHAR"}}' };
    const body = writeForm(file, { name: 'Sales', description: 'x' }, behind);
    const { json } = await author.send('POST', '/v4/importedDatasets/upload', { headers: formHeaders, body });
    const dataset = datasets.upload.reply.parse(json);
    assert.deepEqual([dataset.name, dataset.description], ['Sales', 'x']);
    assert.equal(dataset.columns[1]?.type, 'VARCHAR');
  });

  const badForms: [string, Buffer, number, string?][] = [
    ['no file', writeForm(null, { name: 'x' }), 400, 'file'],
    [
      'a file in another part',
      writeForm({ fileName: 'a.csv', content: orders, part: 'upload' }),
      400,
      'upload',
    ],
    ['an empty file', writeForm({ fileName: 'a.csv', content: '' }), 400, 'file'],
    ['a file of zeros', writeForm({ fileName: 'a.csv', content: new Uint8Array(5000) }), 400, 'file'],
    [
      'a picture',
      writeForm({ fileName: 'a.png', content: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') }),
      400,
      'file',
    ],
    [
      'Parquet that is cut off',
      writeForm({ fileName: 'a.parquet', content: 'PAR1 and no more' }),
      400,
      'file',
    ],
    [
      'gzip that is none',
      writeForm({ fileName: 'a.csv.gz', content: orders }, { compression: 'gzip' }),
      400,
      'file',
    ],
    [
      'options that are no JSON',
      writeForm({ fileName: 'a.csv', content: orders }, { options: '{' }),
      400,
      'options',
    ],
    [
      'options of a wrong type',
      writeForm({ fileName: 'a.csv', content: orders }, { options: '{"delimiter": 5}' }),
      400,
      'options.delimiter',
    ],
    [
      'a type for a missing column',
      writeForm({ fileName: 'a.csv', content: orders }, { options: '{"columnTypes": {"x": "DATE"}}' }),
      400,
    ],
    [
      'a format that is not read',
      writeForm({ fileName: 'a.csv', content: orders }, { format: 'xlsx' }),
      400,
      'format',
    ],
    ['a blank name', writeForm({ fileName: 'a.csv', content: orders }, { name: ' ' }), 400, 'name'],
    ['a form that breaks off', writeForm({ fileName: 'a.csv', content: orders }).subarray(0, -60), 400],
    ['a form of another boundary', Buffer.from('--other\r\n\r\n--other--'), 400],
  ];
  for (const [what, body, status, field] of badForms)
    it(`refuse ${what}, and nothing is left of it`, async () => {
      const before = (await folders()).length;
      const answer = await author.send('POST', '/v4/importedDatasets/upload', { headers: formHeaders, body });
      assert.equal(answer.status, status, answer.text);
      const { errors } = answer.json as { errors: { field: string }[] };
      if (field !== undefined) assert.equal(errors[0]?.field, field, answer.text);
      assert.equal((await folders()).length, before);
    });

  it('refuse an upload that is no form', async () => {
    const headers = { 'content-type': 'text/csv' };
    const answer = await author.send('POST', '/v4/importedDatasets/upload', { headers, body: orders });
    assert.equal(answer.status, 415, answer.text);
  });

  it('leave nothing of an upload whose client goes away', async () => {
    const before = (await folders()).length;
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const body = writeForm({ fileName: 'a.csv', content: Buffer.alloc(1_000_000, 'a,b\n') });
    socket.write(
      `POST /v4/importedDatasets/upload HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${author.token}\r\ncontent-type: ${formHeaders['content-type']}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.subarray(0, 500_000));
    await waitFor(async () => (await folders()).length > before);
    socket.destroy();
    await waitFor(async () => (await folders()).length === before);
  });
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 10_000;
  // A folder may go while it is listed.
  const holds = () =>
    condition().catch((error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && Promise.reject(error));
  while (!(await holds())) {
    if (Date.now() > until) throw new Error('it did not come to pass in 10 s');
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
