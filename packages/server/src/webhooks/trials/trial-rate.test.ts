// Trials have a rate for each person: bursts pass, a stream does not, and nobody pays for another.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../../base/error.ts';
import { createTrialRate, type TrialRate } from './trial-rate.ts';

function countTaken(rate: TrialRate, personId: number, times: readonly number[]): number {
  return times.filter((now) => {
    try {
      rate.take('test', personId, now);
      return true;
    } catch (error) {
      assert.ok(error instanceof Problem && error.code === 'too_many_requests', String(error));
      return false;
    }
  }).length;
}

const everySecond = Array.from({ length: 600 }, (_, second) => second * 1000);

describe('the rate of trials', () => {
  it('lets a burst pass, and of a stream what the minute has', () => {
    assert.equal(
      countTaken(
        createTrialRate(() => 30),
        1,
        Array.from({ length: 100 }, () => 0),
      ),
      15,
    );
    const taken = countTaken(
      createTrialRate(() => 30),
      1,
      everySecond,
    );
    assert.ok(taken >= 300 && taken <= 316, `${taken} of 600 in ten minutes`);
  });

  it('counts each person and each kind for itself', () => {
    const rate = createTrialRate(() => 30);
    assert.equal(
      countTaken(
        rate,
        1,
        Array.from({ length: 100 }, () => 0),
      ),
      15,
    );
    assert.equal(countTaken(rate, 2, [0, 0, 0]), 3);
    assert.doesNotThrow(() => rate.take('preview', 1, 0));
  });

  it('gives nothing for a clock that was put back', () => {
    const rate = createTrialRate(() => 30);
    assert.equal(
      countTaken(
        rate,
        1,
        Array.from({ length: 100 }, () => 60_000),
      ),
      15,
    );
    assert.equal(
      countTaken(
        rate,
        1,
        Array.from({ length: 100 }, () => 0),
      ),
      0,
    );
  });

  it('says how long to wait', () => {
    const rate = createTrialRate(() => 30);
    countTaken(
      rate,
      1,
      Array.from({ length: 15 }, () => 0),
    );
    assert.throws(
      () => rate.take('test', 1, 0),
      (error: Problem) => JSON.stringify(error.more).includes('"retry-after":"2"'),
    );
  });
});
