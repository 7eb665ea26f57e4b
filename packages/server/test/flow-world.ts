// A room of flows for tests without HTTP: a real database, a real engine, people who call.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { systemClock } from '../src/base/clock.ts';
import { createLog } from '../src/base/log.ts';
import type { Database } from '../src/db/database.ts';
import { keepNothing, type Keeping } from '../src/db/kept-answer.ts';
import { createDuckDbEngine } from '../src/engine/duckdb/duckdb-engine.ts';
import { createDatasetFromUpload } from '../src/flows/datasets/dataset.ts';
import { createFlow } from '../src/flows/flow.ts';
import type { FlowHooks, FlowRoom } from '../src/flows/flow-room.ts';
import { createFlows } from '../src/flows/flows.ts';
import { createRecipe, type NewRecipe } from '../src/flows/recipes/recipe.ts';
import { createAccount } from '../src/people/account.ts';
import type { Caller } from '../src/people/caller.ts';
import type { TestDatabase } from './database.ts';

export interface FlowWorld {
  readonly db: Database;
  readonly room: FlowRoom & Keeping;
  readonly caller: Caller;
  readonly flowId: number;
  addCaller(): Promise<Caller>;
  /** A dataset of a CSV text; gives its id. */
  addDataset(name: string, content: string): Promise<number>;
  /** A recipe in the flow; gives its id. */
  addRecipe(recipe: Partial<NewRecipe>): Promise<number>;
  close(): Promise<void>;
}

export async function makeFlowWorld(
  database: TestDatabase,
  hooks: Partial<FlowHooks> = {},
): Promise<FlowWorld> {
  const db = await database.open();
  const engine = createDuckDbEngine({ scratchFolder: join(database.dataDir, 'scratch') });
  const nothing = async () => undefined;
  const flows = createFlows({
    db,
    engine,
    clock: systemClock,
    log: createLog('silent'),
    isPlanned: async () => false,
    hooks: { flowDeleted: nothing, recipeDeleted: nothing, ...hooks },
    config: { dataDir: database.dataDir, dataRoots: [], uploadLimit: 2 ** 30 },
  });
  await flows.start();
  const room = { ...flows.room, keep: keepNothing };
  const caller = await addCaller(db);
  const { id: flowId } = await createFlow(room, caller, { name: 'A flow', description: null });
  return {
    db,
    room,
    caller,
    flowId,
    addCaller: () => addCaller(db),
    addDataset: async (name, content) => {
      const file = { name: `${name}.csv`, stream: Readable.from([Buffer.from(content)]) };
      return (await createDatasetFromUpload(room, caller, file, async () => ({ name }))).id;
    },
    addRecipe: async (recipe) => {
      const usual = { flowId, name: 'a recipe', description: null, sql: null, input: undefined };
      return (await createRecipe(room, caller, { ...usual, ...recipe })).id;
    },
    async close() {
      await flows.stop();
      await engine.close();
      await db.close();
    },
  };
}

async function addCaller(db: Database): Promise<Caller> {
  const account = { email: `${randomUUID()}@example.com`, name: 'A person', role: 'author' } as const;
  const given = { ...account, password: 'a password for tests' };
  const { id: personId } = await createAccount({ db, keep: keepNothing }, given);
  return { ...account, personId, via: 'token', readOnly: false, flowIds: null };
}
