// Every route of flows and of what is in them: who is let in, unknown ids, broken and oversized bodies, bound tokens.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { writeSettingEndpoints as settings } from '@flowhook/contract/flow/write-setting';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { insertToken } from '../../../people/access-token.ts';
import { formHeaders, uploadDataset, writeForm } from '../../../../test/upload-form.ts';

const resources = { flows, datasets, recipes, outputs, settings };
const all = Object.entries(resources).flatMap(([resource, endpoints]) =>
  Object.entries(endpoints).map(
    ([name, endpoint]) => [`${resource}.${name}`, endpoint as AnyEndpoint] as const,
  ),
);
const unknownId = 99_999_999;

/** Bodies that pass the schema, for routes that need one. */
const bodies: Readonly<Record<string, object>> = {
  'flows.create': { name: 'x' },
  'flows.replace': { name: 'x' },
  'datasets.create': { uri: 'file:///x' },
  'datasets.addToFlow': { flow: { id: unknownId } },
  'datasets.removeFromFlow': { flow: { id: unknownId } },
  'recipes.create': { name: 'x', flowId: unknownId, sql: 'select 1' },
  'recipes.check': { flowId: unknownId, sql: 'select 1' },
  'recipes.replacePrimaryInput': { importedDataset: { id: unknownId } },
  'outputs.create': { flowNodeId: unknownId },
  'settings.create': { path: 'a.csv', action: 'create', format: 'csv', outputObjectId: unknownId },
};

describeOnBoth('routes of the flows room', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
  });
  after(() => server.stop());

  function sendTo(name: string, endpoint: AnyEndpoint, id: unknown, person: Pick<TestPerson, 'send'>) {
    const path = endpoint.path.replace(':id', String(id)).replaceAll(/:\w+/gu, '1');
    const form = writeForm({ fileName: 'a.csv', content: 'a\n1\n' });
    if (endpoint.requestType !== undefined)
      return person.send(endpoint.method, path, { headers: formHeaders, body: form });
    const body = endpoint.method === 'GET' || endpoint.method === 'DELETE' ? undefined : (bodies[name] ?? {});
    return person.send(endpoint.method, path, { body });
  }

  async function addToken(person: TestPerson, narrowed: { flowIds?: number[]; readOnly?: boolean }) {
    const token = `narrowed-${randomUUID()}`;
    const info = { description: 'test', readOnly: false, flowIds: null, expiresAt: null, now: Date.now() };
    await server.app.db.transaction((tx) => insertToken(tx, person.id, token, { ...info, ...narrowed }));
    return server.client({ authorization: `Bearer ${token}` });
  }

  for (const [name, endpoint] of all) {
    it(`${name} asks for a sign-in`, async () => {
      assert.equal((await sendTo(name, endpoint, 1, server.nobody)).status, 401);
    });

    if (endpoint.access === 'author')
      it(`${name} is not for viewers`, async () => {
        assert.equal((await sendTo(name, endpoint, 1, server.viewer)).status, 403);
      });

    if (endpoint.path.includes(':id'))
      it(`${name} knows a wrong id and an unknown one`, async () => {
        for (const id of ['x', '-1', '1.5', '1e400', '%00'])
          assert.equal((await sendTo(name, endpoint, id, author)).status, 400, id);
        assert.equal((await sendTo(name, endpoint, unknownId, author)).status, 404);
        assert.equal((await sendTo(name, endpoint, Number.MAX_SAFE_INTEGER, author)).status, 404);
      });

    if (endpoint.requestType === undefined && ['POST', 'PUT', 'PATCH'].includes(endpoint.method))
      it(`${name} refuses broken, wrong and oversized bodies`, async () => {
        const path = endpoint.path.replace(':id', '1');
        const headers = { 'content-type': 'application/json' };
        const send = (body: string) => author.send(endpoint.method, path, { headers, body });
        assert.equal((await send('{"name": ')).status, 400);
        assert.equal((await send('[]')).status, 400);
        assert.equal((await send('"text"')).status, 400);
        assert.equal((await send(JSON.stringify({ name: 'x'.repeat(10_000_000) }))).status, 413);
      });
  }

  it('show a bound token its flows and what they use, nothing else', async () => {
    const owner = await server.addPerson('author');
    const flow = await owner.call(flows.create, { body: { name: 'Bound' } });
    const inside = await uploadDataset(owner, { fileName: 'in.csv', content: 'a\n1\n' });
    const outside = await uploadDataset(owner, { fileName: 'out.csv', content: 'a\n1\n' });
    const another = await owner.call(flows.create, { body: { name: 'Another' } });
    const hidden = await owner.call(recipes.create, {
      body: { name: 'hidden', flow: { id: another.id }, importedDataset: { id: outside.id } },
    });
    await owner.call(datasets.addToFlow, { params: { id: inside.id }, body: { flow: { id: flow.id } } });
    const bound = await addToken(owner, { flowIds: [flow.id] });
    const params = (id: number) => ({ params: { id } });
    const { data } = await bound.call(datasets.list, {});
    assert.deepEqual(
      data.map(({ id }) => id),
      [inside.id],
    );
    await bound.call(datasets.preview, params(inside.id));
    await bound.refused(datasets.get, 404, params(outside.id));
    await bound.refused(recipes.get, 404, params(hidden.id));
    assert.deepEqual((await bound.call(recipes.list, {})).data, []);
    const input = { name: 'r', flow: { id: flow.id }, importedDataset: { id: outside.id } };
    await bound.refused(recipes.create, 404, { body: input });
    await bound.call(recipes.create, { body: { ...input, importedDataset: { id: inside.id } } });
    const form = { headers: formHeaders, body: writeForm({ fileName: 'a.csv', content: 'a\n1\n' }) };
    assert.equal((await bound.send('POST', '/v4/importedDatasets/upload', form)).status, 403);
    assert.equal((await bound.send('PUT', `/v4/importedDatasets/${inside.id}/file`, form)).status, 200);
  });

  it('change nothing for a read-only token', async () => {
    const { id } = await author.call(flows.create, { body: { name: 'Read' } });
    const reader = await addToken(author, { readOnly: true });
    await reader.call(flows.get, { params: { id } });
    const sql = 'select 1 as a';
    assert.equal((await reader.call(recipes.check, { body: { flowId: id, sql } })).valid, true);
    for (const [name, endpoint] of all.filter(([, each]) => !each.readOnly))
      assert.equal((await sendTo(name, endpoint, id, reader)).status, 403, name);
  });
});
