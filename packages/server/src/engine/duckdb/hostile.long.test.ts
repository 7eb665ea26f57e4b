// SQL that means harm: each statement is refused or ended by a limit, in bounded time, and nothing outside is touched.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  failed,
  makeBench,
  makeOrders,
  makePlan,
  makeQuery,
  type Bench,
} from '../../../test/engine-fixture.ts';
import type { Dataset } from '../dataset.ts';
import type { Limits } from '../engine.ts';
import type { Reason } from '../failure.ts';
import { createDuckDbEngine, type DuckDbEngine } from './duckdb-engine.ts';

/** What must already be refused when the recipe is saved. */
const refused: readonly string[] = [
  // files
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_csv_auto('/etc/passwd')",
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_blob('/etc/passwd')",
  "SELECT * FROM read_json('/etc/passwd')",
  "SELECT * FROM read_json_objects('/etc/passwd')",
  "SELECT * FROM read_ndjson('/etc/passwd')",
  "SELECT * FROM read_parquet('/etc/passwd')",
  "SELECT * FROM parquet_scan('/etc/passwd')",
  "SELECT * FROM parquet_metadata('/etc/passwd')",
  "SELECT * FROM parquet_kv_metadata('/etc/passwd')",
  "SELECT * FROM sniff_csv('/etc/passwd')",
  "SELECT * FROM glob('/etc/*')",
  "SELECT * FROM read_duckdb('x.db')",
  "SELECT * FROM 'orders.csv'",
  "SELECT * FROM '/etc/passwd'",
  'SELECT * FROM "/etc/passwd"',
  "SELECT * FROM 'in/0-0'",
  "SELECT * FROM 'https://example.com/x.parquet'",
  "SELECT * FROM 's3://bucket/x.parquet'",
  "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
  "SELECT (SELECT content FROM read_text('/etc/passwd'))",
  "SELECT * FROM orders WHERE customer IN (SELECT content FROM read_text('/etc/passwd'))",
  "SELECT * FROM orders, LATERAL (SELECT * FROM read_text('/etc/passwd'))",
  "SELECT * FROM orders UNION ALL SELECT 1, content, 2 FROM read_text('/etc/passwd')",
  "SELECT 1 ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
  "SELECT count(*) FILTER (WHERE EXISTS (FROM '/etc/passwd')) FROM orders",
  "SELECT list_transform([1], lambda x: (SELECT content FROM read_text('/etc/passwd')))",
  "PIVOT (FROM read_text('/etc/passwd')) ON filename IN ('a') USING count(*)",
  "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r, read_text('/etc/passwd')) FROM r",
  'SELECT * FROM (WITH "/etc/passwd" AS (SELECT 1) SELECT 1) a, "/etc/passwd" b',
  "FROM query('SELECT 1')",
  "FROM query_table('/etc/passwd')",
  "FROM query_table(['orders'])",
  "FROM json_execute_serialized_sql('{}')",
  'FROM histogram(orders, amount)',
  // settings, logs, catalogue
  "SELECT getenv('HOME')",
  "SELECT current_setting('temp_directory')",
  "SELECT ('temp_directory').current_setting()",
  "SELECT main.current_setting('temp_directory')",
  'FROM duckdb_secrets()',
  'FROM duckdb_settings()',
  'FROM duckdb_settings',
  'FROM duckdb_databases()',
  'FROM duckdb_extensions()',
  'FROM duckdb_temporary_files()',
  'FROM duckdb_logs()',
  'FROM information_schema.tables',
  'FROM pg_catalog.pg_class',
  'FROM memory.main.orders',
  'FROM scratch.main.target',
  'FROM job.target',
  'FROM sqlite_master',
  'FROM pragma_database_size()',
  "FROM pragma_table_info('orders')",
  'FROM enable_logging()',
  'FROM enable_profiling()',
  'FROM force_checkpoint()',
  "SELECT write_log('x')",
  'SELECT sleep_ms(100000)',
  "SELECT nextval('x')",
  'SHOW TABLES',
  'DESCRIBE orders',
  'SUMMARIZE orders',
  'SELECT ?',
  'SELECT $1',
  // other statements
  "COPY orders TO '/tmp/x.csv'",
  "COPY (SELECT 1) TO 'out/out.csv'",
  "EXPORT DATABASE '/tmp/x'",
  "IMPORT DATABASE '/tmp/x'",
  "ATTACH '/tmp/x.db'",
  'DETACH scratch',
  'INSTALL httpfs',
  'LOAD httpfs',
  "LOAD '/tmp/x.so'",
  'PRAGMA database_list',
  "SET memory_limit = '100GB'",
  'RESET lock_configuration',
  'SET VARIABLE x = 1',
  'CREATE TABLE x (a INT)',
  'CREATE TABLE x AS SELECT 1',
  'CREATE VIEW x AS SELECT 1',
  'CREATE MACRO f(a) AS a',
  "CREATE SECRET (TYPE s3, KEY_ID 'x')",
  'DROP VIEW orders',
  'DELETE FROM orders',
  'UPDATE orders SET id = 1',
  'INSERT INTO orders VALUES (1, 2, 3)',
  'WITH x AS (INSERT INTO orders VALUES (1, 2, 3) RETURNING *) FROM x',
  'CALL range(3)',
  'EXPLAIN SELECT 1',
  'EXPLAIN ANALYZE SELECT 1',
  'VACUUM',
  'CHECKPOINT',
  'BEGIN',
  'PREPARE p AS SELECT 1',
  'EXECUTE p',
  'SELECT 1; SELECT 2',
  'SELECT 1; DROP VIEW orders',
  "SELECT 1) TO '/tmp/x.csv' (FORMAT csv); --",
  "SELECT 1; COPY (SELECT 1) TO '/tmp/x.csv'",
  '',
  ';',
  '-- nothing',
  'SELECT 1 \0',
  `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
  `SELECT ${'NOT '.repeat(20_000)}true`,
];

/** What looks harmless until it runs, with the limit that ends it. */
const costly: readonly { sql: string; reasons: readonly Reason[]; limits?: Partial<Limits> }[] = [
  { sql: 'SELECT * FROM range(1000000000000)', reasons: ['time_limit', 'disk_full'] },
  {
    sql: 'SELECT count(*) AS n FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 1',
    reasons: ['time_limit'],
  },
  {
    sql: 'SELECT a.range, b.range AS r FROM range(1000000) a, range(1000000) b ORDER BY hash(a.range, b.range)',
    reasons: ['temp_space_full', 'time_limit'],
  },
  { sql: "SELECT string_agg(repeat('x', 1000000)) AS s FROM range(100000)", reasons: ['out_of_memory'] },
  { sql: "SELECT repeat('x', 4000000000) AS s", reasons: ['out_of_memory', 'sql_error', 'time_limit'] },
  { sql: 'SELECT list(range) AS l FROM range(1000000000)', reasons: ['out_of_memory', 'time_limit'] },
  {
    sql: 'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) AS n FROM r',
    reasons: ['out_of_memory', 'time_limit'],
  },
  {
    sql: 'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, range(100)) SELECT count(*) AS n FROM r',
    reasons: ['out_of_memory', 'temp_space_full', 'time_limit'],
  },
  {
    sql: "SELECT regexp_full_match(repeat('a', 3000000), '((a{0,30}){0,30}){0,30}b') AS m FROM range(100000)",
    reasons: ['time_limit', 'sql_error'],
  },
  {
    sql: 'SELECT random() AS r, range AS n FROM range(1000000000) ORDER BY r',
    reasons: ['temp_space_full', 'time_limit'],
  },
];

void describe('hostile SQL', () => {
  let bench: Bench;
  let engine: DuckDbEngine;
  let orders: Dataset;

  before(async () => {
    bench = await makeBench();
    engine = createDuckDbEngine({ walls: bench.walls, scratchFolder: `${bench.folder}/scratch` });
    orders = await makeOrders(bench);
  });
  after(async () => {
    await engine.close();
    await bench.remove();
  });

  void it(`refuses ${refused.length} statements at the check, with a sentence each`, async () => {
    for (const sql of refused) {
      const result = await engine.check(makeQuery(sql, orders), { asker: 1 });
      assert.ok(!result.ok, `passed: ${sql.slice(0, 100)}`);
      assert.equal(result.failure.reason, 'sql_error', `${sql.slice(0, 100)}: ${result.failure.message}`);
      assert.ok(result.failure.message.length > 20);
    }
  });

  void it('refuses the same at preview and in a job, and writes nothing', async () => {
    for (const sql of refused.filter((_, index) => index % 12 === 0)) {
      const preview = await engine.preview(makeQuery(sql, orders), { asker: 1, limit: 5 });
      assert.ok(!preview.ok && preview.failure.reason === 'sql_error', sql.slice(0, 100));
      const failure = failed(await engine.write(makePlan(bench, sql, [orders])));
      assert.equal(failure.reason, 'sql_error', sql.slice(0, 100));
    }
    assert.deepEqual(await readdir(`${bench.folder}/attempt`), []);
  });

  for (const { sql, reasons } of costly)
    void it(`ends ${sql.slice(0, 60)} (${reasons.join(' or ')})`, async () => {
      const limits = { memoryBytes: 200 * 2 ** 20, tempBytes: 100 * 2 ** 20, timeMs: 4_000 };
      // None of them would end by itself: the reason names the limit that ended it.
      const failure = failed(await engine.write(makePlan(bench, sql, [orders], { limits })));
      assert.ok(reasons.includes(failure.reason), `${failure.reason}: ${failure.message}`);
      assert.deepEqual(await readdir(`${bench.folder}/attempt`), []);
    });

  void it('ends a preview that takes too long, and serves the next', async () => {
    const quick = createDuckDbEngine({
      walls: bench.walls,
      scratchFolder: `${bench.folder}/quick`,
      previewMs: 5_000,
      poolSize: 1,
    });
    const endless = costly[1]?.sql ?? '';
    const result = await quick.preview(makeQuery(endless), { asker: 1, limit: 1 });
    assert.ok(!result.ok && result.failure.reason === 'time_limit');
    assert.ok((await quick.preview(makeQuery('SELECT 1 AS a'), { asker: 1, limit: 1 })).ok);
    await quick.close();
  });

  void it('ends a preview that takes too much memory, and serves the next', async () => {
    const small = {
      walls: bench.walls,
      scratchFolder: `${bench.folder}/small`,
      poolSize: 1,
      poolMemoryBytes: 100 * 2 ** 20,
    };
    const tight = createDuckDbEngine(small);
    for (const sql of [
      "SELECT string_agg(repeat('x', 1000000)) AS s FROM range(100000)",
      "SELECT list(repeat('x', 1000)) AS l FROM range(100000000)",
    ]) {
      const result = await tight.preview(makeQuery(sql), { asker: 1, limit: 1 });
      assert.ok(!result.ok && result.failure.reason === 'out_of_memory', JSON.stringify(result));
      assert.ok((await tight.preview(makeQuery('SELECT 1 AS a'), { asker: 1, limit: 1 })).ok);
    }
    await tight.close();
  });

  void it('ends a check that computes large constants, and serves the next', async () => {
    for (const sql of [
      "SELECT length(repeat('x', 2000000000)) AS n",
      "SELECT * FROM range(length(repeat('x', 2000000000)))",
      "SELECT 1 AS a LIMIT length(repeat('x', 2000000000))",
    ]) {
      const result = await engine.check(makeQuery(sql), { asker: 1 });
      // A fast machine may be through with it.
      assert.ok(
        result.ok || ['time_limit', 'out_of_memory'].includes(result.failure.reason),
        JSON.stringify(result),
      );
      assert.ok((await engine.check(makeQuery('SELECT 1 AS a'), { asker: 2 })).ok);
    }
  });

  void it('does not mind a check that would compute for ever if it were run', async () => {
    const result = await engine.check(
      makeQuery('SELECT count(*) AS n FROM range(1000000000000) WHERE hash(range) = 1'),
      { asker: 1 },
    );
    assert.ok(result.ok);
  });
});
