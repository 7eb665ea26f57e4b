// Turns go round by asker: nobody has all of them, nobody waits behind another's dozen, and what waits has bounds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTurns, type Asker } from './turn.ts';

void describe('turns', () => {
  void it('leave one for others, whatever one asker wants', async () => {
    const turns = createTurns({ size: 3, maxWaiting: 100, maxOfOne: 100 });
    for (let index = 0; index < 12; index += 1) void turns.take(1);
    assert.equal(typeof (await turns.take(2)), 'function');
    assert.deepEqual([turns.running(), turns.waiting()], [3, 10]);
    turns.close();
  });

  void it('go round by asker, in the order of each one’s asking', async () => {
    const turns = createTurns({ size: 1, maxWaiting: 100, maxOfOne: 100 });
    const order: Asker[] = [];
    const all = ['a', 'a', 'a', 'a', 'b', 'b', 'c'].map(async (asker) => {
      const turn = await turns.take(asker);
      assert.ok(typeof turn === 'function');
      order.push(asker);
      turn();
    });
    await Promise.all(all);
    assert.deepEqual(order, ['a', 'a', 'b', 'c', 'a', 'b', 'a']);
    assert.deepEqual([turns.running(), turns.waiting()], [0, 0]);
  });

  void it('are refused beyond what may wait, of one and of all', async () => {
    const turns = createTurns({ size: 1, maxWaiting: 3, maxOfOne: 2 });
    const end = await turns.take(1);
    assert.ok(typeof end === 'function');
    const waiting = [turns.take(1), turns.take(1), turns.take(2)];
    assert.equal(await turns.take(1), 'busy');
    assert.equal(await turns.take(3), 'busy');
    turns.close();
    assert.deepEqual(await Promise.all(waiting), ['closing', 'closing', 'closing']);
    assert.equal(await turns.take(4), 'closing');
  });

  void it('are given up by a signal, and cost nobody else one', async () => {
    const turns = createTurns({ size: 1, maxWaiting: 9, maxOfOne: 9 });
    const end = await turns.take(1);
    assert.ok(typeof end === 'function');
    const stop = new AbortController();
    const given = turns.take(2, stop.signal);
    const next = turns.take(3);
    stop.abort();
    assert.equal(await given, 'canceled');
    end();
    end();
    assert.equal(typeof (await next), 'function');
    assert.equal(turns.running(), 1);
  });
});
