// Files both ways: from Blobs, Files and streams, and as a stream that is never held whole.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { deliverySelectionEndpoints as deliveries } from '@flowhook/contract/webhook/delivery-selection';
import { flowTransferEndpoints as transfers } from '@flowhook/contract/flow/flow-transfer';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { describeOnBoth } from '../../server/test/database.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import type { FilePart } from '../src/call-input.ts';
import { createCaller } from '../src/caller.ts';
import { createClient, type Client } from '../src/client.ts';
import { answerProblem, startScripted } from './scripted-server.ts';

const csv = 'name;born\nAda;1815\nGrace;1906\n';

describeOnBoth('a file', (_, dialect) => {
  let server: TestServer;
  let client: Client;
  before(async () => {
    server = await startServer(dialect);
    client = createClient({
      server: server.url,
      credentials: { token: server.author.token },
      checkAnswers: true,
    });
  });
  after(() => server.stop());

  const ways: Readonly<Record<string, () => FilePart>> = {
    'a File': () => new File([csv], 'people "1".csv', { type: 'text/csv' }),
    'a web stream': () => ({ name: 'people "1".csv', stream: new Blob([csv]).stream() }),
    'a stream of Node': () => ({
      name: 'people "1".csv',
      type: 'text/csv',
      stream: Readable.from([Buffer.from(csv.slice(0, 9)), Buffer.from(csv.slice(9))]),
    }),
  };
  for (const [way, make] of Object.entries(ways))
    it(`goes up as ${way}, behind the fields`, async () => {
      const body = { file: make(), name: `From ${way}`, description: 'ü', options: '{"delimiter": ";"}' };
      const made = await client.importedDataset.upload({ body });
      assert.deepEqual([made.name, made.description, made.size], [`From ${way}`, 'ü', csv.length]);
      assert.deepEqual(
        made.columns.map(({ name }) => name),
        ['name', 'born'],
      );
      assert.equal(made.uri.endsWith('.csv'), true, made.uri);
    });

  it('goes up without a name of its own', async () => {
    const made = await client.importedDataset.upload({
      body: { file: new Blob([csv]), name: 'Bare', format: 'csv' },
    });
    assert.equal(made.name, 'Bare');
  });

  it('comes down with its name, as a stream or whole', async () => {
    const flow = await client.flow.create({ body: { name: 'Päckchen' } });
    const input = { params: { id: flow.id } };
    const down = await client.flowTransfer.exportPackage(input);
    assert.match(down.name!, /^flow_.*\.zip$/u);
    assert.equal(down.type, 'application/zip');
    const bytes = new Uint8Array(await new Response(down.stream).arrayBuffer());
    assert.equal(Buffer.from(bytes.subarray(0, 2)).toString(), 'PK');
    const blob = await (await client.flowTransfer.exportPackage(input)).blob();
    assert.deepEqual(
      await client.flowTransfer.importDryRun({ body: { data: blob } }).then(({ flowName }) => flowName),
      'Päckchen',
    );
  });

  it('that is text comes as text, or as a stream', async () => {
    const whole = await client.deliverySelection.export();
    const { stream, name } = await client.download(deliveries.export);
    assert.equal(await text(stream as never), whole);
    assert.equal(name, 'deliveries.csv');
  });
});

describe('a file that is a stream', () => {
  it('is sent as it comes, and never again', async () => {
    let given = 0;
    async function* makeChunks() {
      for (; given < 64; given += 1) yield new Uint8Array(64 * 1024);
    }
    const server = await startScripted((response) => answerProblem(response, 503, 'unavailable'));
    const { call } = createCaller({ server: server.url, credentials: { token: 't' } });
    const body = { data: { name: 'a.zip', stream: makeChunks() } };
    await assert.rejects(call(transfers.importDryRun, { body }), { status: 503 });
    assert.deepEqual([given, server.asked.length], [64, 1]);
    assert.ok(server.asked[0]!.body.length > 64 * 64 * 1024);
    await server.stop();
  });

  it('ends where its call is ended, on both sides', async () => {
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    async function* makeChunks() {
      try {
        for (let n = 0; ; n += 1) {
          if (n === 3) controller.abort(new Error('enough'));
          yield new Uint8Array(1024);
        }
      } finally {
        closed.resolve();
      }
    }
    const server = await startScripted(() => undefined);
    const { call } = createCaller({ server: server.url, credentials: { token: 't' } });
    const body = { file: { name: 'a.csv', stream: makeChunks() } };
    await assert.rejects(call(datasets.upload, { body }, { signal: controller.signal }), /enough/u);
    await closed.promise;
    await server.stop();
  });

  it('comes down in pieces: its time limit ends where it begins, its signal does not', async () => {
    let response: ServerResponse | undefined;
    const server = await startScripted((given) => {
      response = given;
      given.writeHead(200, { 'content-type': 'application/octet-stream' }).write('first');
    });
    const { call } = createCaller({ server: server.url, credentials: { token: 't' }, timeLimitMs: 500 });
    const controller = new AbortController();
    const input = { params: { id: 1, fileId: 2 } };
    const { stream, size } = await call(jobs.download, input, { signal: controller.signal });
    assert.equal(size, null);
    const reader = stream.getReader();
    assert.equal(Buffer.from((await reader.read()).value!).toString(), 'first');
    const limitIsOver = AbortSignal.timeout(600);
    await once(limitIsOver, 'abort');
    response!.write('second');
    assert.equal(Buffer.from((await reader.read()).value!).toString(), 'second');
    controller.abort(new Error('enough'));
    await assert.rejects(reader.read(), /enough/u);
    await server.stop();
  });
});
