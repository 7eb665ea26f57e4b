// Inputs: formats, compressions, options found and set, and files that are broken, missing or change.
import assert from 'node:assert/strict';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  complete,
  failed,
  makeBench,
  makeFile,
  makeOrders,
  makePlan,
  makeQuery,
  type Bench,
} from '../../../test/engine-fixture.ts';
import { until } from '../../../test/wait.ts';
import type { Dataset } from '../dataset.ts';
import type { InspectRequest, PreviewResult } from '../engine.ts';
import { createDuckDbEngine, type DuckDbEngine } from './duckdb-engine.ts';

void describe('inputs', () => {
  let bench: Bench;
  let engine: DuckDbEngine;

  before(async () => {
    bench = await makeBench();
    engine = createDuckDbEngine({ walls: bench.walls, scratchFolder: `${bench.folder}/scratch` });
  });
  after(async () => {
    await engine.close();
    await bench.remove();
  });

  /** Writes, inspects and reads a file whole. */
  async function read(name: string, content: string | Uint8Array, over: Partial<InspectRequest> = {}) {
    const uri = await bench.file(name, content);
    const found = await engine.inspect({ files: [{ uri, name }], ...over }, { asker: 1 });
    assert.ok(found.ok, JSON.stringify(found));
    const { columns: schema, format, compression, options } = found;
    const dataset: Dataset = { name: 'd', format, compression, options, schema, files: [{ uri, name }] };
    const seen: PreviewResult = await engine.preview(makeQuery('FROM d', dataset), { asker: 1, limit: 10 });
    return { found, dataset, rows: seen.ok ? seen.rows : seen };
  }

  const table = 'id,name\n1,ada\n2,bob\n';
  const rows = [
    ['1', 'ada'],
    ['2', 'bob'],
  ];

  void it('reads every format and compression as it finds them', async () => {
    const list = '[{"id": 1, "name": "ada"}, {"id": 2, "name": "bob"}]';
    const lines = '{"id": 1, "name": "ada"}\n{"id": 2, "name": "bob"}\n';
    const texts: [string, string, string][] = [
      ['a.csv', table, 'csv'],
      ['b.tsv', table.replaceAll(',', '\t'), 'tsv'],
      ['c.csv', table.replaceAll(',', '\t'), 'tsv'],
      ['d.json', list, 'json'],
      ['e.json', lines, 'ndjson'],
      ['f.data', lines, 'ndjson'],
    ];
    for (const [name, text, format] of texts)
      for (const [ending, pack] of packers) {
        const result = await read(`${name}${ending}`, pack(text));
        assert.equal(result.found.format, format, name + ending);
        assert.deepEqual(result.rows, rows, name + ending);
      }
  });

  void it('reads columns that are called as what every object of JavaScript has', async () => {
    const text = 'constructor,b,toString,__proto__\n1,2,3,4\n';
    const { found, rows: seen } = await read('odd.csv', text, { options: { columnTypes: { b: 'VARCHAR' } } });
    assert.deepEqual(
      found.columns.map(({ type }) => type),
      ['BIGINT', 'VARCHAR', 'BIGINT', 'BIGINT'],
    );
    assert.deepEqual(seen, [['1', '2', '3', '4']]);
  });

  void it('reads a line end of another kind within quotes as a part of the value', async () => {
    for (const [end, within] of [
      ['\n', '\r'],
      ['\r\n', '\r'],
      ['\r\n', '\n'],
    ] as const) {
      const lines = ['id,note', `1,"a${within}b"`, '2,c', ''];
      const { rows: seen } = await read('ends.csv', lines.join(end));
      const wanted = [
        ['1', `a${within}b`],
        ['2', 'c'],
      ];
      assert.deepEqual(seen, wanted, JSON.stringify([end, within]));
    }
  });

  const packers: [string, (text: string) => Uint8Array][] = [
    ['', (text) => Buffer.from(text)],
    ['.gz', (text) => gzipSync(text)],
    ['.zst', (text) => zstdCompressSync(text)],
  ];

  void it('takes no more memory for the longest line than the file needs', async () => {
    const lines = '{"id": 1, "name": "ada"}\n{"id": 2, "name": "bob"}\n';
    const options = { maxLineBytes: 256 * 2 ** 20 };
    for (const [name, content] of [
      ['long.csv', table],
      ['long.csv.gz', gzipSync(table)],
      ['copied.csv', Buffer.from(table, 'utf16le')],
      ['long.ndjson', lines],
    ] as const) {
      const { dataset } = await read(name, content, { options });
      const limits = { memoryBytes: 200 * 2 ** 20 };
      const plan = makePlan(bench, 'FROM d', [dataset], { limits, folder: `${bench.folder}/run-${name}` });
      assert.equal(complete(await engine.write(plan)).rows, 2, name);
    }
  });

  void it('reads Parquet that a job wrote', async () => {
    const sql = "SELECT 1::BIGINT AS id, 'ada' AS name, DATE '2020-01-02' AS d, [1, 2] AS l";
    const file = makeFile({ format: 'pqt', compression: 'zstd', fileName: 'x.parquet' });
    const plan = makePlan(bench, sql, [], { files: [file], folder: `${bench.folder}/pqt` });
    complete(await engine.write(plan));
    const uri = `${plan.folder}/x.parquet`;
    const found = await engine.inspect({ files: [{ uri, name: 'x.parquet' }] }, { asker: 1 });
    assert.ok(found.ok && found.format === 'parquet' && found.compression === 'none');
    const { columns: schema, format, compression, options } = found;
    const dataset: Dataset = { name: 'p', format, compression, options, schema, files: [{ uri, name: 'x' }] };
    const seen = await engine.preview(makeQuery('FROM p', dataset), { asker: 1, limit: 1 });
    assert.deepEqual(seen.ok && seen.rows, [['1', 'ada', '2020-01-02', [1, 2]]]);
  });

  void it('finds line ends, byte order marks, dates, and quotes that come late', async () => {
    assert.deepEqual((await read('crlf.csv', 'id,name\r\n1,ada\r\n2,"b\r\nc"\r\n')).rows, [
      ['1', 'ada'],
      ['2', 'b\r\nc'],
    ]);
    assert.deepEqual((await read('bom.csv', `\uFEFF${table}`)).rows, rows);
    const dates = await read('dates.csv', 'd;n\n31.12.2020;1\n01.02.2021;2\n');
    assert.deepEqual(dates.rows, [
      ['2020-12-31', '1'],
      ['2021-02-01', '2'],
    ]);
    const late = `id,name\n${'1,a\n'.repeat(200_000)}2,"x,y"\n`;
    const { dataset } = await read('late.csv', late);
    const last = await engine.preview(makeQuery('FROM d WHERE id = 2', dataset), { asker: 1, limit: 1 });
    assert.deepEqual(last.ok && last.rows, [['2', 'x,y']]);
  });

  void it('finds UTF-16 by its mark', async () => {
    const { found, rows: read16 } = await read('wide.csv', Buffer.from(`\uFEFF${table}`, 'utf16le'));
    assert.equal(found.options.encoding, 'utf-16le');
    assert.deepEqual(read16, rows);
  });

  void it('takes what the caller sets', async () => {
    const set = await read('set.csv', 'id|n\n001|1,5\nNA|2,5\n', {
      options: {
        delimiter: '|',
        decimalSeparator: ',',
        nullValues: ['NA'],
        columnTypes: { id: 'VARCHAR', n: 'DOUBLE' },
      },
    });
    assert.deepEqual(set.rows, [
      ['001', 1.5],
      [null, 2.5],
    ]);
    const bare = await read('bare.csv', table, { options: { header: false } });
    assert.equal(bare.found.columns.length, 2);
    assert.deepEqual(Array.isArray(bare.rows) && bare.rows[0], ['id', 'name']);
    const latin = await read('latin.csv', Buffer.from('name\nJosé\n', 'latin1'), {
      options: { encoding: 'latin-1', header: true, delimiter: ',' },
    });
    assert.deepEqual(latin.rows, [['José']]);
  });

  void it('says what is wrong with options and files', async () => {
    const uri = await bench.file('t.csv', table);
    const cases: [Partial<InspectRequest>, RegExp][] = [
      [{ options: { columnTypes: { id: 'NUMBERISH' } } }, /NUMBERISH/],
      [{ options: { columnTypes: { id: 'INTEGER); DROP' } } }, /DROP/],
      [{ options: { columnTypes: { nope: 'INTEGER' } } }, /no column "nope"/],
      [{ format: 'parquet' }, /t\.csv/],
      [{ compression: 'gzip' }, /t\.csv/],
      [{ files: [{ uri: `${uri}.gone`, name: 'gone.csv' }] }, /gone\.csv/],
      [{ files: [{ uri: await bench.file('empty.csv', ''), name: 'empty.csv' }] }, /empty/],
      [
        { files: [{ uri: await bench.file('cut.gz', gzipSync(table).subarray(0, 12)), name: 'cut.gz' }] },
        /cut\.gz/,
      ],
      [
        { files: [{ uri: await bench.file('no.parquet', 'PAR1 no PAR1'), name: 'no.parquet' }] },
        /no\.parquet/,
      ],
    ];
    for (const [over, pattern] of cases) {
      const found = await engine.inspect({ files: [{ uri, name: 't.csv' }], ...over }, { asker: 1 });
      assert.ok(!found.ok, JSON.stringify(over));
      assert.match(found.failure.message, pattern);
      assert.doesNotMatch(found.failure.message + found.failure.hint, /in\/0-0|SET |sample_size/);
    }
  });

  void it('takes a name with pattern signs for what it is', async () => {
    await bench.file('b1x.csv', 'a\n666\n');
    assert.deepEqual((await read('b[1]*.csv', 'a\n1\n')).rows, [['1']]);
  });

  void it('names the place in a broken file', async () => {
    const cases: [string[], number, RegExp][] = [
      [['1,ada,1', '2,bob'], 3, /2 values where 3/],
      [['1,ada,1', '2,"bob,2'], 3, /never ends/],
      [['1,ada,1', '2,bob,2', 'x,eve,3'], 4, /"x" in column "id"/],
    ];
    for (const [lines, line, pattern] of cases) {
      const plan = makePlan(bench, 'FROM orders', [await makeOrders(bench, lines)]);
      const failure = failed(await engine.write(plan));
      assert.ok(failure.reason === 'bad_value', JSON.stringify(failure));
      assert.equal(failure.bad.line, line);
      assert.match(failure.message, pattern);
      assert.match(failure.message, /orders\.csv/);
    }
  });

  void it('names line and value in broken JSON', async () => {
    const { dataset } = await read('n.json', '{"id": 1}\n{"id": 2}\n');
    await bench.file('n.json', '{"id": 1}\n{"id": "many"}\n');
    const failure = failed(await engine.write(makePlan(bench, 'FROM d', [dataset])));
    assert.ok(failure.reason === 'bad_value' && failure.bad.line === 2, JSON.stringify(failure));
    assert.match(failure.message, /many/);
  });

  void it('reads several files as one set of rows', async () => {
    const first = await makeOrders(bench);
    const more = await bench.file('more.csv', 'id,customer,amount\n4,eve,1\n');
    const both = { ...first, files: [...first.files, { uri: `file://${more}`, name: 'more.csv' }] };
    const seen = await engine.preview(makeQuery('SELECT count(*) AS n FROM orders', both), {
      asker: 1,
      limit: 1,
    });
    assert.deepEqual(seen.ok && seen.rows, [['4']]);
  });

  void it('says that a file is missing, or changed under the job', async () => {
    const orders = await makeOrders(bench, ['1,ada,1']);
    const uri = orders.files[0]?.uri ?? '';
    const plan = makePlan(bench, 'SELECT o.*, r.range FROM orders o, range(3000000) r', [orders]);
    let told = 0;
    const running = engine.write(plan, { onProgress: () => (told += 1) });
    await until(() => told > 0);
    await appendFile(uri, '2,bob,2\n');
    assert.equal(failed(await running).reason, 'input_changed');
    await rm(uri);
    const failure = failed(await engine.write(plan));
    assert.ok(failure.reason === 'input_missing' && failure.file === 'orders.csv');
    await writeFile(uri, '');
  });

  void it('does not take a packed file that was cut off for a short one', async () => {
    const text = `id,name\n${Array.from({ length: 200_000 }, (_, n) => `${n},${Math.sin(n)}\n`).join('')}`;
    for (const [ending, pack] of packers.slice(1)) {
      const whole = pack(text);
      const { dataset } = await read(`cut.csv${ending}`, whole);
      complete(await engine.write(makePlan(bench, 'FROM d', [dataset])));
      await bench.file(`cut.csv${ending}`, whole.subarray(0, whole.length / 2));
      const failure = failed(await engine.write(makePlan(bench, 'SELECT count(*) AS n FROM d', [dataset])));
      assert.ok(failure.reason === 'input_unreadable' || failure.reason === 'bad_value', failure.message);
      const found = await engine.inspect({ files: dataset.files }, { asker: 1 });
      assert.ok(!found.ok && /cut off/.test(found.failure.message));
    }
  });

  void it('leaves alone what the recipe does not read', async () => {
    const gone = {
      ...(await makeOrders(bench)),
      name: 'gone',
      files: [{ uri: '/nowhere/x.csv', name: 'x.csv' }],
    };
    complete(await engine.write(makePlan(bench, 'SELECT 1 AS a', [gone])));
  });
});
