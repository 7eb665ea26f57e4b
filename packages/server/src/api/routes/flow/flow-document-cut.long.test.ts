// A flow that is put as a document while something ends: all of it or nothing, wherever the cut is.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import {
  flowDocumentEndpoints as documents,
  type flowDocumentGiven,
} from '@flowhook/contract/flow/flow-document';
import { startApp, type App } from '../../../app.ts';
import { createLog } from '../../../base/log.ts';
import { makeClient, type Client } from '../../../../test/client.ts';
import { startCommitProxy, type CommitProxy } from '../../../../test/commit-proxy.ts';
import { crashFileVariable, crashMark, type DocumentStage } from '../../../../test/crash-stage.ts';
import { describeOnBoth, makeTestDatabase, type TestDatabase } from '../../../../test/database.ts';
import { byFullness } from '../../../../test/full.ts';
import { postgresUrl } from '../../../../test/postgres-server.ts';
import { makeProcessWorld, type ProcessWorld } from '../../../../test/process-world.ts';
import { testConfig } from '../../../../test/server.ts';

type Given = z.input<typeof flowDocumentGiven>;

/** Every part of it is another than in the version before. */
function make(version: number, description = `Version ${version}`): Given {
  const numbers = [0, 1, 2];
  return {
    name: 'Cut',
    description,
    parameters: [{ name: `p_${version}`, defaultValue: `${version}` }],
    recipes: numbers.map((each) => ({
      name: `r_${version}_${each}`,
      sql: each === 0 ? `select ${version} as a` : `select a + 1 as a from r_${version}_${each - 1}`,
      outputs: { adhoc: { files: [{ path: `${version}/${each}.csv`, action: 'create', format: 'csv' }] } },
    })),
    webhookTasks: numbers.map((each) => ({
      name: `t_${version}_${each}`,
      triggerEvent: 'onJobDone',
      recipes: [`r_${version}_${each}`],
      url: `https://hooks.example.com/${version}`,
      secretKey: { value: `secret of ${version}` },
    })),
    schedule: { times: [{ cron: `${version % 60} 6 * * *` }] },
  };
}

/** Fails where the flow is neither of them; gives the version that it is. */
async function requireWhole(client: Client, id: number, versions: readonly number[]): Promise<number> {
  const document = await client.call(documents.get, { params: { id } });
  const names = [document.parameters, document.recipes, document.webhookTasks].flat().map(({ name }) => name);
  const found = versions.find((version) => document.schedule?.times[0]?.cron === `${version % 60} 6 * * *`);
  assert.notEqual(found, undefined, JSON.stringify(document));
  const { parameters, recipes = [], webhookTasks = [] } = make(found!);
  assert.deepEqual(
    names.toSorted(),
    [parameters!, recipes, webhookTasks]
      .flat()
      .map(({ name }) => name)
      .toSorted(),
  );
  assert.ok(document.webhookTasks.every(({ url }) => url === `https://hooks.example.com/${found}`));
  return found!;
}

