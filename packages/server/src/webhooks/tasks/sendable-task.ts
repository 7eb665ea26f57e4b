// Tasks as they are sent: their secrets in clear, headers that came without a value left out.
import { sql } from 'kysely';
import type { SecretBox } from '../../base/secret.ts';
import type { Database } from '../../db/database.ts';
import type { SendableTask } from '../deliveries/attempt.ts';
import type { TaskOfNow } from '../messages/compiled-task.ts';
import { findTask, readTasks, type Task } from './stored-task.ts';

/** What an attempt needs of a task, as it is now. */
export function createTaskLoader(db: Database, box: SecretBox): (taskId: number) => Promise<SendableTask> {
  return async (taskId) => {
    const task = await findTask(db.read, box, taskId);
    if (task === undefined) throw new Error(`there is no task ${taskId}`);
    const { runRecipeId: recipeId, runAsId: personId, retryOnFailure } = task;
    const run = recipeId && personId ? { recipeId, personId } : null;
    return { task: toSendable(task), retryOnFailure, run };
  };
}

/** The requests of tasks as they are now, by id, deleted ones too; one whose secrets can't be opened is not there. */
export function createTasksLoader(db: Database, box: SecretBox) {
  return async (ids: readonly number[]): Promise<Map<number, TaskOfNow>> => {
    if (ids.length === 0) return new Map();
    const selection = {
      where: sql<boolean>`t.id in (${sql.join([...ids])})`,
      orderBy: sql`t.id`,
      page: sql``,
    };
    const tasks = await readTasks(db.read, box, selection);
    return new Map(tasks.flatMap((task) => (task.unopened === null ? [[task.id, toSendable(task)]] : [])));
  };
}

function toSendable(task: Task): TaskOfNow {
  const headers = Object.entries(task.headers).flatMap(([name, value]) =>
    value === null ? [] : [[name, value]],
  );
  return { ...task, headers: Object.fromEntries(headers) as Record<string, string> };
}
