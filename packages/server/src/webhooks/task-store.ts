// The rows of webhook tasks: read, inserted, changed, marked as deleted; and the task in clear for the one who sends.
import { sql, type RawBuilder } from 'kysely';
import type { SecretBox } from '../base/secret.ts';
import type { Database, Read, Tx } from '../db/database.ts';
import { sqlNow, type EngineName } from '../db/dialect.ts';
import type { WebhookTasksTable } from '../db/schema-webhook.ts';
import { stampColumns, type Selection, type StampedRow } from '../flows/flow-store.ts';
import type { StoredTask } from './attempt.ts';
import type { TaskDefinition } from './task-rule.ts';
import { openTask, sealTask } from './task-seal.ts';

type Columns = Pick<
  WebhookTasksTable,
  | 'flow_id'
  | 'name'
  | 'url'
  | 'method'
  | 'headers'
  | 'secret_headers'
  | 'body'
  | 'trigger_event'
  | 'trigger_object'
  | 'secret_key'
  | 'secrets'
  | 'ssl_verification'
  | 'retry_on_failure'
  | 'enabled'
  | 'disabled_reason'
  | 'url_secret'
>;

/** A task as it is stored, secrets sealed, with the ids of the recipes it watches that still exist. */
export interface TaskRow extends StampedRow, Columns {
  readonly id: number;
  readonly recipeIds: readonly number[];
}

const columns = sql.raw(
  `t.id, t.flow_id, t.name, t.url, t.method, t.headers, t.secret_headers, t.body, t.trigger_event, t.trigger_object,
   t.secret_key, t.secrets, t.ssl_verification, t.retry_on_failure, t.enabled, t.disabled_reason, t.url_secret`,
);
const from = sql.raw(
  `from webhook_tasks t join flows f on f.id = t.flow_id left join people p on p.id = t.creator_id`,
);

