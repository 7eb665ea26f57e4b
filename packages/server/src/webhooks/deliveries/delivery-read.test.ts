// Deliveries and attempts as the routes read them, on both databases.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import type { Database } from '../../db/database.ts';
import { readAttempts, readBodies } from './delivery-read.ts';

describeOnBoth('reading deliveries', (make) => {
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

  it('reads of more deliveries than a statement may have values', async () => {
    const ids = Array.from({ length: 70_000 }, (_, index) => index + 1);
    assert.deepEqual(await readAttempts(db.read, ids), []);
    assert.equal((await readBodies(db.read, ids)).size, 0);
  });
});
