// Previews of what would take too long: what has come is shown, or what a sample of the inputs gives, and it is said.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  csvDataset,
  endless,
  makeBench,
  makeQuery,
  makeRecipe,
  type Bench,
} from '../../../test/engine-fixture.ts';
import type { Dataset } from '../dataset.ts';
import type { PreviewResult } from '../engine.ts';
import { createDuckDbEngine, type DuckDbEngine, type DuckDbOptions } from './duckdb-engine.ts';

const rowCount = 200_000;

void describe('a preview that would take too long', () => {
  let bench: Bench;
  let engine: DuckDbEngine;
  let sales: Dataset;
  let events: Dataset;

  before(async () => {
    bench = await makeBench();
    // Far from each other: an answer that waited for the limit would be none.
    engine = makeEngine('scratch', { previewWaitMs: 1_500, previewMs: 300_000 });
    const ids = Array.from({ length: rowCount }, (_, at) => at + 1);
    const uri = await bench.file('sales.csv', `id,day\n${ids.map((id) => `${id},d${id % 7}\n`).join('')}`);
    sales = csvDataset('sales', uri, { id: 'BIGINT', day: 'VARCHAR' });
    const lines = await bench.file('events.ndjson', ids.map((id) => `{"id":${id}}\n`).join(''));
    events = {
      name: 'events',
      format: 'ndjson',
      compression: 'none',
      files: [{ uri: lines, name: 'events.ndjson' }],
      options: {},
      schema: [{ name: 'id', type: 'BIGINT' }],
    };
  });
  after(async () => {
    await engine.close();
    await bench.remove();
  });

  const makeEngine = (name: string, bounds: Partial<DuckDbOptions>) =>
    createDuckDbEngine({ walls: bench.walls, scratchFolder: `${bench.folder}/${name}`, ...bounds });

  async function preview(sql: string, ...datasets: Dataset[]): Promise<PreviewResult & { ok: true }> {
    const seen = await engine.preview(makeQuery(sql, ...datasets), { asker: 1, limit: 1_000 });
    assert.ok(seen.ok, JSON.stringify(seen));
    return seen;
  }

  void it('shows the rows of a join that have come, and says that there may be more', async () => {
    const patient = makeEngine('patient', { previewWaitMs: 6_000, previewMs: 300_000 });
    const ids = Array.from({ length: rowCount }, (_, at) => at + 1);
    const few = csvDataset('few', await bench.file('few.csv', `id\n${ids.join('\n')}\n`), { id: 'BIGINT' });
    const sql = `SELECT few.id, sales.id AS other FROM few JOIN sales ON few.id % 2 = sales.id % 2
      WHERE (few.id * 7919 + sales.id * 104729) % 20000003 < 1`;
    const seen = await patient.preview(makeQuery(sql, few, sales), { asker: 1, limit: 1_000 });
    await patient.close();
    assert.ok(seen.ok, JSON.stringify(seen));
    assert.ok(seen.rows.length > 0);
    for (const [one, other] of seen.rows.map((row) => row.map(Number) as [number, number])) {
      assert.equal(one % 2, other % 2);
      assert.ok((one * 7919 + other * 104_729) % 20_000_003 < 1, `${one} ${other}`);
    }
    assert.equal(seen.sample, null);
    assert.equal(seen.truncated, true);
    assert.match(seen.warnings.join(' '), /Only the first (row|\d+ rows) (is|are) shown/u);
  });

  void it('takes a sample where no row comes before all are read, and says so', async () => {
    const seen = await preview(
      'SELECT sum((a.id * b.id * c.id) % 7) AS total, count(*) AS n FROM sales a, events b, sales c',
      sales,
      events,
    );
    const size = seen.sample?.rows ?? 0;
    assert.ok(size > 0 && size < rowCount, JSON.stringify(seen));
    assert.equal(seen.truncated, true);
    assert.equal(seen.rows[0]?.[1], String(size ** 3));
    const rests = Array.from({ length: 7 }, (_, rest) => countRest(size, rest));
    let total = 0;
    for (const [a, many] of rests.entries())
      for (const [b, more] of rests.entries())
        for (const [c, most] of rests.entries()) total += ((a * b * c) % 7) * many * more * most;
    assert.equal(seen.rows[0]?.[0], String(total));
  });

  void it('takes a sample of recipes below the target, too', async () => {
    const query = {
      datasets: [sales],
      recipes: [
        makeRecipe('pairs', 'SELECT a.day, b.id FROM sales a, sales b, sales c'),
        makeRecipe('out', 'SELECT day, count(*) AS n, max(id) AS last FROM pairs GROUP BY day ORDER BY day'),
      ],
      target: 'out',
    };
    const seen = await engine.preview(query, { asker: 1, limit: 10 });
    assert.ok(seen.ok, JSON.stringify(seen));
    const size = seen.sample?.rows ?? 0;
    assert.ok(size > 0, JSON.stringify(seen));
    assert.deepEqual(
      seen.rows.map(([day, n, last]) => [day, n, last]),
      Array.from({ length: 7 }, (_, rest) => [
        `d${rest}`,
        String(countRest(size, rest) * size ** 2),
        String(size),
      ]),
    );
  });

  void it('takes a sample where all rows need more memory than there is', async () => {
    const small = makeEngine('small', { poolMemoryBytes: 100 * 2 ** 20 });
    const sql = "SELECT length(string_agg(repeat('x', 500), '')) AS n FROM sales";
    const seen = await small.preview(makeQuery(sql, sales), { asker: 1, limit: 1 });
    await small.close();
    assert.ok(seen.ok, JSON.stringify(seen));
    assert.ok(seen.sample?.rows !== undefined && seen.sample.rows !== null, JSON.stringify(seen));
    assert.equal(seen.rows[0]?.[0], String(seen.sample.rows * 500));
  });

  void it('says nothing of a sample where all is read', async () => {
    const patient = makeEngine('calm', { previewWaitMs: 120_000, previewMs: 300_000 });
    const query = makeQuery('SELECT count(*) AS n FROM sales JOIN events USING (id)', sales, events);
    const seen = await patient.preview(query, { asker: 1, limit: 10 });
    await patient.close();
    assert.ok(seen.ok, JSON.stringify(seen));
    assert.deepEqual([seen.rows, seen.sample, seen.truncated], [[[String(rowCount)]], null, false]);
    assert.deepEqual(seen.warnings, []);
  });

  void it('still tells of a value that does not fit', async () => {
    const wrong = { ...sales, schema: [sales.schema[0]!, { name: 'day', type: 'BIGINT' }] };
    const seen = await engine.preview(makeQuery('SELECT sum(day) AS n FROM sales', wrong), {
      asker: 1,
      limit: 1,
    });
    assert.ok(!seen.ok && seen.failure.reason === 'bad_value', JSON.stringify(seen));
  });

  void it('reads all, or fails, where nothing less is wanted', async () => {
    const strict = makeEngine('strict', { previewWaitMs: 10, previewMs: 3_000 });
    const whole = { asker: 1, limit: 1, whole: true };
    const all = await strict.preview(makeQuery('SELECT count(*) AS n FROM sales', sales), whole);
    assert.ok(all.ok && all.sample === null, JSON.stringify(all));
    assert.deepEqual(all.rows, [[String(rowCount)]]);
    const never = await strict.preview(makeQuery(`${endless} AND EXISTS (FROM sales)`, sales), whole);
    await strict.close();
    assert.ok(!never.ok && never.failure.reason === 'time_limit', JSON.stringify(never));
  });
});

/** How many of the first so many ids leave this rest. */
const countRest = (size: number, rest: number): number =>
  Array.from({ length: size }, (_, at) => (at + 1) % 7).filter((each) => each === rest).length;