export async function readTasks(db: Read, { where, orderBy, page }: Selection): Promise<TaskRow[]> {
  const { rows } = await sql<Omit<TaskRow, 'recipeIds'>>`
    select ${columns}, ${stampColumns('t')} ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  const watched = await readWatched(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, recipeIds: watched.get(row.id) ?? [] }));
}

export async function readTask(db: Read, id: number): Promise<TaskRow | undefined> {
  const where = sql<boolean>`t.id = ${id}`;
  return (await readTasks(db, { where, orderBy: sql`t.id`, page: sql`` }))[0];
}

export async function countTasks(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}

async function readWatched(db: Read, ids: readonly number[]): Promise<Map<number, number[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('webhook_task_recipes as w')
    .innerJoin('recipes as r', 'r.id', 'w.recipe_id')
    .select(['w.task_id', 'w.recipe_id'])
    .where('w.task_id', 'in', ids)
    .where('r.deleted_at', 'is', null)
    .orderBy('w.recipe_id')
    .execute();
  const watched = new Map<number, number[]>();
  for (const row of rows) watched.set(row.task_id, [...(watched.get(row.task_id) ?? []), row.recipe_id]);
  return watched;
}

/** The ids of the flow's recipes. */
export async function readRecipeIds(db: Read, flowId: number): Promise<Set<number>> {
  const rows = await db
    .selectFrom('recipes')
    .select('id')
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Everything of the task with its secrets in clear: never to be shown as it is. */
export function openDefinition(box: SecretBox, row: TaskRow): TaskDefinition {
  return {
    ...openTask(box, row),
    name: row.name,
    method: row.method,
    secretHeaders: JSON.parse(row.secret_headers) as string[],
    body: row.body,
    triggerEvent: row.trigger_event,
    triggerObject: row.trigger_object,
    flowNodeIds: row.recipeIds,
    sslVerification: row.ssl_verification === 1,
    retryOnFailure: row.retry_on_failure === 1,
    enabled: row.enabled === 1,
    urlSecret: row.url_secret === 1,
  };
}

function toColumns(task: TaskDefinition) {
  return {
    name: task.name,
    method: task.method,
    secret_headers: JSON.stringify(task.secretHeaders),
    body: task.body,
    trigger_event: task.triggerEvent,
    trigger_object: task.triggerObject,
    ssl_verification: Number(task.sslVerification),
    retry_on_failure: Number(task.retryOnFailure),
    enabled: Number(task.enabled),
    url_secret: Number(task.urlSecret),
  };
}

/** Raises the flow's task revision and gives the new one; undefined where there is no such flow. Its row is locked from here on, which every change of a task begins with. */
export async function raiseRevision(tx: Tx, flowId: number): Promise<number | undefined> {
  const row = await tx
    .updateTable('flows')
    .set(({ eb }) => ({ task_revision: eb('task_revision', '+', 1) }))
    .where('id', '=', flowId)
    .where('deleted_at', 'is', null)
    .returning('task_revision')
    .executeTakeFirst();
  return row?.task_revision;
}

export interface TaskWriter {
  readonly engine: EngineName;
  readonly box: SecretBox;
  readonly personId: number | null;
}

/** Inserts the task, then its secrets, whose seals name the row's id. */
export async function insertTask(
  tx: Tx,
  { engine, box, personId }: TaskWriter,
  task: TaskDefinition,
  place: { readonly flowId: number; readonly revision: number; readonly disabledReason: string | null },
): Promise<number> {
  const now = sqlNow(engine);
  const { id } = await tx
    .insertInto('webhook_tasks')
    .values({
      ...toColumns(task),
      flow_id: place.flowId,
      url: '',
      headers: '{}',
      disabled_reason: place.disabledReason,
      born_revision: place.revision,
      creator_id: personId,
      updater_id: personId,
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('webhook_tasks')
    .set(sealTask(box, id, task))
    .where('id', '=', id)
    .execute();
  await watchRecipes(tx, id, task);
  return id;
}

export async function updateTask(
  tx: Tx,
  { engine, box, personId }: TaskWriter,
  id: number,
  task: TaskDefinition,
  disabledReason: string | null,
): Promise<void> {
  await tx
    .updateTable('webhook_tasks')
    .set(({ eb }) => ({
      ...toColumns(task),
      ...sealTask(box, id, task),
      disabled_reason: disabledReason,
      version: eb('version', '+', 1),
      updater_id: personId,
      updated_at: sqlNow(engine),
    }))
    .where('id', '=', id)
    .execute();
  await tx.deleteFrom('webhook_task_recipes').where('task_id', '=', id).execute();
  await watchRecipes(tx, id, task);
}

async function watchRecipes(tx: Tx, id: number, { flowNodeIds }: TaskDefinition): Promise<void> {
  const rows = [...new Set(flowNodeIds)].map((recipeId) => ({ task_id: id, recipe_id: recipeId }));
  if (rows.length > 0) await tx.insertInto('webhook_task_recipes').values(rows).execute();
}

/** The row stays, for the decisions and deliveries that name it. */
export async function markTasksDeleted(
  tx: Tx,
  engine: EngineName,
  ids: readonly number[],
  { revision, personId }: { readonly revision: number; readonly personId: number | null },
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('webhook_tasks')
    .set({ died_revision: revision, deleted_at: sqlNow(engine), updater_id: personId })
    .where('id', 'in', ids)
    .execute();
}

/** Gives the function that loads a task as it is now, deleted or not, with its secrets in clear. */
export function createTaskLoader(
  db: Pick<Database, 'read'>,
  box: SecretBox,
): (taskId: number) => Promise<StoredTask> {
  return async (taskId) => {
    const row = await readTask(db.read, taskId);
    if (row === undefined) throw new Error(`there is no webhook task ${taskId}`);
    const { headers, ...task } = openDefinition(box, row);
    const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null);
    return { task: { ...task, headers: Object.fromEntries(given) }, retryOnFailure: task.retryOnFailure };
  };
}
