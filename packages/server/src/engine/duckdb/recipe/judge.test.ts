// The judge on DuckDB's own syntax trees: which names a statement reads, with CTEs in their scopes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { judgeTree } from './judge.ts';
import { openSession, type Session } from '../task/session.ts';

void describe('the judge', () => {
  let session: Session;
  before(async () => {
    session = await openSession({ memoryBytes: 2 ** 28, threads: 1, tempBytes: 0, readPaths: [] });
  });
  after(() => session.close());

  async function judge(sql: string) {
    const reader = await session.connection.runAndReadAll('SELECT json_serialize_sql(CAST($1 AS VARCHAR))', [
      sql,
    ]);
    const tree = JSON.parse(String(reader.getRows()[0]?.[0])) as { statements: unknown[] };
    return judgeTree(tree.statements[0]);
  }
  const names = async (sql: string) => (await judge(sql)).uses.map(({ name }) => name);

  void it('finds names wherever a table may stand', async () => {
    const cases: [string, string[]][] = [
      ['SELECT 1', []],
      ['FROM a', ['a']],
      ['TABLE a', ['a']],
      ['SELECT * FROM "My file.csv" x, b JOIN c USING (id)', ['My file.csv', 'b', 'c']],
      [
        'SELECT (SELECT max(n) FROM a) FROM b WHERE EXISTS (FROM c) AND x IN (SELECT y FROM d)',
        ['a', 'b', 'c', 'd'],
      ],
      ['SELECT * FROM a UNION ALL (SELECT * FROM b EXCEPT SELECT * FROM c)', ['a', 'b', 'c']],
      ["PIVOT a ON kind IN ('x') USING sum(n)", ['a']],
      ['UNPIVOT a ON x, y INTO NAME n VALUE v', ['a']],
      ['SELECT * FROM a POSITIONAL JOIN b ASOF JOIN c ON a.t >= c.t', ['a', 'b', 'c']],
      ['SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.id = a.id)', ['a', 'b']],
      [
        'SELECT sum(n) OVER (ORDER BY (SELECT max(x) FROM w)) FROM a QUALIFY (SELECT true FROM q)',
        ['a', 'q', 'w'],
      ],
      ['VALUES ((SELECT n FROM a))', ['a']],
      ['SELECT * FROM a TABLESAMPLE 10%', ['a']],
    ];
    for (const [sql, expected] of cases)
      assert.deepEqual((await names(sql)).toSorted(), expected.toSorted(), sql);
  });

  void it('keeps CTEs in their scopes', async () => {
    const cases: [string, string[]][] = [
      ['WITH x AS (FROM a) FROM x', ['a']],
      ['WITH x AS (FROM a), y AS (FROM x) FROM Y JOIN b USING (id)', ['a', 'b']],
      ['WITH x AS (FROM y), y AS (FROM a) FROM x', ['y', 'a']],
      ['WITH a AS (FROM a) FROM a', ['a']],
      ['SELECT * FROM (WITH x AS (FROM a) FROM x) u, x', ['a', 'x']],
      ['WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) FROM r', []],
      ['WITH x AS (FROM a) SELECT (SELECT max(n) FROM x) FROM b', ['a', 'b']],
    ];
    for (const [sql, expected] of cases)
      assert.deepEqual((await names(sql)).toSorted(), expected.toSorted(), sql);
  });

  void it('says where a refused function stands', async () => {
    const { offences } = await judge("SELECT 1, current_setting('threads')");
    assert.equal(offences[0]?.at, 10);
    assert.match(offences[0]?.message ?? '', /current_setting/);
  });

  void it('lets table functions pass that compute alone', async () => {
    for (const call of [
      'range(3)',
      'generate_series(1, 3)',
      'unnest([1])',
      "json_each('{}')",
      'repeat(1, 2)',
    ])
      assert.deepEqual((await judge(`FROM ${call}`)).offences, [], call);
  });
});
