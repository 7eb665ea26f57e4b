// Proves the retry rules: what is worth another attempt, when it is due, and when a delivery ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { maxCrashesInRow } from '../../base/max-crashes.ts';
import { deliveryEvents, moveDelivery, type DeliveryPosition } from './delivery-state.ts';
import { outcomeReasons } from '@flowhook/contract/webhook/exchange';
import { isSuccess, type Outcome, type OutcomeReason } from '../sending/outcome.ts';
import {
  defaultMaximumAgeMs,
  defaultSchedule,
  interruptedWaits,
  lastChanceMs,
  longestRetryAfterMs,
  decideNext,
  parseRetryAfter,
  spreadWait,
  type NextStep,
  type SettledAttempt,
} from './retry.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

function response(statusCode: number): Outcome {
  return { kind: 'response', statusCode };
}

function failure(reason: OutcomeReason): Outcome {
  return { kind: 'failure', reason, detail: '' };
}

const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.integer({ min: 200, max: 599 }).map(response),
  fc.constantFrom(...outcomeReasons).map(failure),
);

const anyAttempt: fc.Arbitrary<SettledAttempt> = fc.record({
  outcome: anyOutcome,
  attemptCount: fc.integer({ min: 1, max: 40 }),
  roundStart: fc.integer({ min: 0, max: 40 }),
  interruptedInRow: fc.integer({ min: 0, max: interruptedWaits.length }),
  crashesInRow: fc.integer({ min: 0, max: maxCrashesInRow }),
  retryOnFailure: fc.boolean(),
  schedule: fc.array(fc.integer({ min: 1, max: 1e8 }), { minLength: 1, maxLength: 20 }),
  expiresAt: fc.integer({ min: NOW - 1e9, max: NOW + 1e9 }),
  now: fc.constant(NOW),
  retryAfter: fc.option(fc.oneof(fc.nat(1e6).map(String), fc.string())),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

function attempt(change: Partial<SettledAttempt> = {}): SettledAttempt {
  return {
    outcome: response(500),
    attemptCount: 1,
    roundStart: 0,
    interruptedInRow: 0,
    crashesInRow: 0,
    retryOnFailure: true,
    schedule: defaultSchedule,
    expiresAt: NOW + defaultMaximumAgeMs,
    now: NOW,
    random: 0.5,
    ...change,
  };
}

function dueIn(next: NextStep): number {
  assert.equal(next.state, 'pending');
  return next.dueAt - NOW;
}

function whyDead(next: NextStep): string {
  assert.equal(next.state, 'dead');
  return next.why;
}

test('every attempt has one answer, due no earlier than now and no later than the maximum age', () => {
  fc.assert(
    fc.property(anyAttempt, (attempt) => {
      const next = decideNext(attempt);
      assert.ok(deliveryEvents.includes(next.event));
      assert.equal(next.state === 'delivered', isSuccess(attempt.outcome));
      if (next.state === 'pending') assert.ok(next.dueAt >= NOW && next.dueAt <= attempt.expiresAt);
    }),
    { numRuns: 1000 },
  );
});

test('the answer is a move that the state table allows, to the state it names', () => {
  fc.assert(
    fc.property(anyAttempt, (attempt) => {
      const next = decideNext(attempt);
      const roundStart = Math.min(attempt.roundStart, attempt.attemptCount);
      const move = moveDelivery(
        { standing: 'sending', attemptCount: attempt.attemptCount, roundStart },
        next.event,
      );
      assert.ok(move.moved);
      assert.equal(move.position.standing, next.state);
    }),
  );
});

test('a receiver that always fails gets one attempt more than there are waits', () => {
  const dues: number[] = [];
  for (let attemptCount = 1; ; attemptCount += 1) {
    const next = decideNext(attempt({ attemptCount }));
    if (next.state !== 'pending') {
      assert.equal(whyDead(next), 'out_of_attempts');
      break;
    }
    dues.push(dueIn(next));
  }
  assert.deepEqual(dues, [...defaultSchedule]);
  assert.deepEqual(
    defaultSchedule.map((wait) => wait / 1000),
    [5, 30, 120, 600, 3600, 10_800, 36_000],
  );
});

test('a wait is spread by at most a tenth to both sides', () => {
  assert.equal(spreadWait(10_000, 0), 9000);
  assert.equal(spreadWait(10_000, 0.999999), 11_000);
});

test('all failures but blocked and 410 are worth another attempt', () => {
  for (const reason of outcomeReasons) {
    const next = decideNext(attempt({ outcome: failure(reason) }));
    assert.equal(next.state, reason === 'blocked' ? 'dead' : 'pending', reason);
  }
  for (const status of [300, 301, 400, 401, 404, 408, 409, 411, 422, 429, 500, 503]) {
    assert.equal(decideNext(attempt({ outcome: response(status) })).state, 'pending', String(status));
  }
  assert.equal(whyDead(decideNext(attempt({ outcome: response(410) }))), 'gone');
  assert.equal(whyDead(decideNext(attempt({ outcome: failure('blocked') }))), 'blocked');
});

test('with retry off one attempt is made, and an interrupted one is made again all the same', () => {
  assert.equal(whyDead(decideNext(attempt({ retryOnFailure: false }))), 'retry_off');
  const interrupted = decideNext(attempt({ retryOnFailure: false, outcome: failure('interrupted') }));
  assert.equal(dueIn(interrupted), 0);
});

/** Lives through outcomes as the store does, and gives the waits between the attempts. */
function live(outcomes: readonly Outcome[], retryOnFailure = true): (number | string)[] {
  let position: DeliveryPosition = { standing: 'pending', attemptCount: 0, roundStart: 0 };
  let interruptedInRow = 0;
  return outcomes.map((outcome) => {
    position = step(position, 'claim');
    const { attemptCount, roundStart } = position;
    const next = decideNext(attempt({ outcome, attemptCount, roundStart, interruptedInRow, retryOnFailure }));
    position = step(position, next.event);
    interruptedInRow = next.interruptedInRow;
    if (next.state === 'delivered') return 'delivered';
    return next.state === 'dead' ? next.why : dueIn(next) / 1000;
  });
}

function step(position: DeliveryPosition, event: Parameters<typeof moveDelivery>[1]): DeliveryPosition {
  const move = moveDelivery(position, event);
  assert.ok(move.moved);
  return move.position;
}

test('interrupted attempts use up no wait of the schedule; from the tenth in a row on they wait, and the fourteenth ends the delivery', () => {
  const cut = failure('interrupted');
  const bad = response(500);
  assert.deepEqual(live([bad, cut, bad, cut, cut, bad]), [5, 0, 30, 0, 0, 120]);
  assert.deepEqual(live([cut, cut, cut, cut, bad, cut]), [0, 0, 0, 0, 5, 0]);
  const waits = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 60, 600, 3600];
  assert.deepEqual(live(Array.from({ length: 14 }, () => cut)), [...waits, 'interrupted']);
  assert.deepEqual(live([cut, bad], false), [0, 'retry_off']);
});

test('a redeliver starts the schedule afresh', () => {
  const next = decideNext(attempt({ attemptCount: 9, roundStart: 8 }));
  assert.equal(dueIn(next), 5000);
});

test('the maximum age ends a delivery that could only be attempted later', () => {
  assert.equal(whyDead(decideNext(attempt({ expiresAt: NOW + 4999 }))), 'expired');
  assert.equal(dueIn(decideNext(attempt({ expiresAt: NOW + 5000 }))), 5000);
  const cut = attempt({ outcome: failure('interrupted'), expiresAt: NOW });
  assert.equal(whyDead(decideNext(cut)), 'expired');
  assert.equal(whyDead(decideNext({ ...cut, interruptedInRow: 9, expiresAt: NOW + 1000 })), 'expired');
});

test('Retry-After makes a wait longer within bounds, and never shorter', () => {
  const wait = (retryAfter: string, expiresAt = NOW + defaultMaximumAgeMs) =>
    dueIn(decideNext(attempt({ outcome: response(503), retryAfter, expiresAt })));
  assert.equal(wait('60'), 60_000);
  assert.equal(wait('1'), 5000);
  assert.equal(wait('0'), 5000);
  assert.equal(wait('99999999'), longestRetryAfterMs);
  assert.equal(wait('7200', NOW + 3_600_000), 3_600_000 - lastChanceMs);
  assert.equal(wait('soon'), 5000);
  assert.equal(wait(new Date(NOW + 90_000).toUTCString()), 90_000);
});

test('Retry-After is read as seconds or as an HTTP date in its three forms', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 0);
  assert.equal(parseRetryAfter(' 120 ', now), 120_000);
  assert.equal(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', now), 37_000);
  assert.equal(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', now), 37_000);
  assert.equal(parseRetryAfter('Sun Nov  6 08:49:37 1994', now), 37_000);
  assert.equal(parseRetryAfter('Sun, 06 Nov 1994 08:00:00 GMT', now), 0);
  for (const text of ['', '-5', '1e3', 'foo 12', '12 s', 'Sunny, but with clouds later']) {
    assert.equal(parseRetryAfter(text, now), null, text);
  }
});
