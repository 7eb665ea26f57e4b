// The rows of webhook tasks, written and read; what is secret in them is in one sealed text.
import { sql, type Selectable } from 'kysely';
import type { SecretBox } from '../../base/secret.ts';
import type { Read, Tx } from '../../db/database.ts';
import type { WebhookTasksTable } from '../../db/schema-webhook.ts';
import { slowAfterMs } from '../events/condition.ts';
import { removeDeadline, writeDeadline } from '../events/deadline-store.ts';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import { openWhereKnown, sealTask } from './sealed-task.ts';
import { writeAudit } from '../../workspace/audit-log.ts';
import { auditChange, taskKind, toShown } from './task-audit.ts';
import { readWatched, writeWatched } from './watched-recipe.ts';
import { maskUrl } from './task-change.ts';
import { fieldColumns, readFields, writeFields, type FieldColumns } from './task-column.ts';
import type { TaskDefinition } from './task-rule.ts';
import type { Unusable } from '../messages/unusable.ts';

/** A task with where it stands. Times are epoch milliseconds. */
export interface Task extends TaskDefinition {
  readonly id: number;
  readonly flowId: number;
  readonly disabledReason: string | null;
  readonly creatorId: number | null;
  readonly updaterId: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt: number | null;
  /** The one job that it was given with; null for a task of the flow itself. */
  readonly boundJobId: number | null;
  /** Who chose the recipe that is run: the job has that person's rights. */
  readonly runAsId: number | null;
  /** Why its secrets are missing here; null where they are not. */
  readonly unopened: Unusable | null;
}

/** Selects the tasks of flows themselves: those that were given with a launch are of their job alone. */
export const ofFlowItself = sql<boolean>`t.bound_job_id is null`;

/** What a task is read from beside its fields. */
const ownColumns = [
  'id',
  'flow_id',
  'url',
  'headers',
  'secrets',
  'disabled_reason',
  'creator_id',
  'updater_id',
  'created_at',
  'updated_at',
  'deleted_at',
  'bound_job_id',
  'run_recipe_id',
  'run_as_id',
] as const satisfies (keyof WebhookTasksTable)[];
const selected = sql.raw([...ownColumns, ...fieldColumns].map((column) => `t.${column}`).join(', '));

type Row = Pick<Selectable<WebhookTasksTable>, (typeof ownColumns)[number] | keyof FieldColumns>;

export interface TaskSelection {
  readonly where: ReturnType<typeof sql<boolean>>;
  readonly orderBy: ReturnType<typeof sql>;
  readonly page: ReturnType<typeof sql>;
}

/** Tasks with their secrets in clear, or without them where they can't be opened; `t` is the table's name in the selection, `f` the flow's. */
export async function readTasks(
  db: Read,
  box: SecretBox,
  { where, orderBy, page }: TaskSelection,
): Promise<Task[]> {
  const { rows } = await sql<Row>`
    select ${selected} from webhook_tasks t join flows f on f.id = t.flow_id where ${where} order by ${orderBy} ${page}`.execute(
    db,
  );
  const watched = await readWatched(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => toTask(box, row, watched.get(row.id) ?? []));
}

