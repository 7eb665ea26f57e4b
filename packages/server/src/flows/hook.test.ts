// What the rooms to the left are told when a flow or a recipe is deleted: in the same transaction, all or nothing.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../../test/flow-world.ts';
import { readFlow, removeFlow } from './flow.ts';
import { requireRecipe } from './recipes/recipe.ts';
import { removeRecipe } from './recipes/recipe-removal.ts';

describeOnBoth('deletions', (make) => {
  let database: TestDatabase;
  let world: FlowWorld;
  const told: unknown[] = [];
  let refuse = false;
  const note = (what: unknown) => {
    told.push(what);
    if (refuse) throw new Error('the left room could not follow');
  };
  before(async () => {
    database = await make();
    world = await makeFlowWorld(database, {
      flowDeleted: async (_, flowId, personId) => note({ flowId, personId }),
      recipeDeleted: async (_, deleted) => note(deleted),
    });
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  it('tell of a recipe, then of the flow, with who does it', async () => {
    const { room, caller, flowId } = world;
    const { personId } = caller;
    const recipeId = await world.addRecipe({ sql: 'select 1 as a' });
    refuse = true;
    await assert.rejects(removeRecipe(room, caller, recipeId), /could not follow/u);
    await assert.rejects(removeFlow(room, caller, flowId), /could not follow/u);
    assert.equal((await requireRecipe(room, caller, recipeId, 'viewer')).deleted_at, null);
    assert.equal((await readFlow(room, caller, flowId)).deleted_at, null);
    refuse = false;
    told.length = 0;
    await removeRecipe(room, caller, recipeId);
    await removeFlow(room, caller, flowId);
    assert.deepEqual(told, [
      { flowId, recipeId, personId },
      { flowId, personId },
    ]);
  });
});
