// Tries which conditions can be saved: those that can come true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../events/condition.ts';
import { checkCondition } from './condition-rule.ts';
import { nextCronTime } from '../events/cron-time.ts';
import type { TriggerEvent } from '../events/decision.ts';

const changed = { kind: 'changed', of: 'rows', percent: 5, direction: 'up' } as const;
const nth = { kind: 'failuresInRow', count: 2, andFurther: false } as const;
const longer = (whileRunning: boolean) => ({ kind: 'longerThan', seconds: 5, whileRunning }) as const;
const outside = (min: number | null, max: number | null) => ({ kind: 'rowsOutside', min, max }) as const;
const by = (cron: string, timezone = 'Europe/Berlin') =>
  ({ kind: 'notRefreshedBy', cron, timezone }) as const;

const cases: readonly (readonly [Condition | null, TriggerEvent, string | null])[] = [
  [null, 'onJobFailure', null],
  [{ kind: 'recovered' }, 'onJobSuccess', null],
  [{ kind: 'recovered' }, 'onJobFailure', 'triggerEvent'],
  [changed, 'onJobDone', null],
  [changed, 'onJobFailure', 'triggerEvent'],
  [nth, 'onJobFailure', null],
  [nth, 'onJobSuccess', 'triggerEvent'],
  [longer(false), 'onJobSuccess', null],
  [longer(true), 'onJobDone', null],
  [longer(true), 'onJobSuccess', 'triggerEvent'],
  [outside(null, null), 'onJobDone', 'condition'],
  [outside(5, 4), 'onJobDone', 'condition.min'],
  [outside(4, 4), 'onJobDone', null],
  [outside(null, 4), 'onJobDone', null],
  [by('0 7 * * *'), 'onJobDone', null],
  [by('every day'), 'onJobDone', 'condition.cron'],
  [by('0 0 30 2 *'), 'onJobDone', 'condition.cron'],
  [by('0 0 7 * * * 2031'), 'onJobDone', 'condition.cron'],
  [by('61 * * * *'), 'onJobDone', 'condition.cron'],
  [by('0 7 * * *', 'Mars/Olympus'), 'onJobDone', 'condition.timezone'],
  [{ kind: 'flowRunEnded' }, 'onJobFailure', null],
];

test('a condition that can never come true is refused, with its field', () => {
  for (const [condition, triggerEvent, field] of cases) {
    const faults = checkCondition({ condition, triggerEvent });
    assert.deepEqual(
      [faults[0]?.field ?? null, faults.length],
      [field, field === null ? 0 : 1],
      JSON.stringify(condition),
    );
  }
});

test('times of a cron expression follow its time zone, over the change to summer time', () => {
  const before = Date.parse('2026-03-28T12:00:00Z');
  const first = nextCronTime('0 7 * * *', 'Europe/Berlin', before)!;
  assert.equal(new Date(first).toISOString(), '2026-03-29T05:00:00.000Z');
  assert.equal(
    new Date(nextCronTime('0 7 * * *', 'Europe/Berlin', first)!).toISOString(),
    '2026-03-30T05:00:00.000Z',
  );
});
