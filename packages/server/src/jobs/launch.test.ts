// A launch meets the deletion of its flow or recipe: no job comes into a flow that is gone.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../../test/flow-world.ts';
import { until } from '../../test/wait.ts';
import { Problem } from '../base/error.ts';
import type { Database, Tx } from '../db/database.ts';
import { createFlow } from '../flows/flow.ts';
import { lockFlow, markFlowDeleted } from '../flows/flow-store.ts';
import { markRecipeDeleted } from '../flows/recipes/recipe-store.ts';
import { createSecretBox } from '../base/secret.ts';
import { compilePolicy } from '../webhooks/sending/egress/policy.ts';
import { launchRecipe, type LaunchRequest } from './launch.ts';
import { launch } from './launch-path.ts';

describeOnBoth('a launch', (make, dialect) => {
  let database: TestDatabase;
  let world: FlowWorld;
  before(async () => {
    database = await make();
    world = await makeFlowWorld(database);
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  async function addRecipe() {
    const { id: flowId } = await createFlow(world.room, world.caller, { name: 'Short', description: null });
    return { flowId, recipeId: await world.addRecipe({ flowId, name: 'one', sql: 'select 1 as a' }) };
  }

  function request(recipeId: number): LaunchRequest {
    const { caller } = world;
    const csv = { path: 'a.csv', action: 'create', format: 'csv', compression: 'none', zstd: false } as const;
    const writeSettings = [
      { ...csv, header: true, asSingleFile: true, delim: ',', hasQuotes: false, nullText: '' },
    ];
    const none = { name: null, description: null, executionId: null, delivery: null, parameters: [] };
    return { caller, recipeId, ranFrom: 'api', profiler: false, writeSettings, hop: 0, ...none };
  }

  /** Whether a transaction waits for a lock; on SQLite there is one writer, and whoever comes waits. */
  async function isSomebodyWaiting(): Promise<boolean> {
    if (dialect === 'sqlite') return true;
    const { rows } = await sql<{ waiting: boolean }>`
      select exists (select 1 from pg_locks where not granted) as waiting`.execute(world.db.read);
    return rows[0]!.waiting;
  }

  /** Deletes, and commits when the launch has planned and stands before the lock, or has passed without one. */
  async function race(
    flowId: number,
    remove: (tx: Tx) => Promise<void>,
    launch: (db: Database) => Promise<unknown>,
  ): Promise<unknown> {
    const { db } = world;
    const asked = Promise.withResolvers<void>();
    const watched: Database = {
      ...db,
      transaction(work) {
        asked.resolve();
        return db.transaction(work);
      },
    };
    let ended = false;
    let launched: Promise<unknown> = Promise.resolve();
    await db.transaction(async (tx) => {
      await lockFlow(tx, flowId);
      await remove(tx);
      launched = launch(watched).catch((error: unknown) => error);
      void launched.finally(() => (ended = true));
      await asked.promise;
      await until(async () => ended || (await isSomebodyWaiting()), 'the launch waits or has passed');
    });
    return launched;
  }

  async function countJobs(flowId: number): Promise<number> {
    return (await world.db.read.selectFrom('jobs').select('id').where('flow_id', '=', flowId).execute())
      .length;
  }

  const policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
  const tasks = { box: createSecretBox(['a key for tests']), policy: () => policy, maxTasks: () => 50 };
  const withRoom = (db: Database, recipeId: number) =>
    launchRecipe({ ...world.room, db }, request(recipeId), { ...tasks, db });

  it('is refused where its flow is deleted between plan and insert', async () => {
    const { flowId, recipeId } = await addRecipe();
    const answer = await race(
      flowId,
      (tx) => markFlowDeleted(tx, world.caller.personId, flowId),
      (db) => withRoom(db, recipeId),
    );
    assert.ok(answer instanceof Problem && answer.code === 'not_found', String(answer));
    assert.equal(await countJobs(flowId), 0);
  });

  it('is refused where its recipe is deleted between plan and insert', async () => {
    const { flowId, recipeId } = await addRecipe();
    const answer = await race(
      flowId,
      (tx) => markRecipeDeleted(tx, world.caller.personId, recipeId),
      (db) => withRoom(db, recipeId),
    );
    assert.ok(answer instanceof Problem && answer.message.includes(`recipe ${recipeId}`), String(answer));
    assert.equal(await countJobs(flowId), 0);
  });

  it('of an external job is refused in the same way', async () => {
    const { flowId } = await addRecipe();
    const none = { recipeId: null, outputId: null, name: null, description: null, executionId: null };
    const job = { flowId, kind: 'external', ranFrom: 'api', startedBy: 'external', hop: 0, ...none } as const;
    const rest = { plan: null, profiler: false, warnings: [], heartbeatSeconds: null, startedAt: null };
    const creatorId = world.caller.personId;
    const answer = await race(
      flowId,
      (tx) => markFlowDeleted(tx, creatorId, flowId),
      (db) =>
        db.transaction((tx) =>
          launch(tx, db, {
            flowRun: null,
            jobs: [{ ...job, ...rest, startedByDelivery: null, creatorId }],
          }),
        ),
    );
    assert.ok(answer instanceof Problem && answer.code === 'not_found', String(answer));
    assert.equal(await countJobs(flowId), 0);
  });

  it('goes on where nothing is deleted', async () => {
    const { flowId, recipeId } = await addRecipe();
    await race(
      flowId,
      async () => undefined,
      (db) => withRoom(db, recipeId),
    );
    assert.equal(await countJobs(flowId), 1);
  });
});
