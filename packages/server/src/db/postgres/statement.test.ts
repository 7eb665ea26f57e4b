// PostgreSQL keeps the batched statements, and only those; what it keeps goes on after a migration and is planned anew.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CompiledQuery, sql } from 'kysely';
import { describeOnBoth } from '../../../test/database.ts';
import type { Read } from '../database.ts';
import { createPlanRenewal, createStatementNames } from './statement.ts';
import { tableOf } from '../rows.ts';

it('names each batched text once, and no text with a star', () => {
  const nameOf = createStatementNames();
  const first = nameOf('select a from unnest($1::bigint[]) as given (a)');
  assert.equal(nameOf('select b from unnest($1::bigint[]) as given (b)') === first, false);
  assert.equal(nameOf('select a from unnest($1::bigint[]) as given (a)'), first);
  assert.equal(typeof first, 'string');
  for (const text of [
    'select a from flows where id = $1',
    'select * from unnest($1::bigint[]) as given (a)',
    'select given.a, flows.* from unnest($1::bigint[]) as given (a) join flows on true',
    'insert into flows select a from unnest($1::bigint[]) as given (a) returning *',
  ])
    assert.equal(nameOf(text), undefined, text);
  const timed =
    'select (extract(epoch from clock_timestamp()) * 1000) as now from unnest($1::bigint[]) as given (a)';
  assert.equal(typeof nameOf(timed), 'string');
});

it('has a connection plan anew what it keeps when its plans are old', async () => {
  let now = 0;
  const asked: string[] = [];
  const connection = {
    executeQuery: async <Row>({ sql: text }: CompiledQuery) => {
      asked.push(text);
      return { rows: [] as Row[] };
    },
    streamQuery: () => {
      throw new Error('nothing is streamed here');
    },
  };
  const renew = createPlanRenewal(() => now);
  for (now of [0, 9_999, 10_000, 10_001, 20_000]) await renew(connection);
  assert.deepEqual(asked, ['discard plans', 'discard plans']);
});

describeOnBoth('A batched statement', (make, dialect) => {
  it('answers for any number of rows, before and after a column is added', async () => {
    const test = await make();
    const db = await test.open();
    await db.transaction(async (tx) => {
      const ask = async (ids: readonly number[]) => {
        const given = tableOf(
          tx,
          'given',
          { id: 'bigint' },
          ids.map((id) => ({ id })),
        );
        const { rows } = await sql<{ id: number; flow: number | null }>`
          select given.id, flows.id as flow from ${given} left join flows on flows.id = given.id order by given.id`.execute(
          tx,
        );
        return rows.map(({ id }) => id);
      };
      for (let round = 0; round < 7; round += 1) assert.deepEqual(await ask([round]), [round]);
      assert.deepEqual(await ask([]), []);
      assert.deepEqual(await ask([1, 2, 3]), [1, 2, 3]);
      if (dialect === 'postgres') assert.equal(await countKept(), 1);
      await sql`alter table flows add column of_this_test bigint`.execute(tx);
      assert.deepEqual(await ask([4, 5]), [4, 5]);

      async function countKept(): Promise<number> {
        const { rows } = await sql<{ count: number }>`
          select count(*) as count from pg_prepared_statements where statement like '%left join flows%'`.execute(
          tx,
        );
        return rows[0]!.count;
      }
    });
    await db.close();
    await test.remove();
  });

  it('is planned once in a transaction, and as PostgreSQL likes outside of one', async (t) => {
    if (dialect === 'sqlite') return t.skip('of PostgreSQL alone');
    const test = await make();
    const db = await test.open();
    const readMode = async (read: Read) => {
      const { rows } = await sql<{ plan_cache_mode: string }>`show plan_cache_mode`.execute(read);
      return rows[0]!.plan_cache_mode;
    };
    assert.equal(await db.transaction(readMode), 'force_generic_plan');
    assert.equal(await readMode(db.read), 'auto');
    await db.close();
    await test.remove();
  });
});
