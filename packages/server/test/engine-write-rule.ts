// What every engine owes a job: whole files, a profile, failures that can be acted on.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { it } from 'node:test';
import type { Progress } from '../src/engine/engine.ts';
import { complete, failed, makeFile, makeOrders, makePlan, type Bench } from './engine-fixture.ts';
import { isEmpty, planIn, type World } from './engine-world.ts';

export function writeRules(world: World): void {
  void it('writes whole files and tells handle and progress', async () => {
    const told: (Progress | 'handle')[] = [];
    const plan = planIn(world, 'SELECT customer, count(*) AS n FROM orders GROUP BY 1 ORDER BY 1');
    const result = await world.engine.write(plan, {
      onHandle: (handle) => {
        assert.equal(handle.engine, world.engine.name);
        assert.equal(told.length, 0);
        assert.ok(!existsSync(plan.folder));
        told.push('handle');
      },
      onProgress: (progress) => told.push(progress),
    });
    const { files, rows, columns, read, steps } = complete(result);
    assert.deepEqual(files, [{ id: 'f1', path: 'out.csv', bytes: 23, rows: 2 }]);
    assert.equal(rows, 2);
    assert.deepEqual(
      columns.map((column) => column.name),
      ['customer', 'n'],
    );
    assert.ok(read.bytes > 0);
    assert.deepEqual(
      steps.map(({ step }) => step),
      ['wrangle', 'filewriter'],
    );
    assert.equal(readFileSync(`${plan.folder}/out.csv`, 'utf8'), 'customer,n\nada,2\nbob,1\n');
    assert.deepEqual(await readdir(plan.folder), ['out.csv']);
    assert.equal(told[0], 'handle');
    const ends = told.filter((each) => each !== 'handle' && each.percent === 100);
    assert.deepEqual(
      ends.map((each) => each !== 'handle' && each.step),
      ['wrangle', 'filewriter'],
    );
  });

  void it('takes a profile', async () => {
    const plan = planIn(world, 'SELECT * FROM orders', { profile: true });
    const { profile } = complete(await world.engine.write(plan));
    assert.equal(profile?.rows, 3);
    const [id, customer, amount] = profile?.columns ?? [];
    assert.deepEqual(customer?.top, [
      { value: 'ada', count: 2 },
      { value: 'bob', count: 1 },
    ]);
    assert.deepEqual([id?.min, id?.max, id?.distinct, amount?.missing], ['1', '3', 3, 1]);
  });

  void it('fails with file, line, column and value, and leaves nothing behind', async () => {
    const bad = {
      ...(await makeOrders(await inFolder(world.bench, 'bad'), ['1,ada,10', '2,bob,many'])),
      name: 'orders',
    };
    const plan = makePlan(world.bench, 'SELECT * FROM orders', [bad], { folder: world.ownFolder() });
    const failure = failed(await world.engine.write(plan));
    assert.ok(failure.reason === 'bad_value');
    const { line, column, value, type, dataset, file } = failure.bad;
    assert.deepEqual(
      { line, column, value, type, dataset, file },
      {
        line: 3,
        column: 'amount',
        value: 'many',
        type: 'DOUBLE',
        dataset: 'orders',
        file: 'orders.csv',
      },
    );
    assert.match(failure.hint ?? '', /options/);
    assert.ok(await isEmpty(plan));
  });

  void it('refuses what does not go together before anything starts', async () => {
    const plan = planIn(world, 'SELECT 1 AS a', { files: [makeFile({ compression: 'snappy' })] });
    const failure = failed(await world.engine.write(plan));
    assert.equal(failure.reason, 'output_refused');
    assert.ok(!existsSync(plan.folder));
  });
}

async function inFolder(bench: Bench, name: string): Promise<Bench> {
  return { ...bench, file: (file, content) => bench.file(`${name}-${file}`, content) };
}
