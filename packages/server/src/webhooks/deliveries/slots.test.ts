// Slots of the worker: never more than there are, and what waits in the queue is never passed by without end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { createSlots, type Slots } from './slots.ts';

const hosts = ['a', 'b', 'c'];
const step = fc.oneof(
  fc.record({ kind: fc.constant('direct' as const), host: fc.constantFrom(...hosts) }),
  fc.record({ kind: fc.constant('give' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('round' as const),
    hosts: fc.array(fc.constantFrom(...hosts)),
    empty: fc.boolean(),
    // What happens while the claim is under way.
    meanwhile: fc.array(fc.constantFrom(...hosts)),
  }),
);

/** A host that has answered quickly may have its whole share. */
function prove(slots: Slots, host: string): void {
  slots.offer();
  slots.take([host], false);
  slots.give(host, 5);
}

describe('slots', () => {
  it('are never taken more than once each, whatever comes while a claim is under way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step), (max, steps) => {
        const slots = createSlots(max, max);
        const taken: string[] = [];
        const direct = (host: string) => {
          if (slots.takeDirect(host)) taken.push(host);
        };
        for (const each of steps) {
          if (each.kind === 'direct') direct(each.host);
          else if (each.kind === 'give') {
            const [host] = taken.splice(each.at % (taken.length || 1), 1);
            if (host !== undefined) slots.give(host);
          } else {
            const offered = slots.offer();
            each.meanwhile.forEach(direct);
            const claimed = each.hosts.slice(0, offered);
            slots.take(claimed, each.empty);
            taken.push(...claimed);
          }
          assert.ok(taken.length <= max, `${taken.length} of ${max}`);
          assert.equal(slots.isFree(), taken.length < max);
          for (const host of hosts)
            assert.ok(slots.freeOfHost(host) <= max - taken.filter((of) => of === host).length);
        }
      }),
    );
  });

  it('are taken directly only once the queue is known to be empty, until one has to wait', () => {
    const slots = createSlots(8, 8);
    assert.equal(slots.takeDirect('a'), false);
    prove(slots, 'a');
    slots.offer();
    slots.take([], true);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => slots.takeDirect('a')),
      [true, true, true, true, false],
    );
    slots.give('a');
    assert.equal(slots.takeDirect('a'), false, 'one waits in the queue');
    slots.offer();
    slots.take([], false);
    assert.equal(slots.takeDirect('a'), false, 'more wait in the queue');
    slots.offer();
    slots.take([], true);
    assert.equal(slots.takeDirect('a'), true);
  });

  it('leave half of a host to the queue, and nothing to anybody once closed', () => {
    const slots = createSlots(16, 4);
    prove(slots, 'a');
    slots.offer();
    slots.take([], true);
    assert.deepEqual([slots.takeDirect('a'), slots.takeDirect('a')], [true, true]);
    assert.equal(slots.takeDirect('a'), false);
    assert.equal(slots.leastOfHost(), 2);
    slots.close();
    assert.deepEqual([slots.offer(), slots.takeDirect('b')], [0, false]);
  });

  it('are all offered while the queue is not empty, and an eighth less while it is', () => {
    const slots = createSlots(16, 16);
    prove(slots, 'a');
    assert.equal(slots.offer(), 16);
    slots.take([], true);
    assert.equal(slots.offer(), 14);
    assert.deepEqual(
      [slots.takeDirect('a'), slots.takeDirect('a'), slots.takeDirect('a')],
      [true, true, false],
    );
  });

  /** Hosts that never answer ask for all that they can get; gives what they hold then. */
  function hang(slots: Slots, count: number): number {
    let held = 0;
    for (let round = 0; round < 50; round += 1)
      for (let index = 0; index < count; index += 1) {
        const free = Math.min(slots.offer(), slots.freeOfHost(`hangs-${index}`));
        slots.take(
          Array.from({ length: Math.min(free, 5) }, () => `hangs-${index}`),
          false,
        );
        held += Math.min(free, 5);
      }
    return held;
  }

  for (const count of [1, 2, 5, 20])
    it(`are there for a healthy host beside ${count} that never answer`, () => {
      let time = 0;
      const slots = createSlots(128, 64, () => time);
      hang(slots, count);
      assert.ok(slots.freeOfHost('new') > 0, 'one that nobody knows yet');
      prove(slots, 'healthy');
      time += 5000;
      const held = hang(slots, count);
      assert.ok(held <= 64, `${held} more are held by those that keep us waiting`);
      prove(slots, 'healthy');
      assert.ok(slots.freeOfHost('healthy') >= 8, String(slots.freeOfHost('healthy')));
      slots.offer();
      slots.take([], true);
      assert.equal(slots.takeDirect('healthy'), true, 'without a wait in the queue');
      assert.equal(slots.takeDirect('hangs-0'), false);
    });

  it('are fewer for a host that was quick and answers no more, and all again once it is', () => {
    let time = 0;
    const slots = createSlots(128, 64, () => time);
    for (const host of ['a', 'b', 'c']) prove(slots, host);
    const alone = slots.freeOfHost('a');
    for (const host of ['a', 'b', 'c']) {
      slots.offer();
      slots.take([host, host], false);
    }
    time += 30_000;
    const slow = slots.freeOfHost('a');
    assert.ok(slow < alone, `${slow} of ${alone}`);
    for (const host of ['a', 'b', 'c']) for (const tookMs of [30_000, 30_000]) slots.give(host, tookMs);
    assert.ok(slots.freeOfHost('a') <= alone);
    prove(slots, 'a');
    assert.equal(slots.freeOfHost('a'), alone);
  });
});
