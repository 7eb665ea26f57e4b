// What every engine owes a person who writes a recipe: checks, previews, detection.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makeQuery, makeRecipe } from './engine-fixture.ts';
import type { World } from './engine-world.ts';

export function queryRules(world: World): void {
  void it('checks a recipe: columns and the names it reads', async () => {
    const query = {
      datasets: [world.orders],
      recipes: [
        makeRecipe('big', 'SELECT * FROM ORDERS WHERE amount > 10'),
        makeRecipe(
          'out',
          'WITH x AS (FROM big) SELECT x.customer, count(*) AS n FROM x JOIN orders USING (id) GROUP BY 1',
        ),
      ],
      target: 'out',
    };
    const result = await world.engine.check(query, { asker: 1 });
    assert.deepEqual(result, {
      ok: true,
      columns: [
        { name: 'customer', type: 'VARCHAR' },
        { name: 'n', type: 'BIGINT' },
      ],
      references: ['big', 'orders'],
    });
  });

  void it('says where a recipe is wrong, and what would be right', async () => {
    const result = await world.engine.check(makeQuery("SELECT 'é',\n  custmer FROM orders", world.orders), {
      asker: 1,
    });
    assert.ok(!result.ok && result.failure.reason === 'sql_error');
    const { line, column, position, length, message, hint } = result.failure.sql;
    assert.deepEqual({ line, column, position, length }, { line: 2, column: 3, position: 14, length: 7 });
    assert.match(message, /custmer/);
    assert.match(hint ?? '', /customer/);
  });

  void it('reads parameters as values of their type, in checks, previews and by any spelling of their names', async () => {
    const parameters = [
      { name: 'who', type: 'text', value: "a'; DROP--" },
      { name: 'env.day', type: 'date', value: '2026-03-29' },
    ] as const;
    const sql = "SELECT parameter('WHO') AS who, parameter('env.day') AS day";
    const query = { ...makeQuery(sql, world.orders), parameters };
    const checked = await world.engine.check(query, { asker: 1 });
    assert.ok(checked.ok, JSON.stringify(checked));
    assert.deepEqual(
      checked.columns.map(({ type }) => type),
      ['VARCHAR', 'DATE'],
    );
    const preview = await world.engine.preview(query, { asker: 1, limit: 1 });
    assert.ok(preview.ok);
    assert.deepEqual(preview.rows, [["a'; DROP--", '2026-03-29']]);
    const unknown = await world.engine.check({ ...query, parameters: [] }, { asker: 1 });
    assert.ok(!unknown.ok && unknown.failure.reason === 'sql_error');
    assert.equal(unknown.failure.sql.position, 7);
  });

  void it('refuses a second statement, whatever is no SELECT, and files', async () => {
    for (const sql of [
      'SELECT 1; SELECT 2',
      "COPY orders TO 'x.csv'",
      "SELECT * FROM 'orders.csv'",
      "FROM read_text('/etc/hostname')",
    ]) {
      const result = await world.engine.check(makeQuery(sql, world.orders), { asker: 1 });
      assert.ok(!result.ok && result.failure.reason === 'sql_error', sql);
    }
  });

  void it('previews the first rows', async () => {
    const query = makeQuery('SELECT id, customer, amount FROM orders ORDER BY id', world.orders);
    const two = await world.engine.preview(query, { asker: 1, limit: 2 });
    assert.ok(two.ok);
    assert.deepEqual(two.rows, [
      ['1', 'ada', 10.5],
      ['2', 'bob', 20],
    ]);
    assert.equal(two.truncated, true);
    const all = await world.engine.preview({ ...query, target: 'orders' }, { asker: 1, limit: 10 });
    assert.ok(all.ok && !all.truncated && all.rows.length === 3);
  });

  void it('finds out how to read a file', async () => {
    const result = await world.engine.inspect({ files: world.orders.files }, { asker: 1 });
    assert.ok(result.ok);
    assert.equal(result.format, 'csv');
    assert.deepEqual(result.columns, world.orders.schema);
  });
}
