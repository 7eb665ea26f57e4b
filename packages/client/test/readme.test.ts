// The README's code, run against a real server; what the README shows is that code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { listFailed } from '../../../examples/client/list-failed.ts';
import { runTotals } from '../../../examples/client/run-output.ts';
import { describeOnBoth } from '../../server/test/database.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';

const root = join(import.meta.dirname, '../../..');

it('the README shows the code that is run here', () => {
  const page = readFileSync(join(root, 'packages/client/README.md'), 'utf8');
  const blocks = [...page.matchAll(/^<!-- (\S+) -->\n```ts\n(.*?)^```$/gms)];
  assert.deepEqual(
    blocks.map(([, path]) => path),
    ['examples/client/run-output.ts', 'examples/client/list-failed.ts'],
  );
  assert.equal(page.split('```').length, 2 * blocks.length + 1, 'a block that no test runs');
  for (const [, path = '', code] of blocks) assert.equal(code, readFileSync(join(root, path), 'utf8'), path);
});

describeOnBoth('the code of the README', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());

  it('runs an output and reads what it wrote', async () => {
    const orders = new Blob(['item,price\na,2\nb,40\n']);
    assert.equal(await runTotals(server.url, server.author.token, orders), 'total\n42\n');
  });

  it('lists what has failed, and says what is wrong', async () => {
    const { author, url } = server;
    const flow = await author.call(flows.create, { body: { name: 'Nightly' } });
    const { id, createdAt } = await author.call(external.create, {
      body: { flow: { id: flow.id }, name: 'load' },
    });
    const since = new Date(Date.parse(createdAt) - 1000).toISOString();
    await author.call(external.change, { params: { id }, body: { status: 'Failed' } });
    assert.deepEqual(await listFailed(url, author.token, since), [`${createdAt} load`]);
    const [refusal] = await listFailed(url, author.token, 'yesterday');
    assert.match(refusal!, /^validation_failed from: .*/u);
  });
});
