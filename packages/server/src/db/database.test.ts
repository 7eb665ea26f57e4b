// SQLite and PostgreSQL keep what a Database promises.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import type { Announcement, Database, Tx } from './database.ts';
import { insertMany } from './rows.ts';
import { readNow } from './dialect.ts';
import { AlreadyOwned } from './owner-lock.ts';

describeOnBoth('Database', (make, dialect) => {
  let test: TestDatabase;
  let db: Database;
  before(async () => {
    test = await make();
    db = await test.open();
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  const addSetting = (tx: Tx, key: string) =>
    tx.insertInto('workspace_settings').values({ key, value: '1', updated_at: 1 }).execute();
  const readKeys = async () =>
    (await db.read.selectFrom('workspace_settings').select('key').orderBy('key').execute()).map(
      ({ key }) => key,
    );

  it('commits many waiting transactions and undoes alone the one that throws', async () => {
    const works = Array.from({ length: 200 }, (_, index) =>
      db.transaction(async (tx) => {
        await addSetting(tx, `k${String(index).padStart(3, '0')}`);
        if (index % 10 === 0) throw new Error(`no ${index}`);
        return index;
      }),
    );
    const settled = await Promise.allSettled(works);
    assert.equal(settled.filter(({ status }) => status === 'rejected').length, 20);
    const keys = await readKeys();
    assert.equal(keys.length, 180);
    assert.ok(!keys.includes('k010') && keys.includes('k011'));
  });

  it('tells announcements after the commit, and those of an undone transaction never', async () => {
    const told: Announcement[] = [];
    const stop = db.listen((announcement) => told.push(announcement));
    await db.transaction(async (tx) => db.announce(tx, { topic: 'a', flowId: 1, ids: [1] }));
    await assert.rejects(
      db.transaction(async (tx) => {
        db.announce(tx, { topic: 'b', flowId: 1, ids: [2] });
        throw new Error('undone');
      }),
    );
    stop();
    assert.deepEqual(told, [{ topic: 'a', flowId: 1, ids: [1] }]);
  });

  it('inserts many rows', async () => {
    const rows = Array.from({ length: 3000 }, (_, index) => ({
      name: `m${index} "quoted" {a,b} \\ é`,
      stopped_at: null,
      started_at: index,
    }));
    const columns = { name: 'text', stopped_at: 'bigint', started_at: 'bigint' } as const;
    const inserted = await db.transaction((tx) =>
      insertMany<typeof columns, { id: number; name: string }>(tx, {
        table: 'nodes',
        columns,
        rows,
        returning: ['id', 'name'],
      }),
    );
    assert.deepEqual(new Set(inserted.map(({ name }) => name)), new Set(rows.map(({ name }) => name)));
    const { count } = await db.read
      .selectFrom('nodes')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('name', 'like', 'm%')
      .executeTakeFirstOrThrow();
    assert.equal(count, 3000);
  });

  it('reads the time of the database', async () => {
    const before = Date.now();
    const now = await readNow(db.read);
    assert.ok(now >= before - 1 && now <= Date.now() + 1, `${now} after ${before}`);
  });

  it('knows which nodes are gone', async () => {
    const added = await db.transaction((tx) =>
      tx
        .insertInto('nodes')
        .values({ name: 'gone', started_at: 1 })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    assert.deepEqual(await db.findGoneNodes([db.nodeId, added.id]), [added.id]);
  });

  if (dialect === 'sqlite') {
    it('has one owner', async () => {
      await assert.rejects(test.open(), AlreadyOwned);
    });
  } else {
    it('sees another node alive, hears it, and sees it gone', async () => {
      const other = await test.open();
      assert.deepEqual(await db.findGoneNodes([other.nodeId]), []);
      const heard = new Promise<Announcement>((resolve) => db.listen(resolve));
      await other.transaction(async (tx) => other.announce(tx, { topic: 'x', flowId: null, ids: [7] }));
      assert.deepEqual(await heard, { topic: 'x', flowId: null, ids: [7] });
      await other.close();
      assert.deepEqual(await db.findGoneNodes([other.nodeId]), [other.nodeId]);
    });
  }
});
