// Real files of every format and compression become datasets with the columns that they have.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { makeTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../../../test/flow-world.ts';
import { requireDataset } from './dataset-access.ts';
import { createDatasetFromUpload, previewDataset } from './dataset.ts';

const sample = (name: string) => readFile(new URL(`../data/${name}`, import.meta.resolve('vega-datasets')));

describe('datasets of real files', () => {
  let database: TestDatabase;
  let world: FlowWorld;
  before(async () => {
    database = await makeTestDatabase('sqlite');
    world = await makeFlowWorld(database);
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  async function upload(name: string, content: Uint8Array) {
    const file = { name, stream: Readable.from([content]) };
    const { room, caller } = world;
    const { id } = await createDatasetFromUpload(room, caller, file, async () => ({}));
    const dataset = await requireDataset(room, caller, id, 'read');
    const { rows } = await previewDataset(room, caller, id, { limit: 2 });
    return { ...dataset, rows };
  }

  const lines = (text: string) =>
    Buffer.from((JSON.parse(text) as unknown[]).map((row) => JSON.stringify(row)).join('\n'));
  const files: [string, string, (bytes: Buffer) => Uint8Array, string, string, string[]][] = [
    ['seattle-weather.csv', 'w.csv', (bytes) => bytes, 'csv', 'none', ['date DATE', 'precipitation DOUBLE']],
    ['seattle-weather.csv', 'w.csv.gz', gzipSync, 'csv', 'gzip', ['date DATE', 'precipitation DOUBLE']],
    [
      'seattle-weather.csv',
      'w.csv.zst',
      zstdCompressSync,
      'csv',
      'zstd',
      ['date DATE', 'precipitation DOUBLE'],
    ],
    ['unemployment.tsv', 'u.tsv', (bytes) => bytes, 'tsv', 'none', ['id BIGINT', 'rate DOUBLE']],
    ['cars.json', 'c.json', (bytes) => bytes, 'json', 'none', ['Name VARCHAR', 'Miles_per_Gallon DOUBLE']],
    [
      'cars.json',
      'c.ndjson',
      (bytes) => lines(bytes.toString()),
      'ndjson',
      'none',
      ['Name VARCHAR', 'Miles_per_Gallon DOUBLE'],
    ],
  ];
  for (const [source, name, make, format, compression, columns] of files)
    it(`reads ${name} as ${format}, ${compression}`, async () => {
      const dataset = await upload(name, make(await sample(source)));
      assert.deepEqual([dataset.reading.format, dataset.reading.compression], [format, compression]);
      const found = dataset.reading.columns.map((column) => `${column.name} ${column.type}`);
      assert.deepEqual(found.slice(0, 2), columns);
      assert.equal(dataset.rows.length, 2);
    });

  it('finds the format by the content where the name says nothing', async () => {
    const { reading } = await upload('unknown', gzipSync(await sample('seattle-weather.csv')));
    assert.deepEqual(
      [reading.format, reading.compression, reading.columns[0]?.name],
      ['csv', 'gzip', 'date'],
    );
  });

  it('reads Parquet', async () => {
    const { reading, rows } = await upload('flights.parquet', await sample('flights-3m.parquet'));
    assert.deepEqual([reading.format, rows.length], ['parquet', 2]);
    assert.ok(reading.columns.length > 3);
  });
});
