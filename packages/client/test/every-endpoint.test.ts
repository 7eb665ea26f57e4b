// Every endpoint of the contract is a method, and goes out as the contract has it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { takesIdempotencyKey } from '@flowhook/contract/idempotency';
import { endpoints, endpointsByResource } from '@flowhook/contract/endpoints';
import { createClient, type Client } from '../src/client.ts';
import { Problem } from '../src/problem.ts';
import { answerProblem, startScripted, type ScriptedServer } from './scripted-server.ts';

type Call = (input: object) => unknown;

const all = Object.entries(endpointsByResource).flatMap(([resource, group]) =>
  Object.entries(group).map(([name, endpoint]) => ({ resource, name, endpoint: endpoint as AnyEndpoint })),
);

function makeInput({ path, requestType, body }: AnyEndpoint) {
  const names = [...path.matchAll(/:(\w+)/gu)].map(([, name = '']) => name);
  const params = Object.fromEntries(names.map((name, index) => [name, index + 7]));
  if (body.type === 'undefined') return { params };
  return { params, body: requestType === undefined ? { some: 'thing' } : { file: new Blob(['a,b\n']) } };
}

describe('the client', () => {
  let server: ScriptedServer;
  let client: Client;
  before(async () => {
    server = await startScripted((response) => answerProblem(response, 404, 'not_found'));
    client = createClient({ server: `${server.url}/below/`, credentials: { token: 'secret' } });
  });
  after(() => server.stop());

  it('has as many methods as the contract has endpoints', () => {
    assert.ok(endpoints.length > 100);
    assert.equal(all.length, endpoints.length);
    const methods = Object.keys(endpointsByResource).flatMap((resource) =>
      Object.keys(client[resource as 'flow']),
    );
    assert.equal(methods.length, endpoints.length);
  });

  for (const { resource, name, endpoint } of all)
    it(`calls ${resource}.${name}`, async () => {
      const call = (client as unknown as Record<string, Record<string, Call>>)[resource]![name]!;
      const input = makeInput(endpoint);
      const called = call(input) as Promise<unknown> | AsyncGenerator;
      const error = await ('next' in called ? called.next() : called).then(
        () => assert.fail('was not refused'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof Problem, String(error));
      assert.deepEqual([error.status, error.code], [404, 'not_found']);
      const asked = server.asked.at(-1)!;
      const path = endpoint.path.replaceAll(/:(\w+)/gu, (_, key: string) => String(input.params[key]));
      assert.deepEqual([asked.method, asked.url], [endpoint.method, `/below${path}`]);
      assert.equal(asked.headers.authorization, 'Bearer secret');
      assert.equal(asked.headers['idempotency-key'] !== undefined, takesIdempotencyKey(endpoint));
      if (endpoint.requestType !== undefined)
        assert.match(asked.headers['content-type']!, /^multipart\/form-data; boundary=/u);
      else if (input.body !== undefined) assert.deepEqual(JSON.parse(asked.body), input.body);
    });
});
