// Writes the parameters, datasets, recipes and outputs of a document; the lock of the flow is held.
import { foldName } from '@flowhook/contract/flow/name';
import type { Tx } from '../../db/database.ts';
import { datasetsChanged, announceFlow, type FlowRoom } from '../../flows/flow-room.ts';
import { insertDataset, readUses, updateDataset } from '../../flows/datasets/dataset-store.ts';
import { linkDataset } from '../../flows/datasets/dataset-link.ts';
import { refuseTakenPlaces } from '../../flows/places/place-refusal.ts';
import { markOutputDeleted, replaceSettings, writeOutput } from '../../flows/output.ts';
import { updateOutput } from '../../flows/output-store.ts';
import { insertParameter, markParameterDeleted, updateParameter } from '../../flows/parameter-store.ts';
import { insertRecipe, removeNote, storeCheck, updateRecipe } from '../../flows/recipes/recipe-store.ts';
import type { Caller } from '../../people/caller.ts';
import { orderByInputs } from '../input-order.ts';
import { outputKey, outputKinds } from './document-item.ts';
import { inPart } from './part-problem.ts';
import type { PreparedDataset } from './prepare-dataset.ts';
import type { Prepared } from './prepare-document.ts';
import type { PreparedRecipe } from './prepare-recipe.ts';

export interface Writing {
  readonly room: FlowRoom;
  readonly caller: Caller;
  readonly flowId: number;
  readonly prepared: Prepared;
  /** Node ids by those that the preparation gave to what was not there yet. */
  readonly ids: Map<number, number>;
}

const idOf = ({ ids }: Writing, id: number) => ids.get(id) ?? id;

export async function writeGraph(tx: Tx, writing: Writing): Promise<void> {
  await writeParameters(tx, writing);
  for (const [index, dataset] of writing.prepared.datasets.entries())
    await inPart(['datasets', index], () => writeDataset(tx, writing, dataset));
  await writeRecipes(tx, writing);
  const outputs = listChanged(writing.prepared);
  for (const output of outputs) await inPart(output.at, () => writeOneOutput(tx, writing, output));
  // Only once all are written: two may change places.
  for (const output of outputs) await inPart(output.at, () => refusePlaces(tx, writing, output));
}

async function writeParameters(tx: Tx, { prepared, caller: { personId }, flowId }: Writing): Promise<void> {
  const { plan, parameters } = prepared;
  const rows = new Map(prepared.stored?.parameters.map((row) => [foldName(row.name), row.id]));
  for (const { kind, key, action } of plan.changes) {
    if (kind !== 'parameter') continue;
    const content = parameters.get(key);
    if (content === undefined) await markParameterDeleted(tx, personId, rows.get(key)!);
    else if (action === 'create') await insertParameter(tx, personId, flowId, content);
    else await updateParameter(tx, personId, rows.get(key)!, content);
  }
}

async function writeDataset(tx: Tx, writing: Writing, { nodeId, row, act }: PreparedDataset): Promise<void> {
  const { room, caller, flowId, ids } = writing;
  const { personId } = caller;
  if (act.kind === 'keep') return;
  if (act.kind === 'change') {
    await updateDataset(tx, personId, row.id, act.change);
    for (const use of await readUses(tx, row.id)) announceFlow(room, tx, use.flowId);
  }
  const id = act.kind === 'make' ? await insertDataset(tx, personId, act.dataset) : row.id;
  if (act.kind !== 'attach') room.db.announce(tx, { topic: datasetsChanged, flowId: null, ids: [id] });
  if (act.kind !== 'change') ids.set(nodeId, await linkDataset(tx, caller, { flowId, datasetId: id }));
}

/** New ones first, each after the new ones that it reads, so that those that were there can read them. */
async function writeRecipes(tx: Tx, writing: Writing): Promise<void> {
  const { recipes } = writing.prepared;
  const made = new Map(recipes.filter(({ before }) => before === null).map((each) => [each.node.id, each]));
  const inputsOf = (id: number) => made.get(id)!.node.inputIds.filter((input) => made.has(input));
  for (const id of orderByInputs([...made.keys()], inputsOf)) {
    const content = toContent(writing, made.get(id)!);
    writing.ids.set(id, await insertRecipe(tx, writing.caller.personId, writing.flowId, content));
  }
  for (const recipe of recipes) if (recipe.before !== null) await changeRecipe(tx, writing, recipe);
}

function toContent(writing: Writing, { recipe: { description }, node }: PreparedRecipe) {
  const { name, sql, primaryInputId, columns, inputIds } = node;
  const primary = primaryInputId === null ? null : idOf(writing, primaryInputId);
  const inputs = inputIds.map((id) => idOf(writing, id));
  return { name, description, sql, primaryInputId: primary, columns, inputIds: inputs };
}

async function changeRecipe(tx: Tx, writing: Writing, recipe: PreparedRecipe): Promise<void> {
  const { node, before } = recipe;
  const content = toContent(writing, recipe);
  const isChanged = writing.prepared.plan.changes.some(
    ({ kind, key }) => kind === 'recipe' && key === foldName(node.name),
  );
  if (isChanged) await updateRecipe(tx, writing.caller.personId, node.id, content);
  else if (
    JSON.stringify([before!.columns, before!.inputIds]) !==
    JSON.stringify([content.columns, content.inputIds])
  )
    await storeCheck(tx, node, content);
  if (before!.waitsForSql && !node.waitsForSql && node.sql === null) await removeNote(tx, node.id);
}

type ChangedOutput = ReturnType<typeof listChanged>[number];

/** The outputs that differ from what is stored, each with its place in the document; without `output` it goes. */
function listChanged({ recipes, plan: { changes }, outputs }: Prepared) {
  return recipes.flatMap(({ recipe: { name }, node }, index) =>
    outputKinds.flatMap((kind) => {
      const key = outputKey(name, kind);
      const change = changes.find((each) => each.kind === 'output' && each.key === key);
      const at = ['recipes', index, 'outputs', kind];
      return change === undefined ? [] : [{ node, kind, change, output: outputs.get(key), at }];
    }),
  );
}

async function writeOneOutput(
  tx: Tx,
  writing: Writing,
  { node, kind, change, output }: ChangedOutput,
): Promise<void> {
  const { room, flowId, prepared } = writing;
  const { personId } = writing.caller;
  const isAdhoc = kind === 'adhoc';
  const row = prepared.stored?.outputs.find(
    ({ recipe_id, is_adhoc }) => recipe_id === node.id && (is_adhoc === 1) === isAdhoc,
  );
  if (output === undefined) return markOutputDeleted(tx, personId, row!.id);
  const { execution, profiler, rules } = output;
  if (row === undefined) {
    const place = { flowId, recipeId: idOf(writing, node.id), isAdhoc, engine: room.engine.name };
    await writeOutput(tx, personId, { ...place, execution, profiler }, rules);
    return;
  }
  await updateOutput(tx, personId, row.id, { execution, profiler });
  if (change.fields.some(({ field }) => field === 'files'))
    await replaceSettings(tx, personId, row.id, rules);
}

async function refusePlaces(
  tx: Tx,
  { room, caller, flowId }: Writing,
  { output }: ChangedOutput,
): Promise<void> {
  if (output === undefined) return;
  await refuseTakenPlaces(
    tx,
    caller,
    { flowId, rules: output.rules, outputsDir: room.locations.outputsDir },
    (index) => `files[${index}].path`,
  );
}
