// Files of very many columns are looked at, shown and written, as strictly as others.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  complete,
  failed,
  makeBench,
  makeFile,
  makePlan,
  makeQuery,
  type Bench,
} from '../../../test/engine-fixture.ts';
import type { Dataset, FileOptions } from '../dataset.ts';
import { createDuckDbEngine, type DuckDbEngine } from './duckdb-engine.ts';
import { isClean } from './promise/csv-scan.ts';

const rowCount = 100;
const limits = { timeMs: 300_000 };

/** Texts, whole numbers and others in turns. */
function makeTable(width: number): { readonly names: string[]; readonly text: string } {
  const names = Array.from({ length: width }, (_, at) => `c${at}`);
  const lineOf = (row: number) => names.map((_, at) => [`t${row}`, String(row * at), `${row}.25`][at % 3]);
  const lines = Array.from({ length: rowCount }, (_, row) => lineOf(row).join(','));
  return { names, text: `${names.join(',')}\n${lines.join('\n')}\n` };
}

void describe('files of very many columns', () => {
  let bench: Bench;
  let engine: DuckDbEngine;
  before(async () => {
    bench = await makeBench();
    // How long it takes on a busy machine is not what is tried.
    const times = { checkMs: 120_000, previewMs: 300_000, previewWaitMs: 200_000, inspectMs: 120_000 };
    engine = createDuckDbEngine({ walls: bench.walls, scratchFolder: `${bench.folder}/scratch`, ...times });
  });
  after(async () => {
    await engine.close();
    await bench.remove();
  });

  async function look(name: string, content: string, options: FileOptions = {}): Promise<Dataset> {
    const uri = await bench.file(name, content);
    const found = await engine.inspect({ files: [{ uri, name }], options }, { asker: 1 });
    assert.ok(found.ok, JSON.stringify(found).slice(0, 500));
    const { format, compression, columns: schema, checked } = found;
    return {
      name: 'd',
      format,
      compression,
      options: found.options,
      schema,
      files: [{ uri, name }],
      checked,
    };
  }

  async function checkPreview(dataset: Dataset): Promise<void> {
    const seen = await engine.preview(makeQuery('FROM d', dataset), { asker: 1, limit: 1_000 });
    assert.ok(seen.ok, JSON.stringify(seen).slice(0, 500));
    const width = dataset.schema.length;
    assert.deepEqual([seen.columns.length, seen.rows.length, seen.sample], [width, rowCount, null]);
    assert.deepEqual(seen.rows[7]?.slice(0, 3), ['t7', '7', 7.25]);
    assert.equal(seen.rows[7]?.at(1 - (width % 3) - 3), String(7 * (width + 1 - (width % 3) - 3)));
  }

  void it('are looked at, shown, checked and written: 12,000 of them', async () => {
    const { text, names } = makeTable(12_000);
    const dataset = await look('plain.csv', text);
    assert.deepEqual(
      dataset.schema.slice(0, 3).map(({ type }) => type),
      ['VARCHAR', 'BIGINT', 'DOUBLE'],
    );
    assert.equal(dataset.checked?.length, 1);
    await checkPreview(dataset);
    const checked = await engine.check(makeQuery('SELECT *, c1 + c4 AS sum FROM d', dataset), { asker: 1 });
    assert.ok(checked.ok && checked.columns.length === names.length + 1);
    // What the look has found out is not needed.
    const { checked: _marks, ...unchecked } = dataset;
    const plan = makePlan(bench, 'FROM d', [unchecked], { limits });
    assert.equal(complete(await engine.write(plan)).rows, rowCount);
    assert.equal(await readFile(`${plan.folder}/out.csv`, 'utf8'), text);
    const seen = await engine.preview(makeQuery('SELECT sum(c1) AS n, max(c11999) AS m FROM d', unchecked), {
      asker: 1,
      limit: 1,
    });
    assert.ok(seen.ok, JSON.stringify(seen).slice(0, 500));
    assert.deepEqual(seen.rows, [['4950', 99.25]]);
  });

  void it('are written as Parquet, and read from it', async () => {
    const { text } = makeTable(12_000);
    const dataset = await look('plain.csv', text);
    const files = [makeFile({ format: 'pqt', fileName: 'x.parquet' })];
    const plan = makePlan(bench, 'FROM d', [dataset], { files, limits });
    complete(await engine.write(plan));
    const uri = `${plan.folder}/x.parquet`;
    const found = await engine.inspect({ files: [{ uri, name: 'x.parquet' }] }, { asker: 1 });
    assert.ok(found.ok && found.format === 'parquet', JSON.stringify(found).slice(0, 500));
    const { format, compression, options, columns: schema } = found;
    await checkPreview({ name: 'd', format, compression, options, schema, files: [{ uri, name: 'x' }] });
  });

  void it('are read with care where a value needs it, and refused where one does not fit', async () => {
    const { text } = makeTable(2_200);
    const dataset = await look('careful.csv', text);
    assert.ok(text.includes('t7,7,'));
    // Spaces are nothing, but not for the plain way.
    await bench.file('careful.csv', text.replace('t7,7,', 't7, 7 ,'));
    await checkPreview(dataset);
    const plan = makePlan(bench, 'FROM d', [dataset], { limits });
    complete(await engine.write(plan));
    assert.equal(await readFile(`${plan.folder}/out.csv`, 'utf8'), text);
    for (const [cell, column, line] of [
      ['7.5', 'c1', 9],
      ['007', 'c1', 9],
    ] as const) {
      await bench.file('careful.csv', text.replace('t7,7,', `t7,${cell},`));
      const failure = failed(await engine.write(makePlan(bench, 'FROM d', [dataset], { limits })));
      assert.match(failure.message, new RegExp(`"${cell}" in column "${column}", line ${line} of file`, 'u'));
    }
  });

  void it('are walked through as strictly as others', async () => {
    const { names, text } = makeTable(2_200);
    const { schema, options } = await look('walked.csv', text);
    const types = schema.map(({ type }) => type);
    const isPlain = async (content: string) => {
      const path = await bench.file('walk.csv', content);
      return isClean({ path, compression: 'none', options, types });
    };
    const [header = '', first = '', ...others] = text.split('\n');
    for (const good of [
      text,
      text.trimEnd(),
      text.replaceAll('\n', '\r\n'),
      `${header}\n\n${first}\n`,
      `${header}\n`,
      text.replace('t7,7,', '"t,""7\n",,'),
    ])
      assert.equal(await isPlain(good), true, good.slice(-40));
    for (const bad of [
      text.replace('t7,7,', 't7,7.0,'),
      text.replace('t7,7,', 't7,07,'),
      text.replace('t7,7,', 't7,'),
      text.replace('t7,7,', 't7,7,8,'),
      text.replace('t7,7,', '"t7,7,'),
      text.replace('t7,7,', 't"7,7,'),
      `${header}\n${first.slice(0, first.lastIndexOf(','))}`,
      [header.slice(0, -1 - (names.at(-1)?.length ?? 0)), first, ...others].join('\n'),
    ])
      assert.equal(await isPlain(bad), false, bad.slice(0, 60));
  });
});
