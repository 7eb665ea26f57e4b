// Webhook tasks given with the launch of a job: kept as tasks that are bound to that one job, so that everything else is the same.
import { Problem, invalidFields } from '../../base/error.ts';
import type { Tx } from '../../db/database.ts';
import type { Fault } from '../messages/header.ts';
import { insertTask } from './stored-task.ts';
import type { TaskContext } from './task-editing.ts';
import { requireUrl } from './url-refusal.ts';
import { checkTask, findLimitFault, type TaskDefinition } from './task-rule.ts';

/** Throws with the field of each fault, below `overrides.webhooks`. */
export function checkOverrides(context: TaskContext, tasks: readonly TaskDefinition[]): void {
  const limit = tasks.length === 0 ? null : findLimitFault(tasks.length - 1, context.maxTasks());
  if (limit !== null) throw invalidFields([{ field: 'overrides.webhooks', detail: limit }]);
  const faults = tasks.flatMap((task, index) =>
    checkTask(task, { recipeIds: new Set() }).map((fault) => ({
      ...fault,
      field: place(index, fault.field),
    })),
  );
  if (faults.length > 0) throw invalidFields(faults);
  for (const [index, { url }] of tasks.entries()) requireOpenUrl(context, url, index);
}

function place(index: number, field: Fault['field']): string {
  return `overrides.webhooks[${index}].${field}`;
}

function requireOpenUrl(context: TaskContext, url: string, index: number): void {
  try {
    requireUrl(context.policy(), url);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const errors = error.errors.map(({ field, detail }) => ({ field: place(index, field), detail }));
    throw new Problem(error.code, error.message, errors, { ...error.more });
  }
}

/** Keeps the tasks with their job, in the transaction that launches it. */
export async function insertOverrides(
  tx: Tx,
  { box }: TaskContext,
  tasks: readonly TaskDefinition[],
  { flowId, jobId, personId }: { flowId: number; jobId: number; personId: number },
): Promise<void> {
  if (tasks.length === 0) return;
  // Of this moment or of an earlier one: the end of the job has the same revision or a later one.
  const { task_revision: revision } = await tx
    .selectFrom('flows')
    .select('task_revision')
    .where('id', '=', flowId)
    .executeTakeFirstOrThrow();
  for (const task of tasks)
    await insertTask(tx, box, task, { flowId, revision, personId, boundJobId: jobId });
}
