// Proves the rules of deadlines: each period is judged once, by what had happened at its end, however late that is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { nextCronTime, previousCronTime } from './cron-time.ts';
import { firstDeadline, judgeDeadline, maxMissed, skipMissed, type DeadlineCondition } from './deadline.ts';

const minute = 60_000;
const hourly = { kind: 'notRefreshedBy', cron: '0 * * * *', timezone: 'UTC' } as const;
const within = (seconds: number) => ({ kind: 'notRefreshedWithin', seconds }) as const;
const recipe = { id: 1, name: 'Totals' };

/** Judges every deadline up to `until`, as a server that looks then would; gives the due times of those missed. */
function judgeAll(condition: DeadlineCondition, from: number, until: number, successes: readonly number[]) {
  const missed: number[] = [];
  let deadline = firstDeadline(condition, from);
  while (deadline !== null && deadline.dueAt <= until) {
    const { dueAt } = deadline;
    const before = successes.filter((time) => time <= dueAt);
    const lastSuccessAt = before.length === 0 ? null : Math.max(...before);
    const { overdue, next } = judgeDeadline(condition, deadline, [{ recipe, lastSuccessAt }]);
    if (overdue.length > 0) missed.push(dueAt);
    assert.ok(next === null || next.dueAt > dueAt, 'it always goes on');
    deadline = next;
  }
  return missed;
}

test('by a time: one miss for each period without a success', () => {
  const start = Date.parse('2026-01-01T00:30:00Z');
  const hour = (hours: number) => Date.parse('2026-01-01T00:00:00Z') + hours * 60 * minute;
  assert.deepEqual(judgeAll(hourly, start, hour(3), [hour(1.5)]), [hour(1), hour(3)]);
  assert.deepEqual(
    judgeAll(hourly, start, hour(2), [hour(0.2), hour(2)]),
    [],
    'a success before the task counts, one at the last moment too',
  );
});

test('within a time: reminded each time that it has been so long once more', () => {
  assert.deepEqual(judgeAll(within(60), 0, 4 * minute, []), [minute, 2 * minute, 3 * minute, 4 * minute]);
  assert.deepEqual(judgeAll(within(60), 0, 3 * minute, [30_000, 80_000]), [140_000]);
});

test('several outputs: all must be refreshed, and those that were not are named', () => {
  const other = { id: 2, name: 'Lines' };
  const { overdue, next } = judgeDeadline(within(60), { windowStart: 0, dueAt: minute }, [
    { recipe, lastSuccessAt: 30_000 },
    { recipe: other, lastSuccessAt: null },
  ]);
  assert.deepEqual(
    [overdue.map((each) => each.recipe?.name), next],
    [['Lines'], { windowStart: minute, dueAt: 2 * minute }],
  );
  const kept = judgeDeadline(within(60), { windowStart: 0, dueAt: minute }, [
    { recipe, lastSuccessAt: 30_000 },
    { recipe: other, lastSuccessAt: 10_000 },
  ]);
  assert.deepEqual([kept.overdue, kept.next?.dueAt], [[], 70_000], 'the oldest decides when it is due again');
});

test('within a time: any successes leave no gap that long untold, and tell of none that is shorter', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 100 }),
      fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 20 }),
      (seconds, times) => {
        const successes = times.map((time) => time * 1000);
        const missed = judgeAll(within(seconds), 0, 1_000_000, successes);
        for (const dueAt of missed)
          assert.ok(!successes.some((time) => time > dueAt - seconds * 1000 && time <= dueAt));
        const marks = [0, ...successes.toSorted((a, b) => a - b), 1_000_000];
        const gaps = marks.slice(1).map((mark, index) => ({ from: marks[index]!, to: mark }));
        for (const { from, to } of gaps) {
          const told = missed.filter((time) => time > from && time <= to).length;
          // A reminder keeps its own pace, so that a gap may be told once less at its very end.
          assert.ok(
            told >= Math.floor((to - from) / (seconds * 1000)) - 1 &&
              told <= Math.floor((to - from) / (seconds * 1000)),
          );
        }
      },
    ),
    { numRuns: 1000, seed: 7 },
  );
});

test('after a long stop only the last periods are told of', () => {
  const long = 10_000 * minute;
  const skipped = skipMissed(within(60), { windowStart: 0, dueAt: minute }, long);
  assert.ok(
    skipped.dueAt > long - (maxMissed + 1) * minute && skipped.dueAt <= long - (maxMissed - 1) * minute,
  );
  const start = Date.parse('2026-01-01T00:00:00Z');
  const byTime = skipMissed(
    hourly,
    { windowStart: start, dueAt: start + 60 * minute },
    start + 6000 * 60 * minute,
  );
  assert.ok(byTime.dueAt >= start + (6000 - maxMissed - 1) * 60 * minute);
  const few = { windowStart: start, dueAt: start + 60 * minute };
  assert.deepEqual(skipMissed(hourly, few, start + 180 * minute), few);
});

test('the time before is the last one, whatever the expression', () => {
  const at = Date.parse('2026-03-29T05:00:00Z');
  for (const cron of ['* * * * *', '*/7 * * * *', '0 7 * * *', '0 7 * * 1', '0 7 1 * *', '0 0 29 2 *']) {
    const previous = previousCronTime(cron, 'Europe/Berlin', at)!;
    assert.ok(previous < at && nextCronTime(cron, 'Europe/Berlin', previous)! >= at, cron);
  }
});
