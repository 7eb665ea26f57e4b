// Reads aside hold up nobody, see one moment where that is asked for, and are broken off when they take too long.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { describeOnBoth, makeTestDatabase, type TestDatabase } from '../../test/database.ts';
import { longestGap } from '../../test/loop-gap.ts';
import type { Database, Read } from './database.ts';
import { join } from 'node:path';
import { sqliteFileName } from './open-database.ts';
import { openAside } from './sqlite/aside.ts';
import { tookTooLong } from './took-too-long.ts';

/** Goes through so many rows that are made on the way. */
async function countTo(db: Read, count: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with recursive n (i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})
    select count(*) as count from n`.execute(db);
  return rows[0]!.count;
}

/** Counts to five as soon as a thread is free: those that were broken off go on until their statement ends. */
async function readWhenFree(db: Read): Promise<number> {
  try {
    return await countTo(db, 5);
  } catch (error) {
    assert.ok(tookTooLong(error));
    await wait(10);
    return readWhenFree(db);
  }
}

describeOnBoth('Reads aside', (make, dialect) => {
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

  it('leave the event loop to others', async () => {
    const began = performance.now();
    const gap = await longestGap(async () => {
      assert.equal(await countTo(db.aside, 3_000_000), 3_000_000);
    });
    const took = performance.now() - began;
    assert.ok(gap < took / 3, `${gap} ms of ${took} ms`);
  });

  it('see what was committed, and nothing later where they see one moment', async () => {
    const add = () =>
      db.transaction((tx) => tx.insertInto('nodes').values({ name: 'another', started_at: 1 }).execute());
    const count = async (read: Read) => (await read.selectFrom('nodes').select('id').execute()).length;
    const before = await count(db.aside);
    await add();
    assert.equal(await count(db.aside), before + 1);
    const [first, second] = await db.readLong(async (moment) => {
      const seen = await count(moment);
      await add();
      return [seen, await count(moment)];
    });
    assert.deepEqual([first, second, await count(db.aside)], [before + 1, before + 1, before + 2]);
  });

  it('say what is wrong with a statement, and go on', async () => {
    await assert.rejects(sql`select no_such_column from nodes`.execute(db.aside), /no_such_column/u);
    assert.equal(await countTo(db.aside, 10), 10);
  });

  it(
    'can’t write',
    { skip: dialect === 'postgres' && 'only a connection of SQLite is opened so' },
    async () => {
      await assert.rejects(sql`delete from nodes`.execute(db.aside), /readonly|read-only/u);
    },
  );
});

describe('A read aside that takes too long', () => {
  it('holds up none in another thread, however many are broken off', async () => {
    const test = await makeTestDatabase('sqlite');
    await (await test.open()).close();
    const db = openAside(join(test.dataDir, sqliteFileName), { threads: 3, statementMs: 400 });
    const long = Array.from({ length: 6 }, () => countTo(db, 20_000_000));
    const ends = await Promise.allSettled(long);
    for (const end of ends) assert.equal(end.status === 'rejected' && tookTooLong(end.reason), true);
    const twoLong = [countTo(db, 20_000_000), countTo(db, 20_000_000)].map((each) => each.catch(() => null));
    assert.equal(await readWhenFree(db), 5);
    await Promise.all(twoLong);
    await db.destroy();
    await test.remove();
  });

  it('is broken off, as is one that waits behind it; then others are read again', async () => {
    const test = await makeTestDatabase('sqlite');
    await (await test.open()).close();
    const db = openAside(join(test.dataDir, sqliteFileName), { threads: 1, statementMs: 300 });
    const together = [countTo(db, 20_000_000), countTo(db, 1)];
    const [long, waiting] = await Promise.allSettled(together);
    assert.equal(long!.status === 'rejected' && tookTooLong(long!.reason), true);
    assert.equal(waiting!.status === 'rejected' && tookTooLong(waiting!.reason), true);
    assert.equal(await readWhenFree(db), 5);
    await db.destroy();
    await test.remove();
  });
});
