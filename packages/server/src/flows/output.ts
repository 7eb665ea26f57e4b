// Making, changing and deleting outputs.
import { sql } from 'kysely';
import type { WriteSettingGiven } from '@flowhook/contract/flow/write-setting';
import { Problem, notFound } from '../base/error.ts';
import type { Tx } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import type { Caller } from '../people/caller.ts';
import { readNeed, type Need } from '../people/flow-access.ts';
import { announceFlow, type FlowRoom } from './flow-room.ts';
import { lockFlow, selectOne } from './flow-store.ts';
import {
  insertOutput,
  insertWriteSetting,
  markDeleted,
  readOutputs,
  readSettingsOf,
  updateOutput,
  type NewOutput,
  type OutputRow,
  type WriteSettingRow,
} from './output-store.ts';
import { refuseTakenPlaces } from './places/place-refusal.ts';
import { requireFlowOf, requireRecipe } from './recipes/recipe.ts';
import { refuseSamePlace, settleWriteSetting, type WriteRule } from './write-setting-rule.ts';

export interface OutputInput {
  readonly recipeId: number;
  readonly isAdhoc: boolean;
  readonly execution: string;
  readonly profiler: boolean;
  readonly writeSettings: readonly WriteSettingGiven[];
}

export interface OutputChange {
  readonly execution?: string | undefined;
  readonly profiler?: boolean | undefined;
  /** A list takes the place of all there are. */
  readonly writeSettings?: readonly WriteSettingGiven[] | undefined;
}

export interface WholeOutput {
  readonly output: OutputRow;
  readonly settings: readonly WriteSettingRow[];
}

/** Throws for all of a list that can't be stored; `at` is where the caller wrote the list. */
export function settleList(given: readonly WriteSettingGiven[], at = 'writeSettings'): WriteRule[] {
  const rules = given.map((setting, index) => settleWriteSetting(setting, `${at}[${index}].`));
  refuseSamePlace(rules, (index) => `${at}[${index}].path`);
  return rules;
}

/** Gives a recipe an output; one ad hoc and one scheduled is all that a recipe has. */
export async function createOutput(
  room: FlowRoom & Keeping,
  caller: Caller,
  { recipeId, isAdhoc, execution, profiler, writeSettings }: OutputInput,
): Promise<Kept<{ id: number }>> {
  const { db, engine } = room;
  const { flow_id: flowId } = await requireRecipe(room, caller, recipeId, 'editor');
  const rules = settleList(writeSettings);
  return db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await refuseSecond(tx, recipeId, isAdhoc);
    const output = { flowId, recipeId, isAdhoc, execution, engine: engine.name, profiler };
    const id = await writeOutput(tx, caller.personId, output, rules);
    await refuseTakenPlaces(
      tx,
      caller,
      { flowId, rules, outputsDir: room.locations.outputsDir },
      (index) => `writeSettings[${index}].path`,
    );
    announceFlow(room, tx, flowId);
    return room.keep(tx, { id });
  });
}

/** The output with its write settings; gives its id. */
export async function writeOutput(
  tx: Tx,
  personId: number,
  output: NewOutput,
  rules: readonly WriteRule[],
): Promise<number> {
  const id = await insertOutput(tx, personId, output);
  for (const rule of rules) await insertWriteSetting(tx, personId, id, rule);
  return id;
}