export async function countTasks(db: Read, where: TaskSelection['where']): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from webhook_tasks t join flows f on f.id = t.flow_id where ${where}`.execute(
    db,
  );
  return rows[0]!.count;
}

/** One task, deleted ones too; undefined where there is none. Throws `Unusable` where its secrets can't be opened. */
export async function findTask(db: Read, box: SecretBox, id: number): Promise<Task | undefined> {
  const task = await findTaskAsItIs(db, box, id);
  // Written again, it would lose them.
  if (task !== undefined && task.unopened !== null) throw task.unopened;
  return task;
}

/** One task to look at: its secrets may be missing. */
export async function findTaskAsItIs(db: Read, box: SecretBox, id: number): Promise<Task | undefined> {
  const selection = { where: sql<boolean>`t.id = ${id}`, orderBy: sql`t.id`, page: sql`` };
  return (await readTasks(db, box, selection))[0];
}

/** Of each task of a flow its version, which is one higher after each change. */
export async function readTaskVersions(db: Read, flowId: number): Promise<{ id: number; version: number }[]> {
  const { rows } = await sql<{ id: number; version: number }>`
    select t.id, t.version from webhook_tasks t
    where t.flow_id = ${flowId} and t.deleted_at is null and ${ofFlowItself} order by t.id`.execute(db);
  return rows;
}

/** The flow of a task and whether it is deleted; undefined where there is none. */
export async function findTaskPlace(
  db: Read,
  id: number,
): Promise<{ readonly flowId: number; readonly deletedAt: number | null } | undefined> {
  const row = await db
    .selectFrom('webhook_tasks')
    .select(['flow_id', 'deleted_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row && { flowId: row.flow_id, deletedAt: row.deleted_at };
}

function toTask(box: SecretBox, row: Row, recipeIds: readonly number[]): Task {
  const sealed = openWhereKnown(box, row);
  return {
    id: row.id,
    flowId: row.flow_id,
    ...readFields(row),
    url: sealed.url ?? row.url,
    headers: { ...(JSON.parse(row.headers) as Record<string, string | null>), ...sealed.headers },
    recipeIds,
    secretKey: sealed.secretKey,
    earlierKey: sealed.earlierKey ?? null,
    secrets: sealed.secrets,
    disabledReason: row.disabled_reason,
    creatorId: row.creator_id,
    updaterId: row.updater_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    boundJobId: row.bound_job_id,
    runRecipeId: row.run_recipe_id,
    runAsId: row.run_as_id,
    unopened: sealed.unopened,
  };
}

function toColumns(task: TaskDefinition) {
  const shown = Object.entries(task.headers).map(([name, value]) => [
    name,
    isSecretHeader(name, task.secretHeaders) ? null : value,
  ]);
  return {
    ...writeFields(task),
    url: maskUrl(task),
    headers: JSON.stringify(Object.fromEntries(shown)),
    slow_after_ms: slowAfterMs(task.condition),
    kind: task.runRecipeId ? ('runJob' as const) : ('request' as const),
    run_recipe_id: task.runRecipeId ?? null,
  };
}

export interface TaskWrite {
  readonly flowId: number;
  /** The flow's task revision, raised under its lock in this transaction. */
  readonly revision: number;
  readonly personId: number;
  /** The change is nobody's: the audit log says so. */
  readonly byServer?: boolean;
  /** The one job that the task is for, where it was given with a launch. */
  readonly boundJobId?: number;
  /** Only where the task comes in disabled. */
  readonly disabledReason?: string | null;
}

export async function insertTask(
  tx: Tx,
  box: SecretBox,
  task: TaskDefinition,
  { flowId, revision, personId, boundJobId, disabledReason = null }: TaskWrite,
): Promise<number> {
  const times = {
    created_at: tx.now,
    updated_at: tx.now,
    creator_id: personId,
    updater_id: personId,
  };
  const run_as_id = task.runRecipeId ? personId : null;
  const given = { flow_id: flowId, born_revision: revision, bound_job_id: boundJobId ?? null, run_as_id };
  const row = { ...given, ...toColumns(task), disabled_reason: disabledReason, ...times };
  const { id } = await tx.insertInto('webhook_tasks').values(row).returning('id').executeTakeFirstOrThrow();
  // The seal names the row, whose id is known only now.
  const sealed = { secrets: sealTask(box, id, task) };
  await tx.updateTable('webhook_tasks').set(sealed).where('id', '=', id).execute();
  await writeWatched(tx, id, task);
  if (boundJobId !== undefined) return id;
  await writeDeadline(tx, { taskId: id, flowId }, task);
  await writeAudit(tx, {
    personId,
    action: 'create',
    objectKind: taskKind,
    objectId: id,
    after: { flowId, ...toShown(task) },
  });
  return id;
}

/** Writes the whole task over the stored one; gives when, in epoch milliseconds. */
export async function updateTask(
  tx: Tx,
  box: SecretBox,
  stored: Task,
  task: TaskDefinition & { disabledReason: string | null },
  { flowId, personId, byServer }: TaskWrite,
): Promise<number> {
  const { id } = stored;
  await auditChange(tx, { personId: byServer === true ? null : personId, objectId: id }, stored, task);
  const { updated_at } = await tx
    .updateTable('webhook_tasks')
    .set({
      ...toColumns(task),
      // Who chooses another recipe lends it their own rights, not those of who chose before.
      run_as_id: sql<number | null>`case when run_recipe_id = ${task.runRecipeId ?? null} then run_as_id
        when ${task.runRecipeId ? 1 : 0} = 1 then ${personId} end`,
      secrets: sealTask(box, id, task),
      disabled_reason: task.disabledReason,
      version: sql<number>`version + 1`,
      updated_at: tx.now,
      updater_id: personId,
    })
    .where('id', '=', id)
    .returning('updated_at')
    .executeTakeFirstOrThrow();
  await tx.deleteFrom('webhook_task_recipes').where('task_id', '=', id).execute();
  await writeWatched(tx, id, task);
  await writeDeadline(tx, { taskId: id, flowId }, task);
  return updated_at;
}

/** Deletes softly: what was decided and sent stays readable. */
export async function markDeleted(tx: Tx, id: number, { revision, personId }: TaskWrite): Promise<void> {
  const deleted = await tx
    .updateTable('webhook_tasks')
    .set({
      deleted_at: tx.now,
      died_revision: revision,
      enabled: 0,
      version: sql<number>`version + 1`,
      updated_at: tx.now,
      updater_id: personId,
    })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning(['flow_id as flowId', 'name', 'url'])
    .executeTakeFirst();
  await removeDeadline(tx, id);
  if (deleted === undefined) return;
  await writeAudit(tx, { personId, action: 'remove', objectKind: taskKind, objectId: id, before: deleted });
}

/** Locks the flow's row and raises its task revision: finishing a job takes the same lock. */
export async function raiseRevision(tx: Tx, flowId: number): Promise<number> {
  const { task_revision } = await tx
    .updateTable('flows')
    .set({ task_revision: sql<number>`task_revision + 1` })
    .where('id', '=', flowId)
    .returning('task_revision')
    .executeTakeFirstOrThrow();
  return task_revision;
}
