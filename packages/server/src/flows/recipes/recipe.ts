// Making, changing, deleting and reading recipes.
import type { Asker } from '../../base/turn.ts';
import { Problem, notFound } from '../../base/error.ts';
import type { Tx } from '../../db/database.ts';
import type { Keeping, Kept } from '../../db/kept-answer.ts';
import type { Caller } from '../../people/caller.ts';
import { readNeed, type Need } from '../../people/flow-access.ts';
import { requireFlow } from '../../people/flow-access-store.ts';
import { requireDataset } from '../datasets/dataset-access.ts';
import { linkDataset } from '../datasets/dataset-link.ts';
import { readDefaults } from '../default-value.ts';
import { announceFlow, type FlowRoom } from '../flow-room.ts';
import { lockFlow, selectOne } from '../flow-store.ts';
import { readGraph, toDatasetNode, type FlowGraph } from '../graph-store.ts';
import { Outdated, repeatOutdated } from '../repeated-change.ts';
import { checkDraft, type Checked, type Draft } from './recipe-check.ts';
import { findReadingCircle } from './recipe-graph.ts';
import {
  insertRecipe,
  readRecipes,
  removeNote,
  updateRecipe,
  type RecipeContent,
  type RecipeRow,
} from './recipe-store.ts';
import { recheckFlow, type Warning } from './recheck.ts';
import { toRefusal } from '../refusal.ts';

/** What a recipe reads first of all: a dataset (by its own id) or a recipe. */
export interface InputChoice {
  readonly kind: 'dataset' | 'recipe';
  readonly id: number;
}

export interface NewRecipe {
  readonly flowId: number;
  readonly name: string;
  readonly description: string | null;
  readonly sql: string | null;
  readonly input: InputChoice | undefined;
}

export type RecipeChange = {
  readonly [Name in keyof Omit<NewRecipe, 'flowId'>]?: NewRecipe[Name] | undefined;
} & {
  /** Null removes the note: without SQL the recipe passes its input on then. */
  readonly note?: null | undefined;
};

/** Stands for a dataset that comes into the flow together with the recipe. */
const arrivingId = -1;

interface Prepared {
  readonly graph: FlowGraph;
  readonly primaryInputId: number | null;
  /** The dataset that is not in the flow yet. */
  readonly arriving: number | null;
}

/** Finds the primary input in the flow, or beside it. */
async function prepareInput(
  room: FlowRoom,
  caller: Caller,
  flowId: number,
  input: InputChoice | undefined,
): Promise<Prepared> {
  const graph = await readGraph(room.db.read, flowId);
  if (input === undefined) return { graph, primaryInputId: null, arriving: null };
  if (input.kind === 'recipe') {
    const recipe = graph.get(input.id);
    if (recipe?.kind !== 'recipe') throw noInput(`This flow has no recipe ${input.id}.`);
    return { graph, primaryInputId: recipe.id, arriving: null };
  }
  const dataset = await requireDataset(room, caller, input.id, 'read').catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') throw noInput(error.message);
    throw error;
  });
  const node = [...graph.values()].find((each) => each.dataset?.id === dataset.id);
  if (node !== undefined) return { graph, primaryInputId: node.id, arriving: null };
  // A withheld one comes anew: the flow may read it by then, or it is refused.
  const others = [...graph].filter(([, each]) => each.withheld !== dataset.id);
  const whole = new Map([...others, [arrivingId, toDatasetNode(arrivingId, dataset)]]);
  return { graph: whole, primaryInputId: arrivingId, arriving: dataset.id };
}

function noInput(detail: string): Problem {
  return new Problem('not_found', detail, [{ field: 'input.id', detail }]);
}

/** Blank SQL is none: the recipe passes its input on. */
function normalizeSql(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text;
}

