// A batch that fails is tried again one by one: only the guilty one fails.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBatch } from './batch.ts';

const settle = async (calls: Promise<number>[]) =>
  (await Promise.allSettled(calls)).map((call) =>
    call.status === 'fulfilled' ? call.value : (call.reason as Error).message,
  );

describe('a batch', () => {
  it('that fails fails the guilty one alone', async () => {
    const runs: number[][] = [];
    const batch = createBatch<number, number>(10, async (items) => {
      runs.push([...items]);
      if (items.includes(3)) throw new Error('three');
      return items.map((item) => item * 2);
    });
    assert.deepEqual(await settle([1, 2, 3, 4].map(batch.add)), [2, 4, 'three', 8]);
    assert.deepEqual(runs, [[1, 2, 3, 4], [1], [2], [3], [4]]);
    assert.deepEqual(await settle([5].map(batch.add)), [10]);
  });

  it('that fails for a reason of all fails at once', async () => {
    let runs = 0;
    const run = async () => {
      runs += 1;
      throw new Error('away');
    };
    const batch = createBatch<number, number>(10, run, (error) => (error as Error).message === 'away');
    assert.deepEqual(await settle([1, 2, 3].map(batch.add)), ['away', 'away', 'away']);
    assert.equal(runs, 1);
  });

  it('gives an error that is an answer to its item alone, in one run', async () => {
    let runs = 0;
    const batch = createBatch<number, number>(10, async (items) => {
      runs += 1;
      return items.map((item) => (item === 2 ? new Error('two') : item));
    });
    assert.deepEqual(await settle([1, 2, 3].map(batch.add)), [1, 'two', 3]);
    assert.equal(runs, 1);
  });
});
