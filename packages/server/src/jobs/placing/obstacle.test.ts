// What stands in the way of an output, on a running server: told by the job, its files, metrics and readiness, and over within 30 s of being mended.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../test/server.ts';
import { until } from '../../../test/wait.ts';

const patienceMs = 30_000;

describeOnBoth('An obstacle', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let outputsDir: string;
  before(async () => {
    server = await startServer(dialect);
    ({ author } = server);
    outputsDir = join(server.database.dataDir, 'outputs');
  });
  after(() => server.stop());

  const make = async (path: string, sql: string) => {
    const { id: flowId } = await author.call(flows.create, { body: { name: 'A flow' } });
    const { id: recipeId } = await author.call(recipes.create, {
      body: { name: 'result', flow: { id: flowId }, sql },
    });
    const writeSettings = [{ path, action: 'overwrite' as const, format: 'csv' as const }];
    await author.call(outputs.create, { body: { flowNodeId: recipeId, profiler: false, writeSettings } });
    return recipeId;
  };
  const run = async (id: number) => {
    const job = await author.call(jobs.create, { body: { wrangledDataset: { id } } });
    const params = { params: { id: job.id } };
    await until(async () => (await author.call(jobs.status, params)) === 'Complete', `job ${job.id}`, 60_000);
    return job.id;
  };
  const fileOf = async (id: number) => (await author.call(jobs.outputs, { params: { id } })).files[0]!;
  const metric = async (name: string) => {
    const { text } = await server.nobody.send('GET', '/metrics');
    return Number(new RegExp(`^${name} (\\S+)$`, 'mu').exec(text)?.[1]);
  };
  const read = (path: string) => readFile(join(outputsDir, path), 'utf8');
  const standsSoon = (id: number) =>
    until(async () => (await fileOf(id)).published, `the file of job ${id} stands in its place`, patienceMs);

  it('is told until it is gone; then the newest result stands there, and no older one ever', async () => {
    const recipeId = await make('sub/totals.csv', 'select 1 as a');
    await run(recipeId);
    await rm(join(outputsDir, 'sub'), { recursive: true });
    await writeFile(join(outputsDir, 'sub'), 'in the way');
    const second = await run(recipeId);
    await author.call(recipes.change, { params: { id: recipeId }, body: { sql: 'select 3 as a' } });
    const third = await run(recipeId);
    for (const id of [second, third]) {
      const { published, unpublishedReason, placing } = await fileOf(id);
      assert.deepEqual(
        [published, unpublishedReason, placing],
        [false, 'A file stands where a folder has to be.', 'waiting'],
      );
      const { warnings } = await author.call(jobs.get, { params: { id } });
      assert.match(warnings.join(), /^One of its files is not in place below the outputs folder/u);
    }
    const event = server.app.db.read.selectFrom('events').select('facts').where('job_id', '=', second);
    const { files } = JSON.parse((await event.executeTakeFirstOrThrow()).facts) as {
      files: { published: boolean }[];
    };
    assert.deepEqual(
      files.map(({ published }) => published),
      [false],
      'in $files, as it was at the end',
    );
    assert.equal(await metric('flowhook_files_waiting'), 2);
    assert.ok((await metric('flowhook_files_waiting_oldest_seconds')) > 0);
    const ready = await server.nobody.send('GET', '/readyz');
    assert.equal(ready.status, 200, ready.text);
    assert.match(ready.text, /2 files wait for a place/u);

    await rm(join(outputsDir, 'sub'));
    await standsSoon(third);
    assert.equal(await read('sub/totals.csv'), 'a\n3\n');
    await until(
      async () => (await fileOf(second)).placing === 'givenUp',
      'the older one is given up',
      patienceMs,
    );
    assert.deepEqual([(await fileOf(second)).published, await read('sub/totals.csv')], [false, 'a\n3\n']);
    assert.deepEqual((await author.call(jobs.get, { params: { id: third } })).warnings, []);
    assert.equal(await metric('flowhook_files_waiting'), 0);
  });

  it('may be a folder of jobs that is read-only: the job says so at once, and readiness too', async (context) => {
    const folder = join(server.database.dataDir, 'jobs');
    await mkdir(folder, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder], { stdio: 'pipe' });
    } catch {
      return context.skip('no file system can be mounted here');
    }
    const recipeId = await make('read-only/totals.csv', 'select 1 as a');
    try {
      const { id } = await author.call(jobs.create, { body: { wrangledDataset: { id: recipeId } } });
      const params = { params: { id } };
      await until(async () => (await author.call(jobs.status, params)) === 'Failed', `job ${id}`, 20_000);
      const { workloadError } = await author.call(jobs.get, params);
      assert.equal(workloadError?.reason, 'output_failed');
      assert.match(workloadError?.message ?? '', /no folder for the results/u);
      const ready = await server.nobody.send('GET', '/readyz');
      // A note: the API goes on.
      assert.equal(ready.status, 200, ready.text);
      assert.match(ready.text, /jobs can't be written to \(EROFS\)/u);
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
    assert.equal((await fileOf(await run(recipeId))).published, true);
  });

  it('may be a full disk', async (context) => {
    const disk = join(outputsDir, 'disk');
    await mkdir(disk, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      return context.skip('no file system can be mounted here');
    }
    try {
      await assert.rejects(writeFile(join(disk, 'full'), Buffer.alloc(2 ** 20)), { code: 'ENOSPC' });
      const recipeId = await make('disk/much.csv', 'select range as a from range(10000)');
      const id = await run(recipeId);
      assert.equal((await fileOf(id)).unpublishedReason, 'The disk is full.');
      await assert.rejects(read('disk/much.csv'), { code: 'ENOENT' });
      await rm(join(disk, 'full'));
      await standsSoon(id);
      assert.equal((await read('disk/much.csv')).split('\n').length, 10_002);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });
});
