// Migrations are known by name and checksum: gaps are filled, and what does not fit is refused in a sentence, on both databases.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { StartError } from '../base/start-error.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { migrations, type Migration } from './migration-list.ts';

describeOnBoth('Migrations', (make) => {
  let test: TestDatabase;
  let db: Database;
  beforeEach(async () => {
    test = await make();
    db = await test.open();
  });
  afterEach(async () => {
    await db.close();
    await test.remove();
  });

  const run = (text: string) => db.transaction((tx) => sql.raw(text).execute(tx));
  const extra: Migration = { version: 900, name: 'extra', text: 'create table extra (id bigint not null);' };

  it('are applied once', async () => {
    assert.deepEqual(await migrate(db.transaction), []);
    assert.deepEqual(await migrate(db.transaction, [...migrations, extra]), ['extra']);
    assert.deepEqual(await migrate(db.transaction, [...migrations, extra]), []);
  });

  it('fill a gap that an earlier program left', async () => {
    await run('drop index audit_log_at');
    await run('drop index deliveries_event');
    const text = migrations.find(({ name }) => name === 'retention at size')!.text;
    for (const [, name] of text.matchAll(/create index (\w+)/gu)) await run(`drop index if exists ${name}`);
    await run('create index deliveries_as_new on deliveries (event_id) where repeats_id is not null');
    await run(`delete from schema_migrations where name = 'retention at size'`);
    await migrate(db.transaction, [...migrations.filter(({ name }) => name !== 'retention at size'), extra]);
    assert.deepEqual(await migrate(db.transaction, [...migrations, extra]), ['retention at size']);
  });

  it('are refused where a newer program has been here', async () => {
    await migrate(db.transaction, [...migrations, extra]);
    await assert.rejects(
      migrate(db.transaction),
      (error) => error instanceof StartError && /extra/u.test(error.message),
    );
  });

  it('are refused where one was changed after it was applied', async () => {
    const changed = { ...extra, text: 'create table extra (id bigint not null, more text);' };
    await migrate(db.transaction, [...migrations, extra]);
    await assert.rejects(migrate(db.transaction, [...migrations, changed]), StartError);
    // A program that noted no checksums yet: the schema itself tells.
    await run('update schema_migrations set checksum = null');
    await assert.rejects(migrate(db.transaction, [...migrations, changed]), /extra\.more/u);
    const { rows } = await sql<{
      count: number;
    }>`select count(*) as count from schema_migrations where checksum is not null`.execute(db.read);
    assert.equal(rows[0]!.count, 0, 'a refusal changes nothing');
    assert.deepEqual(await migrate(db.transaction, [...migrations, extra]), []);
  });
});