async function requireChecked(
  room: FlowRoom,
  flowId: number,
  graph: FlowGraph,
  { asker, ...draft }: Draft & { readonly asker: Asker },
): Promise<Checked & { ok: true }> {
  const parameters = await readDefaults(room, flowId);
  const checked = await checkDraft(room.engine, graph, draft, { asker, parameters });
  if (checked.ok) return checked;
  throw toRefusal(checked.failure, draft.sql === null ? 'input' : 'sql');
}

interface Settling {
  readonly flowId: number;
  readonly prepared: Prepared;
  readonly content: RecipeContent;
  readonly id: number | null;
}

/** The recipe's content under the flow's lock: the arriving dataset has its node, and nothing that it reads has gone. */
async function settleContent(
  tx: Tx,
  caller: Caller,
  { flowId, prepared, content, id }: Settling,
): Promise<RecipeContent> {
  const { arriving } = prepared;
  const node = arriving === null ? null : await linkDataset(tx, caller, { flowId, datasetId: arriving });
  const place = (input: number) => (input === arrivingId ? node! : input);
  const inputIds = content.inputIds.map(place);
  const graph = await readGraph(tx, flowId);
  if (
    inputIds.some((input) => !graph.has(input)) ||
    (id !== null && findReadingCircle(graph, id, inputIds) !== null)
  )
    throw new Problem('conflict', 'Something that the recipe reads was changed just now: try again.');
  const primary = content.primaryInputId;
  return { ...content, inputIds, primaryInputId: primary === null ? null : place(primary) };
}

export async function createRecipe(
  room: FlowRoom & Keeping,
  caller: Caller,
  recipe: NewRecipe,
): Promise<Kept<{ id: number }>> {
  const { db } = room;
  const { flowId, name, description, input } = recipe;
  await requireFlow(db.read, caller, flowId, 'editor');
  const prepared = await prepareInput(room, caller, flowId, input);
  const { primaryInputId } = prepared;
  const draft = { id: null, name, sql: normalizeSql(recipe.sql), primaryInputId };
  const { columns, inputIds } = await requireChecked(room, flowId, prepared.graph, {
    ...draft,
    asker: caller.personId,
  });
  const content = { name, description, sql: draft.sql, primaryInputId, columns, inputIds };
  const made = await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    const settled = await settleContent(tx, caller, { flowId, prepared, content, id: null });
    const id = await insertRecipe(tx, caller.personId, flowId, settled);
    announceFlow(room, tx, flowId);
    return room.keep(tx, { id });
  });
  await recheckFlow(room, flowId, [], { asker: caller.personId });
  return made;
}

async function readOne(room: FlowRoom, id: number): Promise<RecipeRow> {
  return (await readRecipes(room.db.read, selectOne('r.id', id)))[0]!;
}

/** The recipe's row; throws `not_found` where the caller may not see its flow, `forbidden` where the role is too low. */
export async function requireRecipe(
  room: FlowRoom,
  caller: Caller,
  id: number,
  need: Need,
): Promise<RecipeRow> {
  const [row] = await readRecipes(room.db.read, selectOne('r.id', id));
  if (row === undefined || (row.deleted_at !== null && !readNeed(need).includeDeleted))
    throw notFound('recipe', id);
  await requireFlowOf(room, caller, need, { flowId: row.flow_id, hidden: notFound('recipe', id) });
  return row;
}

/** As `requireFlow`, with the problem of the object that was asked for: its flow's number is not the caller's business. */
export async function requireFlowOf(
  { db }: Pick<FlowRoom, 'db'>,
  caller: Caller,
  need: Need,
  { flowId, hidden }: { readonly flowId: number; readonly hidden: Problem },
): Promise<void> {
  try {
    await requireFlow(db.read, caller, flowId, need);
  } catch (error) {
    throw error instanceof Problem && error.code === 'not_found' ? hidden : error;
  }
}

export interface ChangedRecipe {
  readonly recipe: RecipeRow;
  /** Recipes that read this one and no longer validate. */
  readonly warnings: readonly Warning[];
}

