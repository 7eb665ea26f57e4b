// Rates of steps: whole ones by their length, the one that has only begun by what has passed of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRates } from './statistics.ts';

const at = (minutes: number) => new Date(minutes * 60_000).toISOString();
const point = (minutes: number, delivered: number) => ({
  at: at(minutes),
  delivered,
  retried: 0,
  dead: 0,
  blocked: 0,
  canceled: 0,
});

describe('attempts per minute', () => {
  const series = [point(0, 20), point(10, 0), point(20, 20)];
  const ratesAt = (minutes: number) => readRates({ series, stepSeconds: 600 }, 'delivered', minutes * 60_000);

  it('are counted over the step, of the last over what has passed', () => {
    assert.deepEqual(ratesAt(30), [2, 0, 2]);
    assert.deepEqual(ratesAt(24), [2, 0, 5]);
  });

  it('are never counted over less than a minute, nor by a clock that is behind', () => {
    assert.deepEqual(ratesAt(20.1), [2, 0, 20]);
    assert.deepEqual(ratesAt(15), [2, 0, 20]);
  });
});
