// Tries the conditions case by case, and proves of any series of jobs what they must come to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { changeInPercent } from '../messages/reference-event.ts';
import { describeCondition, judgeCondition, ordinal, type Condition } from './condition.ts';
import type { HistoryFacts } from '../messages/fact.ts';
import { continueSeries, historyOf, noHistory } from './series.ts';

interface Case {
  readonly condition: Condition;
  readonly succeeded?: boolean;
  readonly rows?: number | null;
  readonly columns?: number | null;
  readonly durationMs?: number | null;
  readonly failuresInRow?: number;
  readonly before?: { readonly rows: number | null; readonly columns?: number | null } | null;
  readonly told?: boolean;
  readonly holds: boolean;
  readonly sentence: string;
}

const changed = (
  percent: number,
  direction: 'up' | 'down' | 'either' = 'either',
  of: 'rows' | 'columns' = 'rows',
) => ({ kind: 'changed', of, percent, direction }) as const;
const nth = (count: number, andFurther = false) => ({ kind: 'failuresInRow', count, andFurther }) as const;
const outside = (min: number | null, max: number | null) => ({ kind: 'rowsOutside', min, max }) as const;
const longer = (seconds: number) => ({ kind: 'longerThan', seconds, whileRunning: true }) as const;

const cases: readonly Case[] = [
  {
    condition: { kind: 'recovered' },
    failuresInRow: 2,
    holds: true,
    sentence: 'The job succeeded after 2 failures in a row.',
  },
  {
    condition: { kind: 'recovered' },
    failuresInRow: 1,
    holds: true,
    sentence: 'The job succeeded after 1 failure in a row.',
  },
  {
    condition: { kind: 'recovered' },
    holds: false,
    sentence: 'The task waits for a success after a failure, and the job before this one had not failed.',
  },
  {
    condition: { kind: 'recovered' },
    succeeded: false,
    failuresInRow: 1,
    holds: false,
    sentence: 'The task waits for a success after a failure, and this job failed.',
  },
  {
    condition: nth(3),
    succeeded: false,
    failuresInRow: 3,
    holds: true,
    sentence: 'This is the 3rd failure in a row.',
  },
  {
    condition: nth(3),
    succeeded: false,
    failuresInRow: 2,
    holds: false,
    sentence: 'This is the 2nd failure in a row; the task waits for the 3rd.',
  },
  {
    condition: nth(3),
    succeeded: false,
    failuresInRow: 4,
    holds: false,
    sentence: 'This is the 4th failure in a row; the task waits for the 3rd.',
  },
  {
    condition: nth(3, true),
    succeeded: false,
    failuresInRow: 4,
    holds: true,
    sentence: 'This is the 4th failure in a row.',
  },
  {
    condition: nth(2, true),
    succeeded: false,
    failuresInRow: 1,
    holds: false,
    sentence: 'This is the 1st failure in a row; the task waits for the 2nd and those after it.',
  },
  {
    condition: nth(2),
    failuresInRow: 2,
    holds: false,
    sentence: 'The task waits for the 2nd failure in a row, and this job succeeded.',
  },
  {
    condition: longer(60),
    durationMs: 60_001,
    holds: true,
    sentence: 'The job took 60 s, longer than 60 s.',
  },
  {
    condition: longer(7200),
    durationMs: 7_200_000,
    holds: false,
    sentence: 'The job took 2 h; the task waits for one longer than 2 h.',
  },
  {
    condition: longer(1),
    durationMs: 9000,
    told: true,
    holds: false,
    sentence: 'The task had already fired while the job was still running.',
  },
  {
    condition: longer(1),
    durationMs: null,
    holds: false,
    sentence: 'The job never ran: it can’t have taken long.',
  },
  {
    condition: changed(10),
    rows: 111,
    before: { rows: 100 },
    holds: true,
    sentence: 'The rows went from 100 to 111 (+11 %).',
  },
  {
    condition: changed(10),
    rows: 110,
    before: { rows: 100 },
    holds: false,
    sentence: 'The rows went from 100 to 110 (+10 %); the task waits for more than 10 %.',
  },
  {
    condition: changed(10, 'down'),
    rows: 200,
    before: { rows: 100 },
    holds: false,
    sentence: 'The rows went from 100 to 200 (+100 %); the task waits for more than 10 % down.',
  },
  {
    condition: changed(10, 'down'),
    rows: 0,
    before: { rows: 100 },
    holds: true,
    sentence: 'The rows went from 100 to 0 (-100 %).',
  },
  {
    condition: changed(50),
    rows: 1,
    before: { rows: 0 },
    holds: true,
    sentence: 'The rows went from 0 to 1 (from nothing).',
  },
  {
    condition: changed(0),
    rows: 0,
    before: { rows: 0 },
    holds: false,
    sentence: 'The rows went from 0 to 0 (0 %); the task waits for more than 0 %.',
  },
  {
    condition: changed(0, 'either', 'columns'),
    columns: 5,
    before: { rows: 1, columns: 4 },
    holds: true,
    sentence: 'The columns went from 4 to 5 (+25 %).',
  },
  {
    condition: changed(5),
    rows: null,
    before: { rows: 100 },
    holds: false,
    sentence: 'The number of rows of this job is not known.',
  },
  {
    condition: changed(5),
    rows: 9,
    before: { rows: null },
    holds: false,
    sentence: 'The number of rows of job 7, the last success before, is not known.',
  },
  {
    condition: changed(5),
    rows: 9,
    before: null,
    holds: false,
    sentence: 'There is no earlier success to compare with.',
  },
  { condition: outside(10, 20), rows: 9, holds: true, sentence: 'The job wrote 9 rows, fewer than 10.' },
  { condition: outside(10, 20), rows: 21, holds: true, sentence: 'The job wrote 21 rows, more than 20.' },
  {
    condition: outside(10, 20),
    rows: 20,
    holds: false,
    sentence: 'The job wrote 20 rows, which is within the bounds.',
  },
  {
    condition: outside(null, 20),
    rows: 0,
    holds: false,
    sentence: 'The job wrote 0 rows, which is within the bounds.',
  },
  {
    condition: outside(1, null),
    rows: null,
    holds: false,
    sentence: 'The number of rows of this job is not known.',
  },
];

