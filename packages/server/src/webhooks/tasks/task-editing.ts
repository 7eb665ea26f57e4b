// Webhook tasks: made, changed and deleted under the flow's lock, so that every decision knows which tasks there were.
import { sql } from 'kysely';
import { Problem, invalidFields, notFound } from '../../base/error.ts';
import type { SecretBox } from '../../base/secret.ts';
import type { Database, Read, Tx } from '../../db/database.ts';
import type { Keeping, Kept } from '../../db/kept-answer.ts';
import { readNow } from '../../db/dialect.ts';
import type { Caller } from '../../people/caller.ts';
import { readNeed, type Need } from '../../people/flow-access.ts';
import { requireFlow } from '../../people/flow-access-store.ts';
import { requireNoCircle } from './chain-rule.ts';
import type { EgressPolicy } from '../sending/egress/policy.ts';
import { deliveriesChanged, deliveriesDue } from '../deliveries/new-delivery.ts';
import { changeTask, type TaskChange } from './task-change.ts';
import { checkTask, findLimitFault, type TaskDefinition } from './task-rule.ts';
import {
  countTasks,
  findTask,
  findTaskAsItIs,
  findTaskPlace,
  insertTask,
  markDeleted,
  ofFlowItself,
  raiseRevision,
  updateTask,
  type Task,
} from './stored-task.ts';
import { warnTask } from './task-warning.ts';
import { readTarget } from '../messages/url-template.ts';
import { requireUrl } from './url-refusal.ts';
import { describeMissing, isMissingField, readWithheldHost, withhold } from './missing-secret.ts';
import { cancelWaiting, holdWaiting, moveHost, releaseHeld } from '../deliveries/held-delivery.ts';

export interface TaskContext {
  readonly db: Database;
  readonly box: SecretBox;
  policy(): EgressPolicy;
  /** Webhook tasks that a flow may have. */
  maxTasks(): number;
}

/** The topic of announcements about webhook tasks. */
export const tasksChanged = 'tasks.changed';

/** Makes a task; the caller must be an editor of the flow. `missing` names the fields whose values come later. Returns its id. */
export async function createTask(
  context: TaskContext & Keeping,
  caller: Caller,
  flowId: number,
  given: TaskDefinition,
  missing: readonly string[] = [],
): Promise<Kept<{ id: number }>> {
  requireMissingFields(missing);
  const task = withhold(given, missing);
  await requireFlow(context.db.read, caller, flowId, 'editor');
  return context.db.transaction(async (tx) => {
    const revision = await raiseRevision(tx, flowId);
    await requireNoCircle(tx, flowId, null, task);
    const id = await addTask(tx, context, { caller, flowId, revision }, task);
    return context.keep(tx, { id });
  });
}

/** The person that writes, in which flow, at which task revision: the flow's lock is held. */
export interface TaskWriter {
  readonly caller: Caller;
  readonly flowId: number;
  readonly revision: number;
}

/** Makes a task by all rules but that of circles, which looks at all tasks together. Returns its id. */
export async function addTask(
  tx: Tx,
  context: TaskContext,
  { caller, flowId, revision }: TaskWriter,
  task: TaskDefinition,
): Promise<number> {
  await requireMayBeCalled(tx, context, caller, task);
  await requireRules(tx, flowId, task);
  await requireBelowLimit(tx, flowId, context.maxTasks());
  const id = await insertTask(tx, context.box, task, {
    flowId,
    revision,
    personId: caller.personId,
    disabledReason: describeMissing(task),
  });
  context.db.announce(tx, { topic: tasksChanged, flowId, ids: [id] });
  return id;
}

/**
 * Changes a task, and gives it as it is then. Disabling holds what waits for it, enabling sends it on; a stored secret never
 * follows to another receiver. Its secrets are opened once, under the lock.
 */
export async function updateTaskOf(
  context: TaskContext,
  caller: Caller,
  id: number,
  change: TaskChange,
  missing: readonly string[] = [],
): Promise<Task> {
  requireMissingFields(missing);
  const { flowId } = await requireTaskPlace(context, caller, id, 'editor');
  return context.db.transaction(async (tx) => {
    const revision = await raiseRevision(tx, flowId);
    const stored = await findTask(tx, context.box, id);
    if (stored === undefined || stored.deletedAt !== null) throw notFound('webhook task', id);
    const changed = await changeStored(
      tx,
      context,
      { caller, flowId, revision },
      { stored, change, missing },
    );
    await requireNoCircle(tx, flowId, id, changed);
    return changed;
  });
}

export interface AskedChange {
  readonly stored: Task;
  readonly change: TaskChange;
  /** Fields whose values come later. */
  readonly missing: readonly string[];
}

/** Changes a task by all rules but that of circles, and gives it as it is then. */
export async function changeStored(
  tx: Tx,
  context: TaskContext,
  { caller, flowId, revision }: TaskWriter,
  { stored, change, missing }: AskedChange,
): Promise<Task> {
  if (change.url && change.url !== stored.url) requireUrl(context.policy(), change.url);
  const changed = changeTask(stored, change, await readNow(tx));
  if (changed.faults.length > 0) throw invalidFields(changed.faults);
  const task = withhold(changed.task, missing);
  await requireRules(tx, flowId, task);
  const switchedOn = task.enabled && !stored.enabled;
  // A recipe that was deleted meanwhile can't be run again by enabling the task.
  if (task.runRecipeId !== stored.runRecipeId || (task.runRecipeId && switchedOn))
    await requireMayBeCalled(tx, context, caller, task);
  return writeChange(tx, context, stored, task, { flowId, revision, personId: caller.personId });
}

