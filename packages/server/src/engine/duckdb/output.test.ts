// Outputs: formats and compressions, parts, order, the same rows in every file, profiles, and several recipes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  complete,
  failed,
  makeBench,
  makeFile,
  makeOrders,
  makePlan,
  makeQuery,
  makeRecipe,
  type Bench,
  type PlanOver,
} from '../../../test/engine-fixture.ts';
import type { FilePlan } from '../engine.ts';
import { createDuckDbEngine, type DuckDbEngine } from './duckdb-engine.ts';

void describe('outputs', () => {
  let bench: Bench;
  let engine: DuckDbEngine;
  let count = 0;

  before(async () => {
    bench = await makeBench();
    engine = createDuckDbEngine({ walls: bench.walls, scratchFolder: `${bench.folder}/scratch` });
  });
  after(async () => {
    await engine.close();
    await bench.remove();
  });

  async function write(sql: string, over: PlanOver = {}) {
    const folder = `${bench.folder}/out-${(count += 1)}`;
    const result = complete(await engine.write(makePlan(bench, sql, [], { folder, ...over })));
    const text = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');
    return { result, folder, text, bytes: (name: string) => readFileSync(`${folder}/${name}`) };
  }

  const rows = "SELECT * FROM (VALUES (1, 'a,b'), (2, 'c')) t(id, name)";

  void it('writes CSV as asked', async () => {
    const file = makeFile({ delimiter: ';', header: false, quotes: true });
    assert.equal((await write(rows, { files: [file] })).text('out.csv'), '1;"a,b"\n2;"c"\n');
    assert.equal((await write(rows)).text('out.csv'), 'id,name\n1,"a,b"\n2,c\n');
  });

  void it('writes one JSON object a line', async () => {
    const file = makeFile({ format: 'json', fileName: 'o.json' });
    assert.equal(
      (await write(rows, { files: [file] })).text('o.json'),
      '{"id":1,"name":"a,b"}\n{"id":2,"name":"c"}\n',
    );
  });

  void it('writes NaN and infinities to JSON as null, at any depth, and says how many', async () => {
    const sql = `SELECT * FROM (VALUES
      (1.5::DOUBLE, ['nan'::DOUBLE, 1], {x: 'inf'::FLOAT}, MAP {'k': '-inf'::DOUBLE}, 1),
      ('-inf', NULL, NULL, NULL, 2), (NULL, [NULL], {x: NULL}, MAP {'k': NULL}, NULL), ('nan', [], {x: 2}, MAP {}, 3)) t(a, b, c, d, e)`;
    const twice = [makeFile({ format: 'json' }), makeFile({ id: 'f2', format: 'json', fileName: 'o.json' })];
    for (const files of [twice.slice(0, 1), twice, [makeFile({ ...twice[0], singleFile: false })]]) {
      const { result, text } = await write(sql, { files });
      assert.deepEqual(
        text(result.files[0]!.path)
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
        [
          { a: 1.5, b: [null, 1], c: { x: null }, d: { k: null }, e: 1 },
          { a: null, b: null, c: null, d: null, e: 2 },
          { a: null, b: [null], c: { x: null }, d: { k: null }, e: null },
          { a: null, b: [], c: { x: 2 }, d: {}, e: 3 },
        ],
      );
      const told = 'JSON has no NaN and no infinity.';
      assert.deepEqual(result.warnings, [
        `2 values of column "a" were written as null: ${told}`,
        ...['b', 'c', 'd'].map((name) => `A value of column "${name}" was written as null: ${told}`),
      ]);
    }
    const { result, text } = await write(sql);
    assert.match(text('out.csv'), /^1\.5,"\[null,1\.0\]"/mu);
    assert.match(text('out.csv'), /^nan,/mu);
    assert.deepEqual(
      result.warnings.map((each) => /column "(\w)"/u.exec(each)?.[1]),
      ['b', 'c', 'd'],
    );
    assert.deepEqual(
      (await write('SELECT 1.5::DOUBLE AS a, NULL::DOUBLE AS b', { files: twice })).result.warnings,
      [],
    );
  });

  void it('writes missing and empty texts so that they come back as they were, whatever stands for missing', async () => {
    const values = `(1, NULL, NULL), (NULL, '', 'NULL'), (2, '\\N', 'a,"b'), (3, 'x', '')`;
    const forms = [
      {},
      { nullText: 'NULL' },
      { nullText: '\\N', quotes: true },
      { nullText: '-', delimiter: ';', header: false },
    ];
    for (const form of forms) {
      const file = makeFile(form);
      const { folder, text } = await write(`SELECT * FROM (VALUES ${values}) t(n, a, b)`, { files: [file] });
      const files = [{ uri: `${folder}/out.csv`, name: 'o' }];
      const { header, nullText } = file;
      const options = { header, ...(nullText !== undefined && { nullText }) };
      // The second is read by a copy.
      for (const given of [options, { ...options, comment: '#' }]) {
        const found = await engine.inspect({ files, options: given }, { asker: 1 });
        assert.ok(found.ok, JSON.stringify(found));
        const { columns: schema, format, compression, options: own } = found;
        const dataset = { name: 'd', format, compression, options: own, schema, files };
        const seen = await engine.preview(makeQuery('FROM d', dataset), { asker: 1, limit: 10 });
        const rows = [
          ['1', null, null],
          [null, '', 'NULL'],
          ['2', '\\N', 'a,"b'],
          ['3', 'x', ''],
        ];
        assert.deepEqual(seen.ok ? seen.rows : seen, rows, text('out.csv'));
        if (given !== options) continue;
        const back = `${folder}-back`;
        complete(await engine.write(makePlan(bench, 'FROM d', [dataset], { folder: back, files: [file] })));
        const names = schema.map(({ name }) => name).join();
        assert.equal(readFileSync(`${back}/out.csv`, 'utf8'), text('out.csv').replace(/^n,a,b/u, names));
      }
    }
  });

  void it('packs text with gzip and zstd', async () => {
    const gzip = await write(rows, { files: [makeFile({ compression: 'gzip' })] });
    assert.equal(gunzipSync(gzip.bytes('out.csv')).toString(), 'id,name\n1,"a,b"\n2,c\n');
    const zstd = await write(rows, { files: [makeFile({ compression: 'zstd' })] });
    assert.equal(zstdDecompressSync(zstd.bytes('out.csv')).toString(), 'id,name\n1,"a,b"\n2,c\n');
  });

  void it('writes Parquet in every compression, with sums as integers, and as decimals where they are wider', async () => {
    for (const compression of ['none', 'gzip', 'snappy', 'zstd'] as const) {
      const file = makeFile({ format: 'pqt', compression, fileName: 'o.parquet' });
      const { folder } = await write(
        'SELECT sum(range) AS s, 9223372036854775807::HUGEINT + 1 AS w FROM range(9007199254740993, 9007199254740994)',
        { files: [file] },
      );
      const uri = `${folder}/o.parquet`;
      const found = await engine.inspect({ files: [{ uri, name: 'o' }] }, { asker: 1 });
      assert.deepEqual(found.ok && found.columns, [
        { name: 's', type: 'BIGINT' },
        { name: 'w', type: 'DECIMAL(38,0)' },
      ]);
    }
  });

  void it('refuses what does not go together, saying what does', async () => {
    const cases: [Partial<FilePlan>[], RegExp, RegExp][] = [
      [[{ compression: 'snappy' }], /csv can't be compressed with snappy/, /none, gzip, zstd/],
      [[{ format: 'json', compression: 'snappy' }], /json/, /gzip/],
      [[{ fileName: '../x' }], /plain file name/, /folders/],
      [[{ fileName: '.work' }], /plain file name/, /dot/],
      [[{ delimiter: '' }], /delimiter/, /one character/],
      [[{ delimiter: '"' }], /delimiter/, /quote/],
      [[{}, { id: 'f2' }], /two outputs/, /path/],
    ];
    for (const [files, message, hint] of cases) {
      const plan = makePlan(bench, rows, [], { files: files.map((file) => makeFile(file)) });
      const failure = failed(await engine.write(plan));
      assert.ok(failure.reason === 'output_refused');
      assert.match(failure.message, message);
      assert.match(failure.hint ?? '', hint);
    }
  });

  void it('keeps the order of ORDER BY, in one file and across parts', async () => {
    const sql = 'SELECT range AS n FROM range(2100000) ORDER BY n DESC';
    const files = [makeFile(), makeFile({ id: 'f2', singleFile: false, fileName: 'parts' })];
    const { result, text } = await write(sql, { files });
    const paths = result.files.map(({ path }) => path);
    const parts = ['parts/part-00000.csv', 'parts/part-00001.csv', 'parts/part-00002.csv'];
    assert.deepEqual(paths, ['out.csv', ...parts]);
    assert.deepEqual(
      result.files.map((file) => file.rows),
      [2_100_000, 1_000_000, 1_000_000, 100_000],
    );
    const whole = text('out.csv').split('\n');
    assert.equal(whole[1], '2099999');
    const joined = parts.flatMap((path) => text(path).trimEnd().split('\n').slice(1));
    assert.deepEqual(joined, whole.slice(1, -1));
    assert.ok(whole.slice(1, -1).every((line, index) => Number(line) === 2_099_999 - index));
    const straight = await write(sql);
    assert.equal(straight.text('out.csv'), text('out.csv'));
  });

  void it('writes the same rows into every file and the profile, whatever is random in the recipe', async () => {
    const sql = 'SELECT CAST(random() * 1000000000 AS BIGINT) AS n FROM range(1000)';
    const files = [makeFile(), makeFile({ id: 'f2', format: 'json', fileName: 'o.json' })];
    const { result, text } = await write(sql, { files, profile: true });
    const csv = text('out.csv').trimEnd().split('\n').slice(1).map(Number);
    const json = text('o.json')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { n: number }).n);
    assert.deepEqual(csv, json);
    assert.equal(result.profile?.columns[0]?.max, String(Math.max(...csv)));
  });

  void it('makes a recipe once that two others read', async () => {
    const recipes = [
      makeRecipe('dice', 'SELECT range AS id, random() AS r FROM range(100)'),
      makeRecipe('low', 'SELECT id, r FROM dice'),
      makeRecipe('out', 'SELECT count(*) AS n FROM dice d JOIN low l ON d.id = l.id AND d.r = l.r'),
    ];
    assert.match((await write('', { recipes })).text('out.csv'), /^n\n100\n$/);
  });

  void it('stands a tower of recipes that each read the one below twice', async () => {
    const tower = Array.from({ length: 30 }, (_, n) =>
      makeRecipe(`r${n + 1}`, `SELECT a.n + 1 AS n FROM r${n} a JOIN r${n} b ON a.n = b.n`),
    );
    const recipes = [makeRecipe('r0', 'SELECT 1 AS n'), ...tower, makeRecipe('out', 'FROM r30')];
    assert.match((await write('', { recipes })).text('out.csv'), /^n\n31\n$/);
    const query = { datasets: [], recipes, target: 'out' };
    assert.ok((await engine.check(query, { asker: 1 })).ok);
    const seen = await engine.preview(query, { asker: 1, limit: 1 });
    assert.deepEqual(seen.ok && seen.rows, [[31]]);
  });

  void it('writes no rows as a file that says so', async () => {
    const files = [
      makeFile(),
      makeFile({ id: 'f2', format: 'json', fileName: 'o.json' }),
      makeFile({ id: 'f3', singleFile: false, fileName: 'parts' }),
    ];
    const { result, text } = await write('SELECT 1 AS a WHERE false', { files, profile: true });
    assert.equal(text('out.csv'), 'a\n');
    assert.equal(text('o.json').trim(), '');
    assert.equal(text('parts/part-00000.csv'), 'a\n');
    const [column] = result.profile?.columns ?? [];
    assert.deepEqual([result.rows, column?.distinct, column?.min, column?.top], [0, 0, null, []]);
  });

  void it('runs an output without files for its profile alone', async () => {
    const { result, folder } = await write(rows, { files: [], profile: true });
    assert.equal(result.profile?.rows, 2);
    assert.deepEqual(await readdir(folder), []);
  });

  void it('says in which recipe and where a value went wrong while rows flowed', async () => {
    const recipes = [
      makeRecipe('words', "SELECT unnest(['1', '2', 'zwei']) AS w"),
      makeRecipe('numbers', 'SELECT\n  CAST(w AS INTEGER) AS n\nFROM words'),
      makeRecipe('out', 'SELECT n * 2 AS m FROM numbers -- the end'),
    ];
    const failure = failed(await engine.write(makePlan(bench, '', [], { recipes })));
    assert.ok(failure.reason === 'sql_error');
    const { recipe, line, column, message } = failure.sql;
    assert.deepEqual({ recipe, line, column }, { recipe: 'numbers', line: 2, column: 3 });
    assert.match(message, /zwei/);
  });

  void it('says which text does not follow which format, and where the format stands', async () => {
    const recipes = [
      makeRecipe('words', "SELECT unnest(['2024-01-31', '31.1.24']) AS w"),
      makeRecipe('out', "SELECT\n  strptime(w, '%Y-%m-%d') AS day\nFROM words"),
    ];
    const failure = failed(await engine.write(makePlan(bench, '', [], { recipes })));
    assert.ok(failure.reason === 'sql_error');
    assert.deepEqual([failure.sql.recipe, failure.sql.line, failure.sql.column], ['out', 2, 15]);
    assert.match(
      failure.message,
      /The text "31\.1\.24" does not follow the format "%Y-%m-%d": literal does not match, expected -\.$/u,
    );
    assert.match(failure.hint ?? '', /TRY_STRPTIME/u);
  });

  void it('lets a recipe carry the name of the dataset that it reads', async () => {
    const orders = await makeOrders(bench);
    const recipes = [makeRecipe('orders', 'SELECT count(*) AS n FROM orders')];
    const { text } = await write('', { datasets: [orders], recipes, output: 'orders' });
    assert.equal(text('out.csv'), 'n\n3\n');
  });

  void it('passes its input on where it has no SQL', async () => {
    const orders = { ...(await makeOrders(bench)), name: 'My "file".csv' };
    const recipes = [makeRecipe('out', null, 'My "file".csv')];
    const { result } = await write('', { datasets: [orders], recipes });
    assert.deepEqual(result.columns, orders.schema);
  });

  void it('profiles every kind of type', async () => {
    const sql = `SELECT range AS big, range::DOUBLE / 3 AS real, (range % 3)::DECIMAL(9, 2) AS money, 'w' || range % 5 AS word,
      DATE '2020-01-01' + range::INT AS day, TIMESTAMP '2020-01-01' + to_minutes(range) AS moment, range % 2 = 0 AS even,
      [range] AS list, {a: range} AS struct, NULL AS nothing, TIME '10:00' AS clock, range::HUGEINT AS huge,
      'x'::BLOB AS bytes, INTERVAL 1 DAY AS span, uuid() AS id, CASE WHEN range < 10 THEN '' END AS empty
      FROM range(1000)`;
    const { result } = await write(sql, { profile: true, files: [] });
    const of = (name: string) => result.profile?.columns.find((column) => column.name === name);
    assert.deepEqual(of('big')?.quantiles?.q50, '499');
    assert.deepEqual(of('big')?.mean, 499.5);
    assert.deepEqual([of('day')?.min, of('day')?.max], ['2020-01-01', '2022-09-26']);
    assert.deepEqual(of('word')?.top[0], { value: 'w0', count: 200 });
    assert.deepEqual([of('nothing')?.missing, of('nothing')?.distinct], [1000, 0]);
    assert.deepEqual([of('empty')?.missing, of('empty')?.empty], [990, 10]);
    assert.ok(result.profile?.columns.every((column) => column.missing + column.distinct > 0));
  });
});
