// Proves that the table of delivery states is complete and keeps its promises.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  deliveryBirths,
  deliveryEvents,
  deliveryStandings,
  deliveryStates,
  standingColumns,
  countSettled,
  isEnded,
  meaningOfDue,
  moveDelivery,
  readStanding,
  stateOf,
  type DeliveryPosition,
  type DeliveryStanding,
} from './delivery-state.ts';

const standing = fc.constantFrom(...deliveryStandings);
const event = fc.constantFrom(...deliveryEvents);
const birth = fc.constantFrom(...Object.values(deliveryBirths));

function born(standing: DeliveryStanding): DeliveryPosition {
  return { standing, attemptCount: standing === 'sending' ? 1 : 0, roundStart: 0 };
}

test('every standing answers every event, with a known standing or a reason in words', () => {
  for (const standing of deliveryStandings) {
    for (const event of deliveryEvents) {
      const move = moveDelivery(born(standing), event);
      if (move.moved) assert.ok(deliveryStandings.includes(move.position.standing));
      else assert.match(move.detail, /^[A-Z].+\.$/u);
    }
  }
});

test('the moves between states are those of the design and no others', () => {
  const seen = new Set<string>();
  for (const from of deliveryStandings) {
    for (const event of deliveryEvents) {
      const move = moveDelivery(born(from), event);
      if (!move.moved) continue;
      const [a, b] = [stateOf(from), stateOf(move.position.standing)];
      if (a !== b) seen.add(`${a} -> ${b}`);
    }
  }
  assert.deepEqual([...seen].toSorted(), [
    'canceled -> pending',
    'dead -> pending',
    'delivered -> pending',
    'pending -> canceled',
    'pending -> dead',
    'pending -> sending',
    'sending -> canceled',
    'sending -> dead',
    'sending -> delivered',
    'sending -> pending',
  ]);
});

test('over any life the counts never fall, the round lies within them, and only claims count', () => {
  fc.assert(
    fc.property(birth, fc.array(event, { maxLength: 60 }), (start, events) => {
      let position = born(start);
      for (const event of events) {
        const move = moveDelivery(position, event);
        if (!move.moved) continue;
        assert.ok(move.position.roundStart >= position.roundStart);
        assert.ok(move.position.roundStart <= move.position.attemptCount);
        assert.equal(move.position.attemptCount - position.attemptCount, event === 'claim' ? 1 : 0);
        position = move.position;
      }
      assert.ok(countSettled(position) >= 0);
    }),
  );
});

test('only redeliver leaves an ended state, and it starts a fresh round', () => {
  fc.assert(
    fc.property(standing, event, fc.nat(100), (standing, event, attemptCount) => {
      fc.pre(isEnded(standing));
      const move = moveDelivery({ standing, attemptCount, roundStart: 0 }, event);
      assert.equal(move.moved, event === 'redeliver');
      if (move.moved)
        assert.deepEqual(move.position, { standing: 'pending', attemptCount, roundStart: attemptCount });
    }),
  );
});

test('what is held for crashes leaves by a person, or ends; its task does not send it on', () => {
  const held = { standing: 'held_for_crashes', attemptCount: 3, roundStart: 2 } as const;
  const after = (event: (typeof deliveryEvents)[number]) => {
    const move = moveDelivery(held, event);
    return move.moved ? move.position : null;
  };
  assert.deepEqual(after('redeliver'), { standing: 'pending', attemptCount: 3, roundStart: 3 });
  assert.deepEqual([after('cancel')?.standing, after('expire')?.standing], ['canceled', 'dead']);
  for (const event of ['claim', 'hold', 'release'] as const) assert.equal(after(event), null);
});

test('a cancel while sending is a mark: it ends what would go on, never what has arrived', () => {
  const outcomes = {
    succeed: 'delivered',
    retry: 'canceled',
    give_up: 'dead',
    interrupt: 'canceled',
  } as const;
  for (const [event, expected] of Object.entries(outcomes)) {
    const marked = moveDelivery({ standing: 'sending', attemptCount: 1, roundStart: 0 }, 'cancel');
    assert.ok(marked.moved);
    const move = moveDelivery(marked.position, event as keyof typeof outcomes);
    assert.ok(move.moved);
    assert.equal(move.position.standing, expected);
  }
});

test('redeliver is refused while sending and keeps the round of one that waits', () => {
  const busy = moveDelivery({ standing: 'sending', attemptCount: 2, roundStart: 0 }, 'redeliver');
  assert.equal(busy.moved, false);
  const waiting = moveDelivery({ standing: 'pending', attemptCount: 2, roundStart: 0 }, 'redeliver');
  assert.deepEqual(waiting, {
    moved: true,
    position: { standing: 'pending', attemptCount: 2, roundStart: 0 },
  });
});

test('columns and standings say the same', () => {
  for (const state of deliveryStates) {
    for (const held of [0, 1]) {
      for (const cancelRequested of [0, 1]) {
        for (const forCrashes of [0, 1]) {
          const row = { state, held, held_for_crashes: forCrashes, cancel_requested: cancelRequested };
          assert.equal(stateOf(readStanding(row)), state);
        }
      }
    }
  }
  for (const standing of deliveryStandings) assert.equal(readStanding(standingColumns[standing]), standing);
  assert.equal(meaningOfDue('held'), null);
  assert.equal(meaningOfDue('stopping'), 'lease');
  assert.equal(meaningOfDue('dead'), null);
});
