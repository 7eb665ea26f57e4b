// The client against a real server: what the contract promises is what comes, by every way of signing in.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { describeOnBoth } from '../../server/test/database.ts';
import { startServer, testPassword, type TestServer } from '../../server/test/server.ts';
import { createCaller } from '../src/caller.ts';
import { createClient, type Client } from '../src/client.ts';
import { Problem } from '../src/problem.ts';

describeOnBoth('a client', (_, dialect) => {
  let server: TestServer;
  let client: Client;
  before(async () => {
    server = await startServer(dialect);
    const credentials = { token: server.author.token };
    client = createClient({ server: server.url, credentials, checkAnswers: true });
  });
  after(() => server.stop());

  it('makes, reads, changes and deletes', async () => {
    const made = await client.flow.create({ body: { name: 'Orders' } });
    const changed = await client.flow.change({
      params: { id: made.id },
      body: { description: 'of the shop' },
    });
    assert.deepEqual([changed.name, changed.description], ['Orders', 'of the shop']);
    assert.deepEqual((await client.flow.get({ params: { id: made.id } })).name, 'Orders');
    assert.equal(await client.flow.remove({ params: { id: made.id } }), undefined);
    await assert.rejects(client.flow.get({ params: { id: made.id } }), { status: 404, code: 'not_found' });
  });

  it('makes one thing of two calls with the same key', async () => {
    const make = () => client.flow.create({ body: { name: 'Once' } }, { idempotencyKey: 'once' });
    assert.equal((await make()).id, (await make()).id);
    const [one, other] = [
      await client.flow.create({ body: { name: 'A' } }),
      await client.flow.create({ body: { name: 'A' } }),
    ];
    assert.notEqual(one.id, other.id);
  });

  it('names the field at fault', async () => {
    const error = await client.flow.create({ body: { name: '' } }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Problem);
    assert.deepEqual([error.status, error.code, error.field], [400, 'validation_failed', 'name']);
    assert.equal(typeof error.requestId, 'string');
  });

  it('comes in by email and password, and not by a wrong one', async () => {
    const credentials = { email: server.author.email, password: testPassword };
    const { call } = createCaller({ server: server.url, credentials });
    assert.ok(Array.isArray((await call(flows.list)).data));
    const { call: refused } = createCaller({
      server: server.url,
      credentials: { ...credentials, password: 'x' },
    });
    await assert.rejects(refused(flows.list), { status: 401 });
  });

  it('without credentials is refused in a way that makes no browser ask for a password', async () => {
    const seen: (string | null)[] = [];
    const { call } = createCaller({
      server: server.url,
      fetch: async (...given) => {
        const response = await fetch(...given);
        seen.push(response.headers.get('www-authenticate'));
        return response;
      },
    });
    await assert.rejects(call(flows.list), { status: 401 });
    assert.deepEqual(seen, [null]);
  });

  it('reads answers that are text, a status of success without an answer, and one of readiness', async () => {
    assert.match(await client.health.metrics(), /^# HELP/mu);
    assert.equal((await client.health.ready()).status, 'ready');
  });
});

/** Never run: what must not compile. */
export async function wrongCalls(client: Client): Promise<void> {
  // @ts-expect-error -- a flow has a name
  await client.flow.create({ body: {} });
  // @ts-expect-error -- the id is missing
  await client.flow.get();
  // @ts-expect-error -- no such member
  await client.flow.list({ query: { colour: 'red' } });
  // @ts-expect-error -- a closed list
  await client.flow.list({ query: { flowsFilter: 'mine' } });
  // @ts-expect-error -- an answer of the contract
  (await client.flow.list()).data[0]!.name.toFixed();
}
