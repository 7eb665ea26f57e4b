// Spans of time as a number and a unit.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseUnit, toSeconds, toUnit, unitSeconds, type Unit } from './span.ts';

describe('a span of time', () => {
  const rows: [seconds: number, unit: Unit, amount: number][] = [
    [5, 'seconds', 5],
    [0.5, 'seconds', 0.5],
    [90, 'seconds', 90],
    [120, 'minutes', 2],
    [36_000, 'hours', 10],
    [259_200, 'days', 3],
    [0, 'seconds', 0],
  ];
  for (const [seconds, unit, amount] of rows) {
    it(`of ${seconds} s is ${amount} ${unit}`, () => {
      assert.equal(chooseUnit(seconds), unit);
      assert.equal(toUnit(seconds, unit), amount);
    });
  }

  it('comes back as it was, in every unit', () => {
    for (const unit of Object.keys(unitSeconds) as Unit[]) {
      for (const seconds of [0.1, 1, 7, 59, 3601, 604_800])
        assert.ok(Math.abs(toSeconds(toUnit(seconds, unit), unit) - seconds) < 0.1, `${seconds} ${unit}`);
    }
  });
});
