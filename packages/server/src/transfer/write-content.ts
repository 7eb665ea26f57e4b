// Writes a flow's content as a new flow, whole or not at all: it runs in the caller's transaction.
import type { Tx } from '../db/database.ts';
import { insertDataset } from '../flows/datasets/dataset-store.ts';
import { announceFlow, datasetsChanged, type FlowRoom } from '../flows/flow-room.ts';
import { insertFlow } from '../flows/flow-store.ts';
import { ensureDatasetNode } from '../flows/graph-store.ts';
import { writeWaitingUri } from '../flows/datasets/location.ts';
import { insertOutput, insertWriteSetting } from '../flows/output-store.ts';
import { insertParameter } from '../flows/parameter-store.ts';
import { insertRecipe } from '../flows/recipes/recipe-store.ts';
import { schedulesChanged } from '../schedules/firing.ts';
import { insertSchedule } from '../schedules/schedule-store.ts';
import { requireNoCircle } from '../webhooks/tasks/chain-rule.ts';
import { insertTask, raiseRevision } from '../webhooks/tasks/stored-task.ts';
import { requireBelowLimit, tasksChanged, type TaskContext } from '../webhooks/tasks/task-editing.ts';
import type { DatasetPart, FlowContent, Key, OutputPart, RecipePart } from './flow-content.ts';

export interface TransferContext {
  readonly room: FlowRoom;
  readonly tasks: TaskContext;
}

/** Which row each part has become, by its key. */
export interface Written {
  readonly flowId: number;
  readonly nodes: ReadonlyMap<Key, number>;
  /** Dataset ids by the dataset's key. */
  readonly datasets: ReadonlyMap<Key, number>;
  readonly outputs: readonly { readonly id: number; readonly settingIds: readonly number[] }[];
  readonly tasks: ReadonlyMap<number, number>;
  readonly scheduleId: number | null;
}

export async function writeContent(
  tx: Tx,
  context: TransferContext,
  personId: number,
  content: FlowContent,
): Promise<Written> {
  const { room } = context;
  const { name, description } = content;
  const flowId = await insertFlow(tx, personId, { name, description });
  const nodes = new Map<Key, number>();
  const datasets = new Map<Key, number>();
  for (const part of content.datasets) {
    const id = await writeDataset(tx, room, personId, part);
    datasets.set(part.key, id);
    nodes.set(part.key, await ensureDatasetNode(tx, flowId, id));
  }
  for (const part of content.recipes)
    nodes.set(part.key, await writeRecipe(tx, { personId, flowId, nodes }, part));
  for (const part of content.parameters) await insertParameter(tx, personId, flowId, part);
  const outputs = [];
  for (const part of content.outputs)
    outputs.push(await writeOutput(tx, room, { personId, flowId, nodes }, part));
  const tasks = await writeTasks(tx, context, { personId, flowId, nodes }, content);
  const scheduleId = await writeSchedule(tx, room, { personId, flowId }, content);
  announceFlow(room, tx, flowId);
  return { flowId, scheduleId, nodes, datasets, outputs, tasks };
}

async function writeDataset(
  tx: Tx,
  { db }: FlowRoom,
  personId: number,
  { name, description, source, reading, pattern }: DatasetPart,
): Promise<number> {
  if (source.kind === 'existing') return source.dataset.id;
  if (source.kind === 'withheld') return source.id;
  const place =
    source.kind === 'uri'
      ? { origin: 'uri' as const, uri: source.uri, bytes: source.bytes }
      : { origin: 'waiting' as const, uri: writeWaitingUri(source.reference), bytes: null };
  const id = await insertDataset(tx, personId, {
    name,
    description,
    reading,
    ...place,
    ...(pattern !== null && source.kind === 'uri' && { pattern }),
  });
  db.announce(tx, { topic: datasetsChanged, flowId: null, ids: [id] });
  return id;
}

interface Place {
  readonly personId: number;
  readonly flowId: number;
  readonly nodes: ReadonlyMap<Key, number>;
}

/** Its columns are found by the check that follows the transaction. */
async function writeRecipe(
  tx: Tx,
  { personId, flowId, nodes }: Place,
  { name, description, sql, note, inputs, primary }: RecipePart,
): Promise<number> {
  const inputIds = inputs.map((key) => nodes.get(key)!);
  const primaryInputId = primary === null ? null : nodes.get(primary)!;
  const content = { name, description, sql, primaryInputId, columns: null, inputIds };
  const id = await insertRecipe(tx, personId, flowId, content);
  if (note !== null) await tx.insertInto('recipe_notes').values({ recipe_id: id, note }).execute();
  return id;
}

async function writeOutput(
  tx: Tx,
  { engine }: FlowRoom,
  { personId, flowId, nodes }: Place,
  { recipe, isAdhoc, execution, profiler, settings }: OutputPart,
): Promise<{ id: number; settingIds: number[] }> {
  const recipeId = nodes.get(recipe)!;
  const output = { flowId, recipeId, isAdhoc, execution, engine: engine.name, profiler };
  const id = await insertOutput(tx, personId, output);
  const settingIds = [];
  for (const rule of settings) settingIds.push(await insertWriteSetting(tx, personId, id, rule));
  return { id, settingIds };
}

async function writeTasks(
  tx: Tx,
  { tasks: { db, box, maxTasks } }: TransferContext,
  { personId, flowId, nodes }: Place,
  { tasks }: FlowContent,
): Promise<Map<number, number>> {
  const written = new Map<number, number>();
  if (tasks.length === 0) return written;
  const revision = await raiseRevision(tx, flowId);
  for (const { key, task, target, disabledReason } of tasks) {
    await requireBelowLimit(tx, flowId, maxTasks());
    const recipeIds = task.recipeIds.map((recipe) => nodes.get(recipe)!);
    const runRecipeId =
      target === null ? null : target.kind === 'own' ? nodes.get(target.recipe)! : target.id;
    const whole = { ...task, recipeIds, runRecipeId };
    await requireNoCircle(tx, flowId, null, whole);
    const place = { flowId, revision, personId, disabledReason };
    written.set(key, await insertTask(tx, box, whole, place));
  }
  db.announce(tx, { topic: tasksChanged, flowId, ids: [...written.values()] });
  return written;
}

/** Why a schedule that came with its flow does nothing yet. */
const scheduleCameOff = 'It came with its flow: look at it and enable it.';

/** Switched off, so that nothing runs unawares. */
async function writeSchedule(
  tx: Tx,
  { db }: FlowRoom,
  { personId, flowId }: Pick<Place, 'personId' | 'flowId'>,
  { schedule }: FlowContent,
): Promise<number | null> {
  if (schedule === null) return null;
  const place = { flowId, personId, nextAt: null, disabledReason: scheduleCameOff };
  const id = await insertSchedule(tx, place, schedule);
  db.announce(tx, { topic: schedulesChanged, flowId, ids: [id] });
  return id;
}
