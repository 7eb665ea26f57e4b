// How often, as people say it, and as cron has it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRhythm, writeRhythm } from './rhythm.ts';

describe('the rhythm of a schedule', () => {
  const same = {
    '5 * * * *': 'hour',
    '30 6 * * *': 'day',
    '0 18 * * 1-5': 'weekdays',
    '15 9 * * 0': 'week',
    '0 0 31 * *': 'month',
  };
  for (const [expression, rhythm] of Object.entries(same))
    it(`of ${expression} is ${rhythm}, and back`, () => {
      const times = readRhythm(expression);
      assert.equal(times.rhythm, rhythm);
      assert.equal(writeRhythm(times), expression);
    });

  it('is cron for whatever else it says', () => {
    const others = [
      '*/5 * * * *',
      '0 6 1 * 1',
      '0 6 * 2 *',
      '0 0 6 * * *',
      '60 6 * * *',
      '0 24 * * *',
      'x',
      '',
    ];
    for (const expression of [...others, '0 6 32 * *', '0 6 * * 1,3'])
      assert.equal(readRhythm(expression).rhythm, 'cron', expression);
    assert.equal(writeRhythm(readRhythm('*/5 * * * *')), null);
    assert.equal(readRhythm('0 6 * * 7').weekday, 0);
  });
});
