// Idempotency-Key at every route that takes one: the answer is lost after the commit, and a repeat is told the same.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { takesIdempotencyKey } from '@flowhook/contract/idempotency';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { endpoints, endpointsByResource } from '@flowhook/contract/endpoints';
import { fillPath } from '../../test/client.ts';
import { describeOnBoth } from '../../test/database.ts';
import { roleTable } from '../../test/role-table.ts';
import { makeRoleWorld, type RoleWorld } from '../../test/role-world.ts';
import { startServer, type TestServer } from '../../test/server.ts';
import { implement, implementMaking } from './route.ts';

const named = Object.entries(endpointsByResource).flatMap(([resource, group]) =>
  Object.entries(group as Readonly<Record<string, AnyEndpoint>>).map(
    ([name, endpoint]) => [`${resource}.${name}`, endpoint] as const,
  ),
);
const takers = named.filter(([, endpoint]) => takesIdempotencyKey(endpoint));

describeOnBoth('An Idempotency-Key at a route', (_, dialect) => {
  let server: TestServer;
  let world: RoleWorld;
  let rootDir: string;
  before(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'flowhook-idempotent-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: rootDir });
    world = await makeRoleWorld(server, rootDir, null);
  });
  after(async () => {
    await server.stop();
    await rm(rootDir, { recursive: true });
  });

  /** As where the process ended between the commit and the answer. */
  const loseReply = (key: string) =>
    server.app.db.transaction((tx) =>
      tx.updateTable('idempotency_keys').set({ reply: null }).where('key', '=', key).execute(),
    );
  const readKey = (key: string) =>
    server.app.db.read
      .selectFrom('idempotency_keys')
      .select(['made', 'reply'])
      .where('key', '=', key)
      .executeTakeFirst();

  /** The world's own has its schedule. */
  const makeFlow = async () =>
    (await server.administrator.call(flowEndpoints.create, { body: { name: 'Free' } })).id;
  /** What was asked for again is being sent meanwhile. */
  const still = (name: string, shown: unknown) =>
    name === 'webhookDelivery.redeliver' ? (shown as { id: number }).id : shown;

  for (const [name, endpoint] of takers)
    it(`${name} is told what the first call was told`, async () => {
      const key = randomUUID();
      const flowId = name === 'schedule.create' ? await makeFlow() : world.flowId;
      const asked = roleTable[name]!.request({ ...world, flowId, callerFlowIds: null });
      const headers = { ...asked.headers, 'idempotency-key': key };
      const send = () =>
        server.administrator.send(endpoint.method, fillPath(endpoint, asked), { ...asked, headers });
      const first = await send();
      assert.equal(first.status, endpoint.status, first.text);
      const { made, reply } = (await readKey(key))!;
      assert.notEqual(made, null);
      assert.deepEqual(JSON.parse(reply!), first.json);
      await loseReply(key);
      const second = await send();
      assert.deepEqual([second.status, second.headers['idempotency-replayed']], [first.status, 'true']);
      assert.deepEqual(still(name, second.json), still(name, first.json));
    });

  it('is taken in one way only', () => {
    const none = async () => undefined as never;
    for (const endpoint of endpoints) {
      const takes = takesIdempotencyKey(endpoint);
      const plain = () => implement(endpoint, none);
      const making = () => implementMaking(endpoint, { make: none, show: none });
      (takes ? assert.throws : assert.doesNotThrow)(plain);
      (takes ? assert.doesNotThrow : assert.throws)(making);
    }
  });
});
