// Which uploaded files go, and which stay: on both databases, with real rows.
import assert from 'node:assert/strict';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { Database } from '../../db/database.ts';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { isUploadPlanned } from '../../jobs/open-job.ts';
import { insertDataset, updateDataset } from './dataset-store.ts';
import { createFileSweep } from './file-sweep.ts';
import { writeUploadUri } from './location.ts';
import { incomingName } from './upload.ts';

describeOnBoth('the sweep of uploads', (make) => {
  let database: TestDatabase;
  let db: Database;
  let world: World;
  let uploadsDir: string;
  let now = 1_000_000_000_000;
  before(async () => {
    database = await make();
    db = await database.open();
    world = await makeWorld(db);
    uploadsDir = join(database.dataDir, 'datasets');
  });
  after(async () => {
    await db.close();
    await database.remove();
  });

  const sweep = () =>
    createFileSweep({
      db,
      uploadsDir,
      isPlanned: (key) => isUploadPlanned(db.read, key),
      now: () => now,
      graceMs: 60_000,
      staleMs: 3_600_000,
    });

  async function addFolder(key: string): Promise<void> {
    await mkdir(join(uploadsDir, key), { recursive: true });
    await writeFile(join(uploadsDir, key, 'a.csv'), 'a\n1\n');
  }

  const reading = {
    given: { options: {} },
    format: 'csv',
    compression: 'none',
    options: {},
    columns: [],
    assumptions: [],
  } as const;
  const addDataset = (key: string) =>
    db.transaction((tx) =>
      insertDataset(tx, world.personId, {
        name: key,
        description: null,
        origin: 'upload',
        uri: writeUploadUri(key, 'a.csv'),
        bytes: 4,
        reading,
      }),
    );

  async function startJob(key: string): Promise<number> {
    const files = [{ uri: join(uploadsDir, key, 'a.csv'), name: 'a.csv' }];
    const id = await world.addExternalJob();
    const plan = JSON.stringify({ datasets: [{ name: 'a', files }] });
    await db.transaction((tx) => tx.updateTable('jobs').set({ plan }).where('id', '=', id).execute());
    return id;
  }

  it('keeps what a dataset names, and takes what none has named for a while', async () => {
    for (const key of ['named', 'unnamed']) await addFolder(key);
    const id = await addDataset('named');
    const { run } = sweep();
    assert.deepEqual(await run(), []);
    now += 59_000;
    assert.deepEqual(await run(), []);
    now += 1000;
    assert.deepEqual(await run(), ['unnamed']);
    assert.deepEqual(await readdir(uploadsDir), ['named']);
    await db.transaction((tx) =>
      updateDataset(tx, world.personId, id, {
        file: { uri: writeUploadUri('next', 'a.csv'), bytes: 1 },
      }),
    );
    await run();
    now += 60_000;
    assert.deepEqual(await run(), ['named']);
  });

  it('keeps what a job that has not ended reads', async () => {
    await addFolder('read');
    const id = await startJob('read');
    const { run } = sweep();
    await run();
    now += 120_000;
    assert.deepEqual(await run(), []);
    await db.transaction((tx) =>
      tx.updateTable('jobs').set({ state: 'complete', finished_at: 1 }).where('id', '=', id).execute(),
    );
    await run();
    now += 60_000;
    assert.deepEqual(await run(), ['read']);
  });

  it('forgives a folder that was named in the meantime', async () => {
    await addFolder('late');
    const { run } = sweep();
    await run();
    await addDataset('late');
    now += 120_000;
    assert.deepEqual(await run(), []);
  });

  it('takes uploads that stopped growing long ago, not those under way', async () => {
    for (const key of ['old', 'young']) {
      await addFolder(join(incomingName, key));
      const at = (now - (key === 'old' ? 3_600_001 : 1000)) / 1000;
      await utimes(join(uploadsDir, incomingName, key, 'a.csv'), at, at);
    }
    assert.deepEqual(await sweep().run(), ['old']);
    assert.deepEqual(await readdir(join(uploadsDir, incomingName)), ['young']);
  });
});
