// A clock that jumps moves nothing until the jump lasts; a database's time moves it at once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSteadyTime } from './steady-time.ts';

const day = 86_400_000;

describe('steady time', () => {
  const make = () => {
    const machine = { passed: 1000, ahead: 1_700_000_000_000 };
    const time = createSteadyTime({
      system: () => machine.passed + machine.ahead,
      monotonic: () => machine.passed,
    });
    return { machine, time };
  };

  it('goes on evenly with the machine', () => {
    const { machine, time } = make();
    const began = time.now();
    machine.passed += 5000;
    assert.equal(time.now(), began + 5000);
    machine.ahead += 500;
    assert.equal(time.now(), began + 5500, 'a small correction is followed');
    assert.equal(time.offMs(), 0);
  });

  for (const jump of [3_600_000, -3_600_000, 4 * day, -100 * day])
    it(`does not follow a jump of ${jump / 3_600_000} h for seconds, and follows one that lasts`, () => {
      const { machine, time } = make();
      const began = time.now();
      machine.ahead += jump;
      assert.equal(time.now(), began);
      machine.passed += 20_000;
      assert.equal(time.now(), began + 20_000);
      assert.equal(time.offMs(), jump);
      machine.ahead -= jump;
      assert.equal(time.offMs(), 0);
      machine.ahead += jump;
      time.now();
      machine.passed += 6 * 60_000;
      assert.equal(time.now(), began + 20_000 + 6 * 60_000 + jump);
      assert.equal(time.offMs(), 0);
    });

  it('is the database’s where that is told, however wrong the machine is', () => {
    const { machine, time } = make();
    const truth = time.now() - 4 * day;
    time.follow(truth);
    machine.passed += 10 * 60_000;
    assert.equal(time.now(), truth + 10 * 60_000);
    assert.equal(time.offMs(), 4 * day);
  });
});
