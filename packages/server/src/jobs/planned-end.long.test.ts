// Ends that nobody may hold against a job: the server restarted by SIGTERM while it runs one, the node that takes reports away.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth, makeTestDatabase, type TestDatabase } from '../../test/database.ts';
import { postgresUrl } from '../../test/postgres-server.ts';
import { makeProcessWorld, type ProcessWorld } from '../../test/process-world.ts';
import { processSettings, startServerProcess } from '../../test/server-process.ts';
import { until } from '../../test/wait.ts';

/** Some seconds of work on one core. */
const slow = 'select sum(hash(range) % 7) as s, count(*) as n from range(300000000)';
const patience = 120_000;

describeOnBoth('Three restarts by SIGTERM while a job runs', (make) => {
  let database: TestDatabase;
  let world: ProcessWorld;
  before(async () => {
    database = await make();
    // The job would be done while the server drains, or waits for a connection that somebody keeps.
    const soon = { FLOWHOOK_DRAIN_SECONDS: '0', FLOWHOOK_STOP_SECONDS: '1' };
    world = await makeProcessWorld(database.url, soon);
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  it('leave it Complete, once', async () => {
    const { client, flowId } = world;
    const recipe = await client.call(recipes.create, {
      body: { name: 'slow', flow: { id: flowId }, sql: slow },
    });
    const writeSettings = [{ path: 'slow.csv', action: 'create', format: 'csv' }] as const;
    const output = { flowNodeId: recipe.id, profiler: false, writeSettings: [...writeSettings] };
    await client.call(outputs.create, { body: output });
    const { id } = await client.call(jobs.create, { body: { wrangledDataset: recipe } });
    const status = () => client.call(jobs.status, { params: { id } });
    for (let restart = 0; restart < 3; restart += 1) {
      await until(async () => (await status()) === 'InProgress', 'the job runs', patience);
      process.kill(world.serverPid(), 'SIGTERM');
      await world.ended();
      await world.start();
      assert.ok(['Created', 'InProgress'].includes(await status()), 'it was cut off');
    }
    await until(async () => (await status()) === 'Complete', 'the job completes', patience);
    await until(() => world.told.includes(`${id} Complete`), 'the callback', patience);
    assert.deepEqual(
      world.told.filter((line) => line.startsWith(`${id} `)),
      [`${id} Complete`],
    );
  });
});

const skip = postgresUrl() === undefined ? 'PostgreSQL not available: set FLOWHOOK_TEST_POSTGRES_URL' : false;
const heartbeatSeconds = 6;
const awayMs = 15_000;

describe('A node that takes reports and is away', { skip }, () => {
  it('for longer than a job may be silent loses no job', async () => {
    const database = await makeTestDatabase('postgres');
    const settings = processSettings(database.dataDir, database.url);
    const api = await startServerProcess({ ...settings, ROLES: 'api' });
    const worker = await startServerProcess({ ...settings, ROLES: 'jobs,webhooks' });
    try {
      const { client } = api;
      const { id: flowId } = await client.call(flows.create, { body: { name: 'Reports' } });
      const body = { flow: { id: flowId }, heartbeatSeconds };
      const { id } = await client.call(external.create, { body });
      const beat = () => client.call(external.change, { params: { id }, body: { percentComplete: 5 } });
      await pass(2000);
      await beat();
      api.child.kill('SIGSTOP');
      await pass(awayMs);
      api.child.kill('SIGCONT');
      const beaten = await beat();
      assert.equal(beaten.status, 'InProgress');
      // Its own silence is one again.
      const status = () => client.call(jobs.status, { params: { id } });
      await until(async () => (await status()) === 'Failed', 'it is lost', 30_000);
    } finally {
      api.child.kill('SIGCONT');
      for (const node of [api, worker]) await node.kill();
      await database.remove();
    }
  });
});
