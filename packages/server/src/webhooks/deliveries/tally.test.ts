// Tallies: what an attempt counts for, merging without losing any, percentiles within their promise, ranges in whole steps.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, assert as holds, constant, constantFrom, integer, nat, property, record } from 'fast-check';
import { classifyLatency, findPercentile, readLatency, sumLatencies } from './tally.ts';
import { readRange } from '../ledger/statistics-range.ts';
import {
  hourMs,
  mergeTallies,
  minuteMs,
  tallyAttempts,
  tallyInterrupted,
  tenMinutesMs,
  type Counted,
} from './tally.ts';

const claim = { flowId: 1, taskId: 2, host: 'h', roundStart: 0, createdAt: 1000 };
const attempt = (more: Partial<Counted>): Counted => ({
  claim,
  outcome: { kind: 'response', statusCode: 200 },
  state: 'delivered',
  receivedAt: 1010,
  ...more,
});
const blocked = { kind: 'failure', reason: 'blocked', detail: '' } as const;
const refused = { kind: 'response', statusCode: 503 } as const;

describe('a tally', () => {
  const cases: [string, Partial<Counted>, { result: string; reason: string; latencies: string }][] = [
    ['delivered', {}, { result: 'delivered', reason: '', latencies: `${classifyLatency(10)}:1` }],
    [
      'delivered after it was asked for again',
      { claim: { ...claim, roundStart: 3 } },
      { result: 'delivered', reason: '', latencies: '' },
    ],
    [
      'to be made again',
      { outcome: refused, state: 'pending' },
      { result: 'retried', reason: '503', latencies: '' },
    ],
    ['the last one', { outcome: refused, state: 'dead' }, { result: 'dead', reason: '503', latencies: '' }],
    ['blocked', { outcome: blocked, state: 'dead' }, { result: 'blocked', reason: 'blocked', latencies: '' }],
    [
      'canceled',
      { outcome: refused, state: 'canceled' },
      { result: 'canceled', reason: '503', latencies: '' },
    ],
  ];
  for (const [name, more, expected] of cases)
    it(`says what an attempt came to: ${name}`, () => {
      const [tally, ...rest] = tallyAttempts([attempt(more)], 5);
      assert.equal(rest.length, 0);
      const { result, reason, latencies, count, at } = tally!;
      assert.deepEqual({ result, reason, latencies, count, at }, { ...expected, count: 1, at: 5 });
    });

  it('counts what was cut off as another attempt to come', () => {
    const row = { flow_id: 1, task_id: 2, host: 'h', state: 'pending', now: 9 };
    assert.deepEqual(
      tallyInterrupted([row]).map(({ result, reason, at }) => [result, reason, at]),
      [['retried', 'interrupted', 9]],
    );
  });

  it('loses none when merged, whatever the order', () => {
    const tally = record({
      at: nat(10 * hourMs),
      span: constant(0 as const),
      flow_id: nat(2),
      task_id: nat(2),
      host: constantFrom('a', 'b'),
      result: constantFrom('delivered' as const, 'retried' as const),
      reason: constant(''),
      count: integer({ min: 1, max: 9 }),
      latencies: constantFrom('', '3:1', '3:2,4:1'),
    });
    const sum = (rows: readonly { count: number }[]) => rows.reduce((total, { count }) => total + count, 0);
    const times = (rows: readonly { latencies: string }[]) =>
      [...sumLatencies(rows.map(({ latencies }) => latencies))].sort(([a], [b]) => a - b);
    holds(
      property(array(tally), (rows) => {
        const minutes = mergeTallies(rows, minuteMs);
        const hours = mergeTallies(minutes, hourMs);
        assert.equal(sum(hours), sum(rows));
        assert.deepEqual(times(hours), times(rows));
        assert.ok(hours.every(({ at }) => at % hourMs === 0));
        const straight = mergeTallies(rows, hourMs);
        assert.equal(hours.length, straight.length);
      }),
    );
  });
});

describe('times to receive', () => {
  it('stand within 5 % of every time in their class', () => {
    holds(
      property(integer({ min: 21, max: 3 * 86_400_000 }), (ms) => {
        const read = readLatency(classifyLatency(ms));
        assert.ok(Math.abs(read - ms) <= ms * 0.05 + 1, `${ms} became ${read}`);
      }),
    );
  });

  it('give percentiles near those of the times themselves', () => {
    holds(
      property(array(integer({ min: 50, max: 100_000 }), { minLength: 1 }), (times) => {
        const counts = sumLatencies(times.map((ms) => `${classifyLatency(ms)}:1`));
        const exact = [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1]!;
        const found = findPercentile(counts, 0.95)!;
        assert.ok(Math.abs(found - exact) <= exact * 0.05 + 1, `${exact} became ${found}`);
      }),
    );
    assert.equal(findPercentile(new Map(), 0.5), null);
  });
});

describe('a range of statistics', () => {
  const now = Date.parse('2026-01-10T12:00:30Z');
  const usual = { rangeMs: hourMs, stepMs: minuteMs };
  it('is the usual one unless given, on whole steps', () => {
    const range = readRange({}, usual, now);
    assert.equal(range.stepMs, minuteMs);
    assert.equal(range.from % minuteMs, 0);
    assert.ok(range.to >= now && range.from <= now - usual.rangeMs);
  });
  it('takes ten minutes where it began more than two hours ago, hours where more than two days', () => {
    assert.equal(readRange({ from: now - 3 * hourMs, stepMs: minuteMs }, usual, now).stepMs, tenMinutesMs);
    assert.equal(readRange({ from: now - 49 * hourMs, stepMs: minuteMs }, usual, now).stepMs, hourMs);
  });
  it('has at most 1,500 steps', () => {
    const { from, to, stepMs } = readRange({ from: now - 31 * 24 * hourMs }, usual, now);
    assert.ok((to - from) / stepMs <= 1500);
  });
  it('is refused where it is none, or too long', () => {
    assert.throws(() => readRange({ from: now, to: now }, usual, now), /earlier/u);
    assert.throws(() => readRange({ from: now - 40 * 24 * hourMs }, usual, now), /32 days/u);
  });
});
