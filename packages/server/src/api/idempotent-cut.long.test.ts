// Idempotency-Key where the answer is lost: the process killed, the connection cut behind the commit, two nodes asked at once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { startApp, type App } from '../app.ts';
import { createLog } from '../base/log.ts';
import { makeClient, type Client, type RawAnswer } from '../../test/client.ts';
import { startCommitProxy, type CommitProxy } from '../../test/commit-proxy.ts';
import { crashFileVariable, crashMark, type CallStage } from '../../test/crash-stage.ts';
import { describeOnBoth, makeTestDatabase, type TestDatabase } from '../../test/database.ts';
import { postgresUrl } from '../../test/postgres-server.ts';
import { makeProcessWorld, type ProcessWorld } from '../../test/process-world.ts';
import { testConfig } from '../../test/server.ts';
import { until } from '../../test/wait.ts';

const token = 'cut-token';

interface Runnable {
  readonly flowId: number;
  readonly recipeId: number;
  /** What the jobs are called, and nothing else. */
  readonly name: string;
}

async function makeRunnable(client: Client): Promise<Runnable> {
  const { id: flowId } = await client.call(flowEndpoints.create, { body: { name: 'Runs' } });
  const name = `job-${randomUUID()}`;
  const recipe = { name, flow: { id: flowId }, sql: 'select 1 as a' };
  const { id: recipeId } = await client.call(wrangledDatasetEndpoints.create, { body: recipe });
  await client.call(outputObjectEndpoints.create, { body: { flowNodeId: recipeId, profiler: false } });
  return { flowId, recipeId, name };
}

/** The three ways to a job. */
const calls: Readonly<Record<string, (where: Runnable) => { path: string; body: unknown }>> = {
  job: ({ recipeId }) => ({ path: '/v4/jobGroups', body: { wrangledDataset: { id: recipeId } } }),
  'flow run': ({ flowId }) => ({ path: `/v4/flows/${flowId}/run`, body: {} }),
  'external job': ({ flowId, name }) => ({
    path: '/v4/jobGroups/external',
    body: { flow: { id: flowId }, name },
  }),
};

function launch(client: Client, what: string, where: Runnable, key: string): Promise<RawAnswer> {
  const { path, body } = calls[what]!(where);
  return client.send('POST', path, { body, headers: { 'idempotency-key': key } });
}

async function countJobs(client: Client, flowId: number): Promise<number> {
  return (await client.call(jobGroupEndpoints.list, { query: { flowId, noLimit: true } })).data.length;
}

/** Asks again with the same key until there is an answer, twice: both are the same, and there is one job. */
async function repeat(client: Client, what: string, where: Runnable, key: string): Promise<unknown> {
  const answers: unknown[] = [];
  for (let count = 0; count < 2; count += 1)
    await until(
      async () => {
        const { status, json } = await launch(client, what, where, key);
        if (status === 201) answers.push(json);
        else assert.equal(status, 503);
        return status === 201;
      },
      'the repeat is answered',
      30_000,
    );
  assert.deepEqual(answers[1], answers[0]);
  assert.equal(await countJobs(client, where.flowId), 1, `jobs of one ${what}`);
  return answers[0];
}

describeOnBoth('A call whose server is killed', (make) => {
  let database: TestDatabase;
  let folder: string;
  let world: ProcessWorld;
  before(async () => {
    database = await make();
    folder = await mkdtemp(join(tmpdir(), 'flowhook-cut-'));
    world = await makeProcessWorld(database.url, {
      NODE_OPTIONS: `--import=${new URL('../../test/crash-hook.ts', import.meta.url).href}`,
      [crashFileVariable]: join(folder, 'stage'),
    });
  });
  after(async () => {
    await world.close();
    await rm(folder, { recursive: true });
    await database.remove();
  });

  /** In its transaction, behind the commit, with the reply kept and not sent. */
  const stages: readonly (readonly [CallStage, string])[] = [
    ['keeping', 'external job'],
    ['kept', 'job'],
    ['replied', 'flow run'],
  ];
  for (const [stage, what] of stages)
    it(`at the stage ${stage} makes one ${what}, and the repeat is told of it`, async () => {
      const where = await makeRunnable(world.client);
      const key = `${crashMark}-${randomUUID()}`;
      await writeFile(join(folder, 'stage'), stage);
      await assert.rejects(launch(world.client, what, where, key));
      await world.ended();
      await rm(join(folder, 'stage'));
      await world.start();
      assert.equal(await countJobs(world.client, where.flowId), stage === 'keeping' ? 0 : 1);
      await repeat(world.client, what, where, key);
    });
});

const skip = postgresUrl() === undefined ? 'PostgreSQL not available: set FLOWHOOK_TEST_POSTGRES_URL' : false;

describe('A call whose connection to PostgreSQL is cut', { skip }, () => {
  let test: TestDatabase;
  let proxy: CommitProxy;
  let apps: readonly App[] = [];
  let clients: readonly Client[] = [];
  before(async () => {
    test = await makeTestDatabase('postgres');
    proxy = await startCommitProxy(test.url!);
    const start = (url: string) =>
      startApp(testConfig(test, { DATABASE_URL: url, FLOWHOOK_ADMIN_TOKEN: token }), {
        log: createLog('silent'),
      });
    const cutOff = await start(proxy.through(test.url!));
    apps = [cutOff, await start(test.url!)];
    clients = apps.map((app) => makeClient(() => app.url, { authorization: `Bearer ${token}` }));
  });
  after(async () => {
    for (const app of apps) await app.stop();
    proxy.close();
    await test.remove();
  });

  for (const what of Object.keys(calls))
    for (const when of ['sent', 'done'] as const)
      it(`when the commit of its ${what} is ${when} makes one, and the repeat is told of it`, async () => {
        const where = await makeRunnable(clients[1]!);
        const key = randomUUID();
        const cut = proxy.cutCommit([where.name], when);
        const first = await launch(clients[0]!, what, where, key);
        await cut;
        assert.ok([201, 503].includes(first.status), first.text);
        const told = await repeat(clients[0]!, what, where, key);
        if (first.status === 201) assert.deepEqual(first.json, told);
        assert.deepEqual(await repeat(clients[1]!, what, where, key), told);
      });

  it('when its reply is kept is answered all the same', async () => {
    const where = await makeRunnable(clients[1]!);
    const key = randomUUID();
    const cut = proxy.cutCommit(['update "idempotency_keys"', key], 'sent');
    const first = await launch(clients[0]!, 'job', where, key);
    await cut;
    assert.equal(first.status, 201, first.text);
    assert.deepEqual(await repeat(clients[1]!, 'job', where, key), first.json);
  });

  it('is one of many at two nodes at once: one job, one answer', async () => {
    for (let round = 0; round < 5; round += 1) {
      const where = await makeRunnable(clients[1]!);
      const key = randomUUID();
      const asked = [...clients, ...clients, ...clients].map((client) => launch(client, 'job', where, key));
      const answers = await Promise.all(asked);
      for (const { status, json } of answers) assert.deepEqual([status, json], [201, answers[0]!.json]);
      assert.equal(await countJobs(clients[0]!, where.flowId), 1);
    }
  });
});