async function writeChange(
  tx: Tx,
  context: TaskContext,
  stored: Task,
  task: TaskDefinition,
  write: Parameters<typeof updateTask>[4],
): Promise<Task> {
  const { db, box } = context;
  const { id, flowId } = stored;
  const why = describeMissing(task) ?? stored.disabledReason ?? 'Switched off by hand.';
  const disabledReason = task.enabled ? null : why;
  const updatedAt = await updateTask(tx, box, stored, { ...task, disabledReason }, write);
  if (stored.enabled && !task.enabled) await holdWaiting(tx, id);
  if (!stored.enabled && task.enabled) await releaseHeld(tx, id);
  const host = readTarget(task.url)?.host ?? '';
  if (host !== readTarget(stored.url)?.host) await moveHost(tx, id, host);
  db.announce(tx, { topic: tasksChanged, flowId, ids: [id] });
  db.announce(tx, { topic: deliveriesDue, flowId, ids: [] });
  return { ...stored, ...task, disabledReason, updatedAt, updaterId: write.personId };
}

function requireMissingFields(fields: readonly string[]): void {
  const strange = fields.find((field) => !isMissingField(field));
  if (strange === undefined) return;
  const detail = `${JSON.stringify(strange)} is no secret: name url, secretKey, headers.NAME or secrets.NAME.`;
  throw invalidFields([{ field: 'missingSecrets', detail }]);
}

/** Deletes a task and cancels what waits for it. */
export async function removeTask(context: TaskContext, caller: Caller, id: number): Promise<void> {
  const { flowId } = await requireTaskPlace(context, caller, id, 'editor');
  const { db } = context;
  await db.transaction(async (tx) => {
    const revision = await raiseRevision(tx, flowId);
    await deleteTask(tx, context, { caller, flowId, revision }, id);
  });
}

export async function deleteTask(
  tx: Tx,
  { db }: TaskContext,
  { caller, flowId, revision }: TaskWriter,
  id: number,
): Promise<void> {
  await markDeleted(tx, id, { flowId, revision, personId: caller.personId });
  await cancelWaiting(tx, [id], 'task_deleted');
  db.announce(tx, { topic: tasksChanged, flowId, ids: [id] });
  db.announce(tx, { topic: deliveriesChanged, flowId, ids: [] });
}

/** Where a task is, without opening its secrets; throws as `requireTask` does. */
export async function requireTaskPlace(
  context: TaskContext,
  caller: Caller,
  id: number,
  need: Need,
): Promise<{ readonly flowId: number }> {
  const row = await findTaskPlace(context.db.read, id);
  if (row === undefined || (row.deletedAt !== null && !readNeed(need).includeDeleted))
    throw notFound('webhook task', id);
  await requireFlowOfTask(context, caller, { id, flowId: row.flowId }, need);
  return row;
}

async function requireFlowOfTask(
  { db }: TaskContext,
  caller: Caller,
  { id, flowId }: { readonly id: number; readonly flowId: number },
  need: Need,
): Promise<void> {
  await requireFlow(db.read, caller, flowId, need).catch((error: unknown) => {
    // The task is what was asked for: its flow's number is not the caller's business.
    throw error instanceof Problem && error.code === 'not_found' ? notFound('webhook task', id) : error;
  });
}

/** A task that the caller may see; throws `not_found` where there is none, or it is deleted and that is not asked for. */
export async function requireTask(
  context: TaskContext,
  caller: Caller,
  id: number,
  need: Need,
): Promise<Task> {
  const task = await findTaskAsItIs(context.db.read, context.box, id);
  if (task === undefined || (task.deletedAt !== null && !readNeed(need).includeDeleted))
    throw notFound('webhook task', id);
  await requireFlowOfTask(context, caller, task, need);
  return task;
}

/** Throws where the egress policy does not let the request go, or the caller may not run the recipe. */
async function requireMayBeCalled(
  read: Read,
  context: TaskContext,
  caller: Caller,
  task: TaskDefinition,
): Promise<void> {
  const { runRecipeId } = task;
  if (!runRecipeId)
    return readWithheldHost(task.url) === null ? requireUrl(context.policy(), task.url) : undefined;
  const recipe = await read
    .selectFrom('recipes')
    .select('flow_id')
    .where('id', '=', runRecipeId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  const missing = invalidFields([
    { field: 'runRecipeId', detail: `There is no recipe ${runRecipeId}, or you may not see it.` },
  ]);
  if (recipe === undefined) throw missing;
  await requireFlow(read, caller, recipe.flow_id, 'viewer').catch((error: unknown) => {
    throw error instanceof Problem ? missing : error;
  });
}

async function requireRules(tx: Tx, flowId: number, task: TaskDefinition): Promise<void> {
  const recipes = await tx
    .selectFrom('recipes')
    .select('id')
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .execute();
  const faults = checkTask(task, { recipeIds: new Set(recipes.map(({ id }) => id)) });
  if (faults.length > 0) throw invalidFields(faults);
}

/**
 * Throws `limit_reached` where the flow has as many tasks as it may have. Its lock is held, so that two at once don't both
 * take the last place.
 */
export async function requireBelowLimit(tx: Tx, flowId: number, maxTasks: number): Promise<void> {
  const tasks = await countTasks(
    tx,
    sql<boolean>`t.flow_id = ${flowId} and t.deleted_at is null and ${ofFlowItself}`,
  );
  const fault = findLimitFault(tasks, maxTasks);
  if (fault !== null)
    throw new Problem('limit_reached', fault, [{ field: 'flowId', detail: fault }], { limit: maxTasks });
}

/** What works but looks wrong. */
export function listWarnings(task: TaskDefinition): string[] {
  const headers = Object.fromEntries(
    Object.entries(task.headers).map(([name, value]) => [name, value ?? '']),
  );
  return warnTask({ ...task, headers }).map(({ field, detail }) => `${field}: ${detail}`);
}
