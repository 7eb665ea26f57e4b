// A server that is killed while it runs a job takes it up at the next start: one result, one callback.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { makeProcessWorld, type ProcessWorld } from '../../test/process-world.ts';
import { until } from '../../test/wait.ts';

/** Some seconds of work on one core, and hours of it. */
const slow = 'select sum(hash(range) % 7) as s, count(*) as n from range(150000000)';
const endless = 'select sum(hash(range) % 7) as s from range(400000000000)';
const patience = 120_000;

describeOnBoth('kill -9 of the server while it runs a job', (make) => {
  let database: TestDatabase;
  let world: ProcessWorld;
  before(async () => {
    database = await make();
    world = await makeProcessWorld(database.url);
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  async function launch(name: string, sql: string): Promise<number> {
    const { client, flowId } = world;
    const recipe = await client.call(recipes.create, { body: { name, flow: { id: flowId }, sql } });
    const writeSettings = [{ path: `${name}.csv`, action: 'create', format: 'csv' }] as const;
    await client.call(outputs.create, {
      body: { flowNodeId: recipe.id, profiler: false, writeSettings: [...writeSettings] },
    });
    return (await client.call(jobs.create, { body: { wrangledDataset: recipe } })).id;
  }

  const status = (id: number) => world.client.call(jobs.status, { params: { id } });
  const untilRunning = (id: number) =>
    until(async () => (await status(id)) === 'InProgress', 'the job is claimed', patience);

  it('takes the job up again, with one result and one callback', async () => {
    const id = await launch('sums', slow);
    await untilRunning(id);
    const engine = findChildren(world.serverPid());
    assert.ok(engine.length > 0, 'the engine has a process of its own');
    await world.kill();
    await until(() => engine.every((pid) => !isRunning(pid)), 'the engine dies with its server');
    await world.start();
    await until(async () => (await status(id)) === 'Complete', 'the job completes', patience);
    const { files } = await world.client.call(jobs.outputs, { params: { id } });
    assert.deepEqual(
      files.map(({ uri, rows }) => [uri, rows]),
      [[`/outputs/sums-${id}.csv`, 1]],
    );
    const { text } = await world.client.send('GET', `/v4/jobGroups/${id}/outputs/${files[0]!.id}`);
    assert.match(text, /^s,n\n\d+,150000000\n$/u);
    assert.deepEqual(
      readdirSync(world.outputsFolder).filter((name) => name.startsWith('sums')),
      [`sums-${id}.csv`],
    );
    await until(() => world.told.includes(`${id} Complete`), 'the callback', patience);
    // The account of the server itself: one event, one decision, one delivery.
    const { data } = await world.client.call(jobs.webhooks, { params: { id } });
    assert.deepEqual(
      data.map(({ fired, deliveries }) => [fired, deliveries.data.length]),
      [[true, 1]],
    );
    assert.equal(world.told.filter((line) => line.startsWith(`${id} `)).length, 1);
  });

  it('gives up a job that was cut off three times: it may be what ends the server', async () => {
    const id = await launch('deadly', endless);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const folder = join(world.outputsFolder, '..', 'jobs', String(id), String(attempt));
      await until(() => existsSync(folder), `attempt ${attempt} is under way`, patience);
      await world.kill();
      await world.start();
    }
    await until(async () => (await status(id)) === 'Failed', 'the job fails', patience);
    const { workloadError } = await world.client.call(jobs.get, { params: { id } });
    assert.equal(workloadError?.reason, 'repeated');
    await until(() => world.told.includes(`${id} Failed`), 'the callback', patience);
  });

  it('cancels what runs, sooner than a few short jobs are done', async () => {
    const before = performance.now();
    const short = await launch('short', 'select 1 as a');
    await until(async () => (await status(short)) === 'Complete', 'the short job completes', patience);
    const whole = performance.now() - before;
    const id = await launch('long', endless);
    await untilRunning(id);
    const began = performance.now();
    await world.client.call(jobs.cancel, { params: { id } });
    await until(async () => (await status(id)) === 'Canceled', 'it is canceled');
    const took = performance.now() - began;
    assert.ok(took < 5 * whole, `it took ${Math.round(took)} ms, a short job ${Math.round(whole)} ms`);
    assert.ok(
      !world.told.some((line) => line.startsWith(`${id} `)),
      'a cancel is neither success nor failure',
    );
  });
});

function findChildren(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => readStat(pid)?.[1] === String(parent));
}

function isRunning(pid: number): boolean {
  const state = readStat(pid)?.[0];
  return state !== undefined && state !== 'Z';
}

/** State and parent of a process; undefined where it is gone. */
function readStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
