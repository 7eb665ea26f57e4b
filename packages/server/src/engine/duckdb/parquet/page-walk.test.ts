// Parquet files that contradict themselves are refused before the engine opens them; what writers really write passes.
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { failed, makeBench, makePlan, makeQuery, type Bench } from '../../../../test/engine-fixture.ts';
import { makeParquet, type PageSaid } from '../../../../test/parquet-file.ts';
import type { Dataset } from '../../dataset.ts';
import { createDuckDbEngine, type DuckDbEngine } from '../duckdb-engine.ts';
import { findPageDamage } from './page-walk.ts';

const codecs = ['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli'];
const rows = `
  SELECT range::BIGINT AS id, 'n' || (range % 10) AS name, repeat('z', 500) || range AS wide,
    CASE WHEN range % 3 = 0 THEN NULL ELSE range * 1.5 END AS x,
    CASE WHEN range % 2 = 0 THEN [range, NULL] ELSE [] END AS l, {'a': range, 'b': ['x', 'y']} AS s,
    MAP {'k': [range]} AS m FROM range(10000)`;

void describe('the pages of a Parquet file', () => {
  let bench: Bench;
  let engine: DuckDbEngine;
  const written: string[] = [];

  before(async () => {
    bench = await makeBench();
    engine = createDuckDbEngine({ walls: bench.walls, scratchFolder: `${bench.folder}/scratch` });
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const version of ['V1', 'V2'])
      for (const codec of codecs) {
        const path = `${bench.folder}/${version}-${codec}.parquet`;
        await connection.run(
          `COPY (${rows}) TO '${path}' (FORMAT parquet, PARQUET_VERSION '${version}', CODEC '${codec}', ROW_GROUP_SIZE 4096)`,
        );
        written.push(path);
      }
    connection.closeSync();
  });
  after(async () => {
    await engine.close();
    await bench.remove();
  });

  void it('fit in what the engine itself writes, in both versions and every compression', async () => {
    for (const path of written) assert.equal(await findPageDamage(path), null, path);
  });

  void it('fit in a file of another writer', async () => {
    const path = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')));
    assert.equal(await findPageDamage(path), null);
  });

  void it('fit in a file made by hand, and it is read', async () => {
    for (const type of [0, 3]) {
      const { inspected, dataset } = await inspect(`fits-${type}.parquet`, { type });
      assert.ok(inspected.ok, JSON.stringify(inspected));
      const seen = await engine.preview(makeQuery('FROM d', dataset), { asker: 1, limit: 10 });
      assert.deepEqual(seen.ok && seen.rows, [['1'], ['2']]);
    }
  });

  async function inspect(name: string, said: PageSaid) {
    const file = { uri: await bench.file(name, makeParquet(said)), name };
    const dataset: Dataset = {
      name: 'd',
      format: 'parquet',
      compression: 'none',
      options: {},
      schema: [{ name: 'id', type: 'BIGINT' }],
      files: [file],
    };
    return { inspected: await engine.inspect({ files: [file] }, { asker: 1 }), dataset };
  }

  const large = new Uint8Array(100_000);
  const crafted: [string, PageSaid, RegExp][] = [
    ['64 bytes that are 16', { compressed: 64, body: large.subarray(0, 64) }, /16 bytes .* 64/u],
    ['4,096 bytes that are 16', { compressed: 4096, body: large.subarray(0, 4096) }, /16 bytes .* 4096/u],
    ['100,000 bytes that are 16', { compressed: 100_000, body: large }, /16 bytes .* 100000/u],
    ['the same with a codec', { compressed: 64, codec: 1, body: large.subarray(0, 64) }, /16 bytes .* 64/u],
    [
      'said to be packed by no codec',
      { compressed: 64, isCompressed: true, body: large.subarray(0, 64) },
      /64/u,
    ],
    ['the same in version 1', { type: 0, compressed: 64, body: large.subarray(0, 64) }, /16 bytes .* 64/u],
    ['more when unpacked', { uncompressed: 64 }, /64 bytes .* 16/u],
    ['levels longer than the page', { definitionLevels: 17 }, /shorter than its levels/u],
    ['both levels longer together', { definitionLevels: 9, repetitionLevels: 9 }, /shorter than its levels/u],
    [
      'packed levels longer than what is there',
      { isCompressed: true, codec: 1, uncompressed: 64, definitionLevels: 32 },
      /shorter than its levels/u,
    ],
    ['levels below zero', { definitionLevels: -1 }, /below zero/u],
    ['a size below zero', { uncompressed: -16, compressed: -16 }, /below zero/u],
    ['a page of an unknown kind', { type: 7 }, /unknown kind/u],
    ['a page that reaches into the footer', { uncompressed: 10_000, compressed: 10_000 }, /footer/u],
    ['more rows than values', { rows: 9 }, /2 values in a group of 9 rows/u],
    ['more values in its pages than the column has', { columnValues: 1, rows: 1 }, /more values/u],
    ['more values than its pages have', { columnValues: 9, rows: 9 }, /contradicts itself/u],
    ['fewer values than none', { values: -2, columnValues: 2, rows: 2 }, /fewer values/u],
    ['a size said twice', { compressed: 64, body: large.subarray(0, 64), more: [[3, 16]] }, /stands twice/u],
    [
      'a size said again as another type',
      { compressed: 64, body: large.subarray(0, 64), more: [[3, 16n]] },
      /twice/u,
    ],
    [
      'a size that only a wider number holds',
      { uncompressed: 2 ** 32 + 16, compressed: 2 ** 32 + 16 },
      /too large/u,
    ],
    ['a page outside of the file', { start: 90_000 }, /contradicts itself/u],
    ['a page before the file', { start: -5 }, /before the file/u],
  ];
  for (const [name, said, sentence] of crafted)
    void it(`are refused: ${name}`, async () => {
      const { inspected, dataset } = await inspect('crafted.parquet', said);
      assert.ok(!inspected.ok);
      assert.equal(inspected.failure.reason, 'input_unreadable', inspected.failure.message);
      assert.match(inspected.failure.message, /"crafted\.parquet" can't be read: it contradicts itself/u);
      assert.match(inspected.failure.message, sentence);
      const seen = await engine.preview(makeQuery('FROM d', dataset), { asker: 1, limit: 1 });
      assert.equal(!seen.ok && seen.failure.reason, 'input_unreadable');
      assert.equal(
        failed(await engine.write(makePlan(bench, 'FROM d', [dataset]))).reason,
        'input_unreadable',
      );
    });

  void it('are looked at in a job, too', async () => {
    const { dataset } = await inspect('job.parquet', { compressed: 64, body: large.subarray(0, 64) });
    assert.equal(failed(await engine.write(makePlan(bench, 'FROM d', [dataset]))).reason, 'input_unreadable');
  });

  void it('are looked at in every file of a dataset', async () => {
    const { dataset } = await inspect('first.parquet', {});
    const uri = await bench.file(
      'second.parquet',
      makeParquet({ compressed: 64, body: large.subarray(0, 64) }),
    );
    const both = { ...dataset, files: [...dataset.files, { uri, name: 'second.parquet' }] };
    const seen = await engine.preview(makeQuery('FROM d', both), { asker: 1, limit: 1 });
    assert.ok(
      !seen.ok && seen.failure.reason === 'input_unreadable' && seen.failure.file === 'second.parquet',
    );
  });

  void it('say so, or pass, whatever byte of a header is another', async () => {
    const path = `${bench.folder}/changed.parquet`;
    await copyFile(written.at(-1)!, path);
    const whole = await readFile(path);
    const headers = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
    // Some 500 places, each with a value that follows from it: the same in each run.
    const step = Math.ceil((whole.length - headers) / 500);
    for (let at = headers; at < whole.length; at += step) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at]! + 1 + (at % 255)) % 256;
      await writeFile(path, changed);
      const damage = await findPageDamage(path);
      assert.ok(damage === null || damage.startsWith('it contradicts itself'), String(damage));
    }
    for (const length of [0, 1, 7, 8, 11, 12, 100]) {
      await writeFile(path, whole.subarray(whole.length - length));
      await findPageDamage(path);
    }
  });
});