test('each condition, case by case, with the numbers that decided', () => {
  for (const each of cases) {
    const { rows = 1, columns = 1, durationMs = 1, before = null } = each;
    const previous =
      before === null
        ? null
        : {
            jobId: 7,
            finishedAt: '2026-01-01T00:00:00.000Z',
            rows: before.rows,
            columns: before.columns ?? 1,
          };
    const history: HistoryFacts = { previous, failuresInRow: each.failuresInRow ?? 0 };
    const judgement = judgeCondition(each.condition, {
      succeeded: each.succeeded ?? true,
      job: { rows, columns, durationMs },
      history,
      told: each.told ?? false,
    });
    assert.deepEqual(judgement, { holds: each.holds, sentence: each.sentence });
  }
});

const ended = fc.constantFrom('job.success' as const, 'job.failure' as const, 'job.canceled' as const);
const series = fc.array(fc.tuple(ended, fc.option(fc.nat(1000))), { maxLength: 40 });

/** The history of the last job of a series, counted anew from the whole list. */
function countAnew(jobs: readonly (readonly [string, number | null])[]): HistoryFacts {
  const real = jobs.filter(([kind]) => kind !== 'job.canceled');
  const earlier = jobs.slice(0, -1);
  const lastSuccess = earlier.findLastIndex(([kind]) => kind === 'job.success');
  const upTo =
    jobs.at(-1)![0] === 'job.failure'
      ? real
      : real.slice(0, jobs.at(-1)![0] === 'job.success' ? -1 : undefined);
  const firstFailure = upTo.findLastIndex(([kind]) => kind === 'job.success') + 1;
  const previous =
    lastSuccess < 0
      ? null
      : { jobId: lastSuccess, finishedAt: 'then', rows: jobs[lastSuccess]![1], columns: null };
  return { previous, failuresInRow: upTo.length - firstFailure };
}

test('history step by step is the history counted anew, for any series of jobs', () => {
  fc.assert(
    fc.property(series, (jobs) => {
      let state = noHistory;
      for (const [index, [kind, rows]] of jobs.entries()) {
        assert.deepEqual(historyOf(state, kind), countAnew(jobs.slice(0, index + 1)));
        state = continueSeries(state, kind, { id: index, finishedAt: 'then', rows, columns: null });
      }
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test('in any series a recovery is told once for each run of failures, the n-th failure once at most', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 1, max: 4 }), (jobs, count) => {
      let state = noHistory;
      let recoveries = 0;
      let nths = 0;
      for (const [index, [kind, rows]] of jobs.entries()) {
        if (kind !== 'job.canceled') {
          const measured = {
            succeeded: kind === 'job.success',
            job: { rows, columns: null, durationMs: 1 },
            history: historyOf(state, kind),
            told: false,
          };
          if (judgeCondition({ kind: 'recovered' }, measured).holds) recoveries += 1;
          if (judgeCondition(nth(count), measured).holds) nths += 1;
        }
        state = continueSeries(state, kind, { id: index, finishedAt: 'then', rows, columns: null });
      }
      const letters = jobs
        .map(([kind]) => ({ 'job.success': 's', 'job.failure': 'f', 'job.canceled': '' })[kind])
        .join('');
      assert.equal(recoveries, [...letters.matchAll(/f+s/gu)].length);
      assert.equal(nths, [...letters.matchAll(/f+/gu)].filter(([run]) => run.length >= count).length);
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test('a change is measured from the earlier value', () => {
  assert.equal(changeInPercent(200, 100), -50);
  assert.equal(changeInPercent(0, 3), Number.POSITIVE_INFINITY);
  assert.equal(changeInPercent(0, 0), 0);
});

test('ordinals and descriptions read well', () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 111, 122].map(ordinal), [
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '13th',
    '21st',
    '111th',
    '122nd',
  ]);
  assert.equal(describeCondition(null), 'the end of a job');
  assert.equal(describeCondition(longer(120)), 'a job that takes longer than 2 min');
});
