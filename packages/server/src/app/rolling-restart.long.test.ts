// Nodes behind a proxy that are restarted one after the other by SIGTERM, with the settings as they come: no call is dropped.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { startBalancingProxy } from '../../test/balancing-proxy.ts';
import { makeClient, type Client } from '../../test/client.ts';
import { makeTestDatabase } from '../../test/database.ts';
import { postgresUrl } from '../../test/postgres-server.ts';
import { processSettings, processToken, startServerProcess } from '../../test/server-process.ts';
import { until } from '../../test/wait.ts';
import { chooseDrainMs } from './stop.ts';

const skip = postgresUrl() === undefined ? 'PostgreSQL not available: set FLOWHOOK_TEST_POSTGRES_URL' : false;
const callers = 4;

describe('A rolling restart behind a proxy', { skip }, () => {
  it('drops no call', async () => {
    const database = await makeTestDatabase('postgres');
    const settings = processSettings(database.dataDir, database.url);
    const nodes = [await startServerProcess(settings), await startServerProcess(settings)];
    const proxy = await startBalancingProxy(nodes.map(({ url }) => url));
    try {
      for (const { url } of nodes) await until(() => proxy.isUsed(url), 'the proxy uses it');
      const client = makeClient(() => proxy.url, { authorization: `Bearer ${processToken}` });
      const { id: flowId } = await client.call(flows.create, { body: { name: 'Rolling' } });
      let isOver = false;
      const calling = Array.from({ length: callers }, () => callAlong(client, flowId, () => isOver));
      for (const [index, node] of nodes.entries()) {
        node.child.kill('SIGTERM');
        assert.equal(await node.ended, 0, node.output());
        nodes[index] = await startServerProcess({ ...settings, PORT: new URL(node.url).port });
        await until(() => proxy.isUsed(node.url), 'the proxy uses it again', 30_000);
      }
      isOver = true;
      const dropped = (await Promise.all(calling)).flat();
      assert.deepEqual(dropped, []);
    } finally {
      await proxy.close();
      for (const node of nodes) await node.kill();
      await database.remove();
    }
  });
});

/** Reads and makes until it is over; gives what did not come through. */
async function callAlong(client: Client, flowId: number, isOver: () => boolean): Promise<string[]> {
  const dropped: string[] = [];
  for (let count = 0; !isOver(); count += 1) {
    const asked = count % 2 === 0 ? flows.list : external.create;
    const body = asked === flows.list ? {} : { body: { flow: { id: flowId } } };
    const { status, text } = await client.send(asked.method, asked.path, body);
    if (status !== asked.status) dropped.push(`${status} ${text}`);
  }
  return dropped;
}

it('Draining is for one of several nodes that a supervisor stops, unless it is set', () => {
  const usual = { drainSeconds: null, databaseUrl: 'postgres://x', roles: ['api', 'jobs'] } as const;
  const choose = (more: object, isSupervised: boolean) =>
    chooseDrainMs({ ...usual, roles: [...usual.roles], ...more }, isSupervised);
  assert.deepEqual([choose({}, true), choose({}, false)], [5000, 0]);
  assert.equal(choose({ databaseUrl: null }, true), 0);
  assert.equal(choose({ roles: ['jobs'] }, true), 0);
  assert.deepEqual([choose({ drainSeconds: 2 }, false), choose({ drainSeconds: 0 }, true)], [2000, 0]);
});
