// What becomes of webhook tasks when a recipe or a flow is deleted: theirs go, those that need it are disabled and say why.
import { sql } from 'kysely';
import type { Tx } from '../../db/database.ts';
import { writeAudit } from '../../workspace/audit-log.ts';
import { findTask, markDeleted, raiseRevision, updateTask } from './stored-task.ts';
import { tasksChanged, type TaskContext } from './task-editing.ts';
import { cancelWaiting, holdWaiting } from '../deliveries/waiting.ts';

interface Deleted {
  readonly flowId: number;
  readonly recipeId: number;
  readonly personId: number;
}

interface Stopped {
  readonly id: number;
  readonly flow_id: number;
}

/** Tasks whose last watched recipe this is, and tasks of any flow that run it; the lock of its flow is held. */
export async function disableTasksOfRecipe(
  tx: Tx,
  context: TaskContext,
  { flowId, recipeId, personId }: Deleted,
): Promise<void> {
  const { rows: watching } = await sql<Stopped>`
    select t.id, t.flow_id from webhook_tasks t join webhook_task_recipes w on w.task_id = t.id
    where t.flow_id = ${flowId} and t.deleted_at is null and t.trigger_object = 'some' and w.recipe_id = ${recipeId}
      and not exists (select 1 from webhook_task_recipes o join recipes r on r.id = o.recipe_id
        where o.task_id = t.id and o.recipe_id <> ${recipeId} and r.deleted_at is null)`.execute(tx);
  const watched = 'The last recipe that it watched was deleted: choose another and enable it.';
  await disable(tx, context, personId, watching, watched);
  const { rows: running } = await sql<Stopped>`
    select id, flow_id from webhook_tasks
    where run_recipe_id = ${recipeId} and deleted_at is null and enabled = 1 order by flow_id, id`.execute(
    tx,
  );
  await disable(
    tx,
    context,
    personId,
    running,
    'The recipe that it runs was deleted: choose another and enable it.',
  );
}

/** A flow is deleted with its tasks; what waits for them is canceled. Others that run its recipes are disabled. The flow's lock is held. */
export async function removeTasksOfFlow(
  tx: Tx,
  context: TaskContext,
  flowId: number,
  personId: number,
): Promise<void> {
  const tasks = await tx
    .selectFrom('webhook_tasks')
    .select('id')
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .execute();
  const ids = tasks.map(({ id }) => id);
  if (ids.length > 0) {
    const revision = await raiseRevision(tx, flowId);
    for (const id of ids) await markDeleted(tx, id, { flowId, revision, personId });
    await cancelWaiting(tx, ids, 'flow_deleted');
  }
  const { rows } = await sql<Stopped>`
    select t.id, t.flow_id from webhook_tasks t join recipes r on r.id = t.run_recipe_id
    where r.flow_id = ${flowId} and t.deleted_at is null and t.enabled = 1 order by t.flow_id, t.id`.execute(
    tx,
  );
  const reason = 'The flow whose recipe it runs was deleted: choose another recipe and enable it.';
  await disable(tx, context, personId, rows, reason);
}

/** Whoever reads the audit log of a task's flow finds who deleted what it needed. */
async function disable(
  tx: Tx,
  { db, box }: TaskContext,
  personId: number,
  stopped: readonly Stopped[],
  disabledReason: string,
): Promise<void> {
  for (const { id, flow_id: flowId } of stopped) {
    const revision = await raiseRevision(tx, flowId);
    const task = (await findTask(tx, box, id))!;
    const change = { ...task, enabled: false, disabledReason };
    await updateTask(tx, box, id, change, { flowId, revision, personId });
    await holdWaiting(tx, id);
    await writeAudit(tx, {
      personId,
      action: 'change',
      objectKind: 'webhook task',
      objectId: id,
      before: { enabled: task.enabled },
      after: { enabled: false, disabledReason },
    });
    db.announce(tx, { topic: tasksChanged, flowId, ids: [id] });
  }
}
