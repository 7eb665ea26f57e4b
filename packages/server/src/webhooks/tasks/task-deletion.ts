// What becomes of webhook tasks when a recipe or a flow is deleted: theirs go, those that need it are disabled and say why.
import type { Tx } from '../../db/database.ts';
import { listStopped, runsFromElsewhere, runsRecipe, watchesLast, type StoppedTask } from './stopped-task.ts';
import { findTask, markDeleted, raiseRevision, updateTask } from './stored-task.ts';
import { tasksChanged, type TaskContext } from './task-editing.ts';
import { cancelWaiting, holdWaiting } from '../deliveries/held-delivery.ts';

interface Deleted {
  readonly recipeId: number;
  readonly personId: number;
}

/** Tasks whose last watched recipe this is, and tasks of any flow that run it; the lock of its flow is held. */
export async function disableTasksOfRecipe(
  tx: Tx,
  context: TaskContext,
  { recipeId, personId }: Deleted,
): Promise<void> {
  const watched = 'The last recipe that it watched was deleted: choose another and enable it.';
  await disable(tx, context, await listStopped(tx, watchesLast(recipeId)), {
    personId,
    disabledReason: watched,
  });
  const run = 'The recipe that it runs was deleted: choose another and enable it.';
  await disable(tx, context, await listStopped(tx, runsRecipe(recipeId)), { personId, disabledReason: run });
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
  const reason = 'The flow whose recipe it runs was deleted: choose another recipe and enable it.';
  await disable(tx, context, await listStopped(tx, runsFromElsewhere(flowId)), {
    personId,
    disabledReason: reason,
  });
}

/** Whoever reads the audit log of a task's flow finds who deleted what it needed. */
async function disable(
  tx: Tx,
  { db, box }: TaskContext,
  stopped: readonly StoppedTask[],
  { personId, disabledReason }: { personId: number; disabledReason: string },
): Promise<void> {
  for (const { id, flowId } of stopped) {
    const revision = await raiseRevision(tx, flowId);
    const task = (await findTask(tx, box, id))!;
    const change = { ...task, enabled: false, disabledReason };
    await updateTask(tx, box, task, change, { flowId, revision, personId });
    await holdWaiting(tx, id);
    db.announce(tx, { topic: tasksChanged, flowId, ids: [id] });
  }
}
