// Names of columns are the same where DuckDB takes them for the same, without letter case in ASCII alone; keys of JSON as they are.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  complete,
  failed,
  makeBench,
  makePlan,
  makeQuery,
  type Bench,
} from '../../../test/engine-fixture.ts';
import type { Dataset } from '../dataset.ts';
import type { InspectRequest } from '../engine.ts';
import { createDuckDbEngine, type DuckDbEngine } from './duckdb-engine.ts';

void describe('names that differ in letter case', () => {
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

  /** A dataset as the look finds it. */
  async function find(ending: string, content: string, over: Partial<InspectRequest> = {}): Promise<Dataset> {
    const name = `${(count += 1)}${ending}`;
    const uri = await bench.file(name, content);
    const found = await engine.inspect({ files: [{ uri, name }], ...over }, { asker: 1 });
    assert.ok(found.ok, JSON.stringify(found));
    const { columns: schema, format, compression, options } = found;
    return { name: 'd', format, compression, options, schema, files: [{ uri, name }] };
  }

  async function rowsOf(dataset: Dataset): Promise<unknown> {
    const seen = await engine.preview(makeQuery('FROM d', dataset), { asker: 1, limit: 10 });
    return seen.ok ? seen.rows : seen;
  }

  /** What a job over the dataset comes to, its file holding something else by then. */
  async function runNext(dataset: Dataset, content: string) {
    await writeFile(dataset.files[0]!.uri, content);
    return engine.write(
      makePlan(bench, 'FROM d', [dataset], { folder: `${bench.folder}/out-${(count += 1)}` }),
    );
  }

  const namesOf = ({ schema }: Dataset) => schema.map(({ name }) => name);

  void it('are both kept of a CSV beyond ASCII, its first line a header by them', async () => {
    const numbers = await find('.csv', 'É,é\n1,2\n');
    assert.deepEqual([namesOf(numbers), await rowsOf(numbers)], [['É', 'é'], [['1', '2']]]);
    const texts = await find('.csv', 'É,é\nx,y\n');
    assert.deepEqual([namesOf(texts), await rowsOf(texts)], [['É', 'é'], [['x', 'y']]]);
    assert.deepEqual(namesOf(await find('.csv', 'A,a\n1,2\n')), ['A', 'a_1']);
  });

  void it('are both kept of JSON beyond ASCII, as columns and as keys within one', async () => {
    const dataset = await find('.ndjson', '{"É":1,"é":2,"s":{"Ä":3,"ä":4}}\n');
    assert.deepEqual(dataset.schema, [
      { name: 'É', type: 'BIGINT' },
      { name: 'é', type: 'BIGINT' },
      { name: 's', type: 'STRUCT("Ä" BIGINT, "ä" BIGINT)' },
    ]);
    const query = makeQuery('SELECT "É", "é", s."Ä" AS upper, s."ä" AS lower FROM d', dataset);
    const seen = await engine.preview(query, { asker: 1, limit: 10 });
    assert.ok(seen.ok, JSON.stringify(seen));
    assert.deepEqual(seen.rows, [['1', '2', '3', '4']]);
  });

  void it('do not lend each other their exact digits', async () => {
    const dataset = await find('.ndjson', '{"É":12345678901234567890.125,"é":[1,{"n":2}]}\n');
    assert.deepEqual(
      dataset.schema.map(({ type }) => type),
      ['DECIMAL(38,3)', 'JSON[]'],
    );
    assert.deepEqual(await rowsOf(dataset), [['12345678901234567890.125', ['1', '{"n":2}']]]);
  });

  const days = [
    { ending: '.csv', first: 'É\n1\n', next: 'é\n2\n' },
    { ending: '.ndjson', first: '{"É":1}\n', next: '{"é":2}\n' },
    // The engine's reader takes no other letter case for the key: null would be read.
    { ending: '.ndjson', first: '{"A":1}\n', next: '{"a":2}\n' },
  ];
  for (const { ending, first, next } of days)
    void it(`are not promised by each other: ${first.split('\n')[0]!}`, async () => {
      const result = await runNext(await find(ending, first), next);
      assert.equal(result.state, 'failed', JSON.stringify(result));
      assert.match(failed(result).message, /"[ÉA]"/u);
    });

  void it('are told as further keys of a column', async () => {
    for (const key of ['ä', 'A']) {
      const dataset = await find('.ndjson', '{"s":{"Ä":1,"a":2}}\n');
      const result = complete(await runNext(dataset, `{"s":{"Ä":1}}\n{"s":{"${key}":3}}\n`));
      assert.match(result.warnings.join('\n'), new RegExp(`"s\\.${key}"`, 'u'));
    }
  });

  void it('are one column of CSV where they differ in ASCII alone', async () => {
    const dataset = await find('.csv', 'Id,n\n1,2\n');
    complete(await runNext(dataset, 'n,ID\n3,4\n'));
    assert.deepEqual(await rowsOf(dataset), [['4', '3']]);
  });

  void it('may be a column of the file and one that says which file it is', async () => {
    const dataset = await find('.csv', 'É\n1\n', { options: { fileColumns: { é: 'name' } } });
    assert.deepEqual(await rowsOf(dataset), [['1', dataset.files[0]!.name]]);
  });
});
