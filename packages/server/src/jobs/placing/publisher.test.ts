// Publishing goes on until it works, on both databases: what stood in the way is mended, nothing is started again.
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { until } from '../../../test/wait.ts';
import { endJob } from '../../../test/webhook-job.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { createLog } from '../../base/log.ts';
import type { Database } from '../../db/database.ts';
import type { ToPublish } from './publish.ts';
import { createPublisher, type Publisher } from './publisher.ts';

describeOnBoth('Publishing', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let publisher: Publisher;
  let outputsDir: string;
  const lines: string[] = [];
  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    outputsDir = join(test.dataDir, 'outputs');
    const log = createLog('info', { write: (line) => void lines.push(line) });
    publisher = createPublisher({
      db,
      folders: { outputsDir, jobsDir: join(test.dataDir, 'jobs') },
      log,
      now: Date.now,
    });
    publisher.loop.start();
  });
  after(async () => {
    await publisher.loop.stop();
    await db.close();
    await test.remove();
  });

  /** A job that has ended with one file in its own folder. */
  const addResult = async (path: string, text: string, action: ToPublish['action'] = 'overwrite') => {
    const jobId = await endJob(world);
    const folder = join(test.dataDir, 'jobs', String(jobId));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'part.csv'), text);
    const file = {
      job_id: jobId,
      position: 0,
      source_path: 'part.csv',
      path,
      format: 'csv',
      action,
    };
    await db.transaction(async (tx) => {
      await tx.updateTable('jobs').set({ result_folder: folder }).where('id', '=', jobId).execute();
      await tx.insertInto('job_files').values(file).execute();
    });
    return jobId;
  };
  const isPublished = async (jobId: number) => {
    const file = db.read.selectFrom('job_files').select('published_at').where('job_id', '=', jobId);
    return (await file.executeTakeFirstOrThrow()).published_at !== null;
  };
  const read = (path: string) => readFile(join(outputsDir, path), 'utf8');

  const toPlace = (jobId: number, path: string): ToPublish => ({
    jobId,
    source: join(test.dataDir, 'jobs', String(jobId), 'part.csv'),
    path,
    action: 'overwrite',
  });
  /** A round of the loop, to its end. */
  const runRound = async () => {
    const before = publisher.loop.lastRoundAt() ?? 0;
    publisher.loop.wake();
    await until(() => (publisher.loop.lastRoundAt() ?? 0) > before, 'a round');
  };

  it('comes before the end of the job; what fails is tried again by the loop, and said once', async () => {
    await mkdir(outputsDir, { recursive: true });
    // A file where a folder has to be: as a full disk, it is not the job's fault.
    await writeFile(join(outputsDir, 'blocked'), '');
    const [stuck, free] = [await addResult('blocked/a.csv', 'a'), await addResult('free.csv', 'b')];
    const before = lines.length;
    const files = [toPlace(stuck, 'blocked/a.csv'), toPlace(free, 'free.csv')];
    assert.deepEqual([...(await publisher.place(files))], [1]);
    assert.equal(await read('free.csv'), 'b');
    await runRound();
    await runRound();
    assert.equal(await isPublished(stuck), false);
    const said = lines.slice(before).filter((line) => line.includes('blocked/a.csv'));
    assert.equal(said.length, 1, said.join(''));
    assert.equal(await isPublished(free), true, 'one that is stuck holds up no other');
    await rm(join(outputsDir, 'blocked'));
    publisher.loop.wake();
    await until(() => isPublished(stuck));
    assert.equal(await read('blocked/a.csv'), 'a');
  });

  it('does not put an older result over a newer one, whose job may not have ended yet', async () => {
    const older = await addResult('same.csv', 'older');
    const folder = join(test.dataDir, 'jobs', 'running');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'part.csv'), 'newer');
    const newer = { jobId: older + 1, source: join(folder, 'part.csv'), path: 'same.csv' } as const;
    await publisher.place([{ ...newer, action: 'overwrite' }]);
    publisher.loop.wake();
    await until(() => isPublished(older));
    assert.equal(await read('same.csv'), 'newer');

    const [left, last] = [await addResult('two.csv', 'left'), await addResult('two.csv', 'last')];
    await db.transaction((tx) =>
      tx.updateTable('job_files').set({ published_at: 1 }).where('job_id', '=', last).execute(),
    );
    publisher.loop.wake();
    await until(() => isPublished(left));
    await assert.rejects(read('two.csv'), { code: 'ENOENT' });
  });

  it('as new puts nothing over a file that somebody else has put there, and over its own', async () => {
    for (const action of ['create', 'append'] as const) {
      const path = `${action}.csv`;
      await writeFile(join(outputsDir, path), 'foreign');
      const jobId = await addResult(path, 'mine', action);
      const file = { ...toPlace(jobId, path), action };
      assert.equal((await publisher.place([file])).size, 0);
      await runRound();
      assert.deepEqual([await read(path), await isPublished(jobId)], ['foreign', false]);
      assert.ok(lines.some((line) => line.includes(`Another file stands at ${path}`)));
      await rm(join(outputsDir, path));
      await runRound();
      assert.deepEqual([await read(path), await isPublished(jobId)], ['mine', true]);
      // A later attempt of the same job, after an end of the process before its own end was written.
      await rm(file.source);
      await writeFile(file.source, 'mine again');
      assert.equal((await publisher.place([file])).size, 1);
      assert.equal(await read(path), 'mine again');
      assert.deepEqual(
        (await readdir(outputsDir)).filter((name) => name.endsWith('.tmp')),
        [],
      );
    }
  });

  it('can be asked for many times at once', async () => {
    const jobId = await addResult('many.csv', 'text');
    const file = toPlace(jobId, 'many.csv');
    const all = await Promise.all([1, 2, 3, 4].map(() => publisher.place([file])));
    assert.deepEqual(
      all.map(({ size }) => size),
      [1, 1, 1, 1],
    );
    assert.equal(await read('many.csv'), 'text');
  });
});