/** What is not named in the change stays, also what somebody else writes meanwhile. */
export async function changeRecipe(
  room: FlowRoom,
  caller: Caller,
  id: number,
  change: RecipeChange,
): Promise<ChangedRecipe> {
  const flowId = await repeatOutdated(() => writeChange(room, caller, id, change));
  return {
    warnings: await recheckFlow(room, flowId, [id], { asker: caller.personId }),
    recipe: await readOne(room, id),
  };
}

async function writeChange(
  room: FlowRoom,
  caller: Caller,
  id: number,
  change: RecipeChange,
): Promise<number> {
  const { db } = room;
  const row = await requireRecipe(room, caller, id, 'editor');
  const flowId = row.flow_id;
  const asked = await prepareInput(room, caller, flowId, change.input);
  const prepared = change.note === null ? { ...asked, graph: withoutNote(asked.graph, id) } : asked;
  const content = {
    name: change.name ?? row.name,
    description: change.description === undefined ? row.description : change.description,
    sql: change.sql === undefined ? row.sql_text : normalizeSql(change.sql),
    primaryInputId: prepared.primaryInputId ?? row.primary_input_id,
  };
  const untouched =
    content.sql === row.sql_text && content.primaryInputId === row.primary_input_id && change.note !== null;
  const found = untouched
    ? keepFound(prepared.graph, row)
    : await requireChecked(room, flowId, prepared.graph, { id, ...content, asker: caller.personId });
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await requireUnchanged(tx, row);
    const { columns, inputIds } = found;
    const whole = { ...content, columns, inputIds };
    const settled = await settleContent(tx, caller, { flowId, prepared, content: whole, id });
    await updateRecipe(tx, caller.personId, id, settled);
    if (change.note === null) await removeNote(tx, id);
    announceFlow(room, tx, flowId);
  });
  return flowId;
}

/** Under the flow's lock: the change was prepared from what is there still. */
async function requireUnchanged(tx: Tx, row: RecipeRow): Promise<void> {
  const [now] = await readRecipes(tx, selectOne('r.id', row.id));
  if (now === undefined || now.deleted_at !== null) throw notFound('recipe', row.id);
  const content = ({ name, description, sql_text, primary_input_id, columns }: RecipeRow) =>
    JSON.stringify([name, description, sql_text, primary_input_id, columns]);
  if (content(now) !== content(row)) throw new Outdated();
}

function withoutNote(graph: FlowGraph, id: number): FlowGraph {
  const node = graph.get(id);
  return node === undefined ? graph : new Map([...graph, [id, { ...node, waitsForSql: false }]]);
}

/** A new name or description leaves what the last check found. */
function keepFound(
  graph: FlowGraph,
  { id, columns }: RecipeRow,
): Pick<RecipeContent, 'columns' | 'inputIds'> {
  return { columns, inputIds: graph.get(id)?.inputIds ?? [] };
}

/** Checks SQL as an editor has it. What is wrong with it is an answer, not a problem. */
export async function checkRecipe(
  room: FlowRoom,
  caller: Caller,
  draft: Omit<NewRecipe, 'description' | 'sql'> & { readonly id: number | null; readonly sql: string },
): Promise<Checked> {
  await requireFlow(room.db.read, caller, draft.flowId, 'viewer');
  const { graph, primaryInputId } = await prepareInput(room, caller, draft.flowId, draft.input);
  const edited = draft.id === null ? undefined : graph.get(draft.id);
  if (draft.id !== null && edited?.kind !== 'recipe') throw notFound('recipe', draft.id);
  const primary = primaryInputId ?? edited?.primaryInputId ?? null;
  const { id, name } = draft;
  const parameters = await readDefaults(room, draft.flowId);
  const whole = { id, name, sql: normalizeSql(draft.sql), primaryInputId: primary };
  return checkDraft(room.engine, graph, whole, { asker: caller.personId, parameters });
}