async function refuseSecond(tx: Tx, recipeId: number, isAdhoc: boolean): Promise<void> {
  const live = await tx
    .selectFrom('recipes')
    .select('id')
    .where('id', '=', recipeId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (live === undefined) throw notFound('recipe', recipeId);
  const other = await tx
    .selectFrom('outputs')
    .select('id')
    .where('recipe_id', '=', recipeId)
    .where('is_adhoc', '=', isAdhoc ? 1 : 0)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (other === undefined) return;
  const kind = isAdhoc ? 'ad hoc' : 'scheduled';
  throw new Problem(
    'conflict',
    `The recipe has an ${kind} output already, ${other.id}: change that one, or delete it first.`,
    [{ field: 'recipeId', detail: `has an ${kind} output already.` }],
    { output: { id: other.id } },
  );
}

async function readWhole({ db }: FlowRoom, id: number): Promise<WholeOutput> {
  const [output] = await readOutputs(db.read, selectOne('o.id', id));
  return { output: output!, settings: await readSettingsOf(db.read, [id]) };
}

/** The output's row; throws `not_found` where the caller may not see its flow, `forbidden` where the role is too low. */
export async function requireOutput(
  room: FlowRoom,
  caller: Caller,
  id: number,
  need: Need,
): Promise<OutputRow> {
  const [row] = await readOutputs(room.db.read, selectOne('o.id', id));
  if (row === undefined || (row.deleted_at !== null && !readNeed(need).includeDeleted))
    throw notFound('output', id);
  await requireFlowOf(room, caller, need, { flowId: row.flow_id, hidden: notFound('output', id) });
  return row;
}

/** The output with its write settings; those of a deleted one are those that went with it. */
export async function readOutput(
  room: FlowRoom,
  caller: Caller,
  id: number,
  includeDeleted = false,
): Promise<WholeOutput> {
  const output = await requireOutput(room, caller, id, { role: 'viewer', includeDeleted });
  return { output, settings: await readSettingsOf(room.db.read, [id]) };
}

export async function changeOutput(
  room: FlowRoom,
  caller: Caller,
  id: number,
  { execution, profiler, writeSettings }: OutputChange,
): Promise<WholeOutput> {
  const { db } = room;
  const { flow_id: flowId } = await requireOutput(room, caller, id, 'editor');
  const rules = writeSettings === undefined ? undefined : settleList(writeSettings);
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await refuseDeleted(tx, id);
    await updateOutput(tx, caller.personId, id, { execution, profiler });
    if (rules !== undefined) {
      const fieldOf = (index: number) => `writeSettings[${index}].path`;
      await replaceSettings(tx, caller.personId, id, rules);
      await refuseTakenPlaces(tx, caller, { flowId, rules, outputsDir: room.locations.outputsDir }, fieldOf);
    }
    announceFlow(room, tx, flowId);
  });
  return readWhole(room, id);
}

/** Under the flow's lock: whoever deleted it has committed. */
export async function refuseDeleted(tx: Tx, outputId: number): Promise<void> {
  const live = await tx
    .selectFrom('outputs')
    .select('id')
    .where('id', '=', outputId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (live === undefined) throw notFound('output', outputId);
}

export async function replaceSettings(
  tx: Tx,
  personId: number,
  outputId: number,
  rules: readonly WriteRule[],
): Promise<void> {
  const old = await readSettingsOf(tx, [outputId]);
  for (const { id } of old) await markDeleted(tx, personId, 'write_settings', id);
  for (const rule of rules) await insertWriteSetting(tx, personId, outputId, rule);
}

/** Deletes an output with its write settings; jobs that run go on. */
export async function removeOutput(room: FlowRoom, caller: Caller, id: number): Promise<void> {
  const { db } = room;
  const { flow_id: flowId } = await requireOutput(room, caller, id, 'editor');
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await markOutputDeleted(tx, caller.personId, id);
    announceFlow(room, tx, flowId);
  });
}

export async function markOutputDeleted(tx: Tx, personId: number, id: number): Promise<void> {
  await replaceSettings(tx, personId, id, []);
  await markDeleted(tx, personId, 'outputs', id);
}

/** The outputs of a flow's live recipes, for its graph. */
export async function readOutputsOfFlow({ db }: FlowRoom, flowId: number): Promise<OutputRow[]> {
  const where = sql<boolean>`o.flow_id = ${flowId} and o.deleted_at is null`;
  return readOutputs(db.read, { where, orderBy: sql`o.id`, page: sql`` });
}