describeOnBoth('A flow document whose server is killed', (makeDatabase) => {
  let database: TestDatabase;
  let folder: string;
  let world: ProcessWorld;
  before(async () => {
    database = await makeDatabase();
    folder = await mkdtemp(join(tmpdir(), 'flowhook-document-cut-'));
    world = await makeProcessWorld(database.url, {
      NODE_OPTIONS: `--import=${new URL('../../../../test/crash-hook.ts', import.meta.url).href}`,
      [crashFileVariable]: join(folder, 'stage'),
    });
  });
  after(async () => {
    await world.close();
    await rm(folder, { recursive: true });
    await database.remove();
  });

  const stages: readonly DocumentStage[] = ['graph', 'tasks', 'whole', 'committed'];
  for (const [index, stage] of stages.entries())
    it(`at the stage ${stage} is whole: as before, or as it was put`, async () => {
      const { client } = world;
      const [old, now] = [index * 2, index * 2 + 1];
      const { flow } = await client.call(documents.create, { body: make(old) });
      const params = { id: flow!.id };
      await writeFile(join(folder, 'stage'), stage);
      await assert.rejects(client.call(documents.put, { params, body: make(now, crashMark) }));
      await world.ended();
      await rm(join(folder, 'stage'));
      await world.start();
      assert.equal(await requireWhole(client, params.id, [old, now]), stage === 'committed' ? now : old);
      await client.call(documents.put, { params, body: make(now) });
      assert.equal(await requireWhole(client, params.id, [now]), now);
    });

  it('is one of those that are put at once, whole, and the others come before it or are told to try again', async () => {
    const { client } = world;
    const { flow } = await client.call(documents.create, { body: make(0) });
    const id = flow!.id;
    const versions = [1, 2, 3, 4, 5, 6];
    for (let round = 0; round < byFullness(10, 2); round += 1) {
      const answers = await Promise.all(
        versions.map((version) => client.send('PUT', `/v4/flows/${id}/document`, { body: make(version) })),
      );
      const done = versions.filter((_, index) => answers[index]!.status === 200);
      assert.ok(done.length > 0);
      for (const { status, text } of answers) assert.ok([200, 409].includes(status), text);
      await requireWhole(client, id, done);
    }
  });

  it('is whole wherever the connection of who puts it is cut', async () => {
    const { client, url, token } = world;
    const { flow } = await client.call(documents.create, { body: make(0) });
    const id = flow!.id;
    const { hostname, port } = new URL(url);
    let version = 0;
    const cuts = byFullness(60, 12);
    for (let cut = 0; cut <= cuts; cut += 1) {
      const body = JSON.stringify(make(version + 1));
      const head = `PUT /v4/flows/${id}/document HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
      const bytes = Buffer.from(head + body);
      // Later cuts lie in the answer: behind the last byte, and then behind the first bytes that come back.
      const length = Math.min(bytes.length, Math.ceil((bytes.length * cut) / (cuts - 2)));
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.write(bytes.subarray(0, length));
      if (cut > cuts - 1) await once(socket, 'data');
      else if (length < bytes.length) await new Promise((resolve) => socket.write('', resolve));
      socket.destroy();
      const found = await requireWhole(client, id, [version, version + 1]);
      if (length < bytes.length) assert.equal(found, version, 'half a document changes nothing');
      // What was sent whole may still be under way: the next puts the same, and both end in it.
      if (length === bytes.length) {
        await client.call(documents.put, { params: { id }, body: make(version + 1) });
        version = await requireWhole(client, id, [version + 1]);
      }
    }
  });
});

const skip = postgresUrl() === undefined ? 'PostgreSQL not available: set FLOWHOOK_TEST_POSTGRES_URL' : false;

describe('A flow document whose connection to PostgreSQL is cut', { skip }, () => {
  let test: TestDatabase;
  let proxy: CommitProxy;
  let apps: readonly App[] = [];
  let clients: readonly Client[] = [];
  before(async () => {
    test = await makeTestDatabase('postgres');
    proxy = await startCommitProxy(test.url!);
    const env = { FLOWHOOK_ADMIN_TOKEN: 'document-cut-token' };
    const start = (url: string) =>
      startApp(testConfig(test, { DATABASE_URL: url, ...env }), { log: createLog('silent') });
    const cutOff = await start(proxy.through(test.url!));
    apps = [cutOff, await start(test.url!)];
    clients = apps.map((app) =>
      makeClient(() => app.url, { authorization: `Bearer ${env.FLOWHOOK_ADMIN_TOKEN}` }),
    );
  });
  after(async () => {
    for (const app of apps) await app.stop();
    proxy.close();
    await test.remove();
  });

  for (const [index, when] of (['sent', 'done'] as const).entries())
    it(`when the commit is ${when} is what was put, and so says whoever puts it again`, async () => {
      const [old, now] = [index * 2, index * 2 + 1];
      const { flow } = await clients[1]!.call(documents.create, { body: make(old) });
      const id = flow!.id;
      const cut = proxy.cutCommit([`t_${now}_2`], when);
      const first = await clients[0]!.send('PUT', `/v4/flows/${id}/document`, { body: make(now) });
      await cut;
      assert.ok([200, 503].includes(first.status), first.text);
      assert.equal(await requireWhole(clients[1]!, id, [now]), now);
      const again = {
        ...make(now),
        webhookTasks: (await clients[1]!.call(documents.get, { params: { id } })).webhookTasks,
      };
      const { changes } = await clients[1]!.call(documents.put, { params: { id }, body: again });
      assert.deepEqual(changes, []);
    });
});
