// Proves that every circle is found and nothing else is taken for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { describeCircle, findRunCircle, readLaunchedRecipe, type ChainTask } from './chain-graph.ts';

const task = (id: number, fromRecipeIds: number[], toRecipeId: number): ChainTask => ({
  id,
  name: `Task ${id}`,
  fromRecipeIds,
  toRecipeId,
});

test('a circle is found over any number of tasks, and named', () => {
  const others = [task(1, [1], 2), task(2, [2], 3), task(3, [9], 4)];
  assert.equal(findRunCircle(task(4, [3], 5), others), null);
  const circle = findRunCircle(task(4, [3], 1), others);
  assert.deepEqual(
    circle?.map(({ id }) => id),
    [4, 1, 2],
  );
  assert.match(describeCircle(circle), /“Task 4” runs recipe 1, “Task 1” runs recipe 2/u);
  assert.deepEqual(findRunCircle(task(5, [7], 7), [])?.length, 1, 'a recipe that starts itself');
  assert.equal(
    findRunCircle(task(1, [1], 9), [task(1, [9], 1)]),
    null,
    'the stored form of the task itself does not count',
  );
});

/** Whether a recipe can be reached from itself through the added task, by trying every walk. */
function reaches(added: ChainTask, others: readonly ChainTask[]): boolean {
  const reached = new Set([added.toRecipeId]);
  for (let round = 0; round < 10; round += 1)
    for (const { fromRecipeIds, toRecipeId } of others)
      if (fromRecipeIds.some((id) => reached.has(id))) reached.add(toRecipeId);
  return added.fromRecipeIds.some((id) => reached.has(id));
}

test('in any graph it finds a circle exactly where there is one', () => {
  const recipe = fc.integer({ min: 1, max: 6 });
  const any = fc.record({ from: fc.uniqueArray(recipe, { maxLength: 3 }), to: recipe });
  fc.assert(
    fc.property(any, fc.array(any, { maxLength: 8 }), (added, others) => {
      const list = others.map(({ from, to }, index) => task(index + 1, from, to));
      const own = task(99, added.from, added.to);
      assert.equal(findRunCircle(own, list) !== null, reaches(own, list));
    }),
    { numRuns: 3000, seed: 7 },
  );
});

test('a launch is read from a body that names its recipe literally', () => {
  assert.equal(readLaunchedRecipe('{"wrangledDataset":{"id":12}}'), 12);
  assert.equal(readLaunchedRecipe('{ "wrangledDataset" : { "id" : 12, "x": 1 } }'), 12);
  assert.equal(readLaunchedRecipe('{"wrangledDataset":{"id":$recipeId}}'), null);
  assert.equal(readLaunchedRecipe(null), null);
});
