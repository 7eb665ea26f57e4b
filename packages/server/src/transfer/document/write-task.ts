// Writes the webhook tasks of a document; the lock of the flow is held.
import { foldName } from '@flowhook/contract/flow/name';
import type { DocumentTask, SecretGiven } from '@flowhook/contract/flow/flow-document';
import { documentFields, pickFields } from '@flowhook/contract/webhook/task-field';
import { isSecretByName } from '@flowhook/contract/webhook/webhook-definition';
import { invalidField } from '../../base/error.ts';
import type { Tx } from '../../db/database.ts';
import { requireNoCircle } from '../../webhooks/tasks/chain-rule.ts';
import { raiseRevision, type Task } from '../../webhooks/tasks/stored-task.ts';
import type { TaskChange } from '../../webhooks/tasks/task-change.ts';
import {
  addTask,
  changeStored,
  deleteTask,
  listWarnings,
  type TaskContext,
  type TaskWriter,
} from '../../webhooks/tasks/task-editing.ts';
import type { TaskDefinition } from '../../webhooks/tasks/task-rule.ts';
import { withhold } from '../../webhooks/tasks/missing-secret.ts';
import type { Caller } from '../../people/caller.ts';
import { isSecret } from './document-item.ts';
import { listMissing } from './document-settle.ts';
import { inPart, renameFirst } from './part-problem.ts';
import type { Prepared } from './prepare-document.ts';

export interface TaskWriting {
  readonly tasks: TaskContext;
  readonly caller: Caller;
  readonly flowId: number;
  readonly prepared: Prepared;
  /** Ids of the flow's recipes by their folded names. */
  readonly recipes: ReadonlyMap<string, number>;
}

const rename = renameFirst({ recipeIds: 'recipes', runRecipeId: 'runs' });

/** Those that go make room for those that come; circles are looked for when all of them stand. Returns what looks wrong. */
export async function writeTasks(tx: Tx, writing: TaskWriting): Promise<string[]> {
  const { tasks, caller, flowId, prepared } = writing;
  const { document, changes } = prepared.plan;
  const asked = changes.filter(({ kind }) => kind === 'task');
  if (asked.length === 0) return [];
  const writer = { caller, flowId, revision: await raiseRevision(tx, flowId) };
  const stored = new Map(prepared.stored?.tasks.map((task) => [task.name, task]));
  for (const { key, action } of asked)
    if (action === 'delete') await deleteTask(tx, tasks, writer, stored.get(key)!.id);
  const written: { id: number; index: number; task: TaskDefinition }[] = [];
  for (const [index, task] of document.webhookTasks.entries()) {
    if (!asked.some(({ key }) => key === task.name)) continue;
    const write = () => writeTask(tx, writing, writer, { task, stored: stored.get(task.name), index });
    written.push({ index, ...(await inPart(['webhookTasks', index], write, rename)) });
  }
  for (const { id, index, task } of written)
    await inPart(['webhookTasks', index], () => requireNoCircle(tx, flowId, id, task), rename);
  return written.flatMap(({ task }) =>
    listWarnings(task).map((warning) => `The webhook task ${task.name}: ${warning}`),
  );
}

interface Asked {
  readonly task: DocumentTask;
  readonly stored: Task | undefined;
  readonly index: number;
}

async function writeTask(
  tx: Tx,
  writing: TaskWriting,
  writer: TaskWriter,
  { task, stored, index }: Asked,
): Promise<{ id: number; task: TaskDefinition }> {
  const runRecipeId = findRun(writing, task, index);
  const recipeIds = (task.recipes ?? []).map((name) => findRecipe(writing, name));
  const missing = listMissing(task);
  const own = { recipeIds, runRecipeId };
  if (stored === undefined) {
    const made = withhold(toDefinition(task, own), missing);
    return { id: await addTask(tx, writing.tasks, writer, made), task: made };
  }
  // Written again, it would lose them.
  if (stored.unopened !== null) throw stored.unopened;
  const change = toChange(task, own, missing);
  return { id: stored.id, task: await changeStored(tx, writing.tasks, writer, { stored, change, missing }) };
}

function findRecipe({ recipes }: TaskWriting, name: string): number {
  const id = recipes.get(foldName(name));
  if (id === undefined) throw invalidField('recipes', `There is no recipe named ${JSON.stringify(name)}.`);
  return id;
}

function findRun(writing: TaskWriting, { runs, name }: DocumentTask, index: number): number | null {
  if (runs === null) return null;
  const kept = writing.prepared.keptRuns.get(name);
  if (kept !== undefined) return kept;
  return runs.flow === null ? findRecipe(writing, runs.recipe) : writing.prepared.runs.get(index)!;
}

type Own = Pick<TaskDefinition, 'recipeIds'> & { readonly runRecipeId: number | null };

/** What of a task is the same for one that is made and one that is changed. */
function toCommon(task: DocumentTask, own: Own) {
  return {
    ...own,
    ...pickFields(task, documentFields),
    triggerObject: task.recipes === null ? ('any' as const) : ('some' as const),
    urlSecret: isSecret(task.url),
    secretHeaders: Object.keys(task.headers).filter(
      (name) => isSecret(task.headers[name]!) && !isSecretByName(name),
    ),
  };
}

/** The value that is given; null where there is none to give. */
function valueOf(value: string | SecretGiven | null): string | null {
  if (!isSecret(value)) return value;
  return 'value' in value ? value.value : null;
}

function toDefinition(task: DocumentTask, own: Own): TaskDefinition {
  const { url, headers, secretKey, secrets } = task;
  const all = (values: Readonly<Record<string, string | SecretGiven>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, valueOf(value)]));
  return {
    ...toCommon(task, own),
    url: valueOf(url) ?? '',
    headers: all(headers),
    secretKey: valueOf(secretKey),
    secrets: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, valueOf(value) ?? ''])),
  };
}

/** Null keeps a stored value; what is missing is not kept. */
function toChange(task: DocumentTask, own: Own, missing: readonly string[]): TaskChange {
  const { url, headers, secretKey, secrets } = task;
  const given = (kind: string, values: Readonly<Record<string, string | SecretGiven>>) =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) =>
        missing.includes(`${kind}.${name}`) ? [] : [[name, valueOf(value)]],
      ),
    );
  return {
    ...toCommon(task, own),
    url: valueOf(url) ?? (task.runs === null ? undefined : ''),
    headers: given('headers', headers),
    secretKey: secretKey === null ? '' : valueOf(secretKey),
    secrets: given('secrets', secrets),
  };
}
