// What is done about a schedule that is due, on time, late, or while the run before goes on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeOverlap, maxCounted, planDue, type MissedChoice } from './due.ts';

const at = (text: string) => Date.parse(`2026-03-07T${text}Z`);

describe('a due schedule', () => {
  const hourly = [{ expression: '0 * * * *', timeZone: 'UTC' }];
  // Each: choice, due at, now, then: fired for, passed over, next.
  const table: [string, MissedChoice, string, string, string | null, number, string][] = [
    ['on time', 'skip', '08:00', '08:00:00.005', '08:00', 0, '09:00'],
    ['a minute late', 'skip', '08:00', '08:01', '08:00', 0, '09:00'],
    ['missed, to be made up', 'once', '08:00', '08:20', '08:00', 0, '09:00'],
    ['missed, not to be made up', 'skip', '08:00', '08:20', null, 1, '09:00'],
    ['missed often, to be made up once', 'once', '08:00', '11:20', '11:00', 3, '12:00'],
    ['missed often, not to be made up', 'skip', '08:00', '11:20', null, 4, '12:00'],
    ['missed often, the last one on time', 'skip', '08:00', '11:00:30', '11:00', 3, '12:00'],
  ];
  for (const [title, missed, dueAt, now, fireAt, passedOver, nextAt] of table)
    it(title, () => {
      const plan = planDue({ triggers: hourly, missed, dueAt: at(dueAt) }, at(now));
      assert.deepEqual(plan, {
        fireAt: fireAt === null ? null : at(fireAt),
        passedOver,
        nextAt: at(nextAt),
      });
    });

  it('that was missed for a year is counted in no time', () => {
    const triggers = [{ expression: '* * * * *', timeZone: 'UTC' }];
    const year = 365 * 24 * 3600 * 1000;
    const plan = planDue({ triggers, missed: 'once', dueAt: at('08:00') }, at('08:00') + year);
    assert.deepEqual([plan.fireAt, plan.passedOver], [at('08:00') + year, maxCounted - 1]);
  });

  it('comes to an end with its expression', () => {
    const triggers = [{ expression: '0 0 9 7 3 ? 2026', timeZone: 'UTC' }];
    const plan = planDue({ triggers, missed: 'once', dueAt: at('09:00') }, at('09:00'));
    assert.deepEqual(plan, { fireAt: at('09:00'), passedOver: 0, nextAt: null });
  });
});

describe('the run before', () => {
  it('decides', () => {
    const judged = (['skip', 'queue'] as const).map((choice) => [
      judgeOverlap(choice, false, false),
      judgeOverlap(choice, true, false),
      judgeOverlap(choice, true, true),
    ]);
    assert.deepEqual(judged, [
      ['launch', 'skip', 'skip'],
      ['launch', 'wait', 'already_waiting'],
    ]);
  });
});
