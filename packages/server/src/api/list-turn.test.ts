// Whoever asks for many lists at once leaves a turn to the others; what reads one thing never waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { deliverySelectionEndpoints } from '@flowhook/contract/webhook/delivery-selection';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { createListTurns } from './list-turn.ts';

const { list, count, get } = webhookDeliveryEndpoints;

test('one person has all turns but one', async () => {
  const turns = createListTurns();
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  const ask = (endpoint: typeof list | typeof count, personId: number, name: string) =>
    turns.run(endpoint, personId, async () => {
      begun.push(name);
      await gate.promise;
    });
  const all = [ask(list, 1, 'a'), ask(count, 1, 'b'), ask(list, 1, 'c'), ask(list, 2, 'other')];
  await new Promise(setImmediate);
  assert.deepEqual(begun, ['a', 'b', 'other']);
  gate.resolve();
  await Promise.all(all);
  assert.deepEqual(begun, ['a', 'b', 'other', 'c']);
});

test('what reads one thing, changes one or streams a file waits for nobody', async () => {
  const turns = createListTurns();
  const never = new Promise<void>(() => undefined);
  for (let index = 0; index < 5; index += 1) void turns.run(list, 1, () => never);
  for (const endpoint of [get, deliverySelectionEndpoints.export, flowEndpoints.create])
    assert.equal(await turns.run(endpoint, 1, async () => 'at once'), 'at once');
});

test('more than a hundred that wait of one person are refused, and nobody else’s', async () => {
  const turns = createListTurns();
  const never = new Promise<void>(() => undefined);
  for (let index = 0; index < 102; index += 1) void turns.run(list, 1, () => never);
  await assert.rejects(
    turns.run(list, 1, () => never),
    { code: 'too_many_requests' },
  );
  assert.equal(await turns.run(list, 2, async () => 'read'), 'read');
});
