// The tasks of a flow as they were at a revision, ready to decide and to freeze bodies; kept in memory by revision.
import type { Selectable } from 'kysely';
import type { Read } from '../../db/database.ts';
import type { WebhookTasksTable } from '../../db/schema-webhook.ts';
import type { Condition } from './condition.ts';
import type { TaskToDecide } from './decision.ts';
import type { OwedTask } from '../deliveries/new-delivery.ts';
import { parseTemplate } from '../messages/template.ts';
import { readHost } from '../messages/url-template.ts';

export interface LoadedTask extends OwedTask {
  readonly toDecide: TaskToDecide;
}

export interface TaskCache {
  /** `revision` must have been read under the lock of the flow's row: then what is kept under it can't be stale. */
  readOfFlow(db: Read, flowId: number, revision: number): Promise<readonly LoadedTask[]>;
}

/** Flows whose tasks are kept; the oldest makes room. */
const maxFlows = 1000;

export function createTaskCache(): TaskCache {
  const kept = new Map<number, { revision: number; tasks: readonly LoadedTask[] }>();
  return {
    async readOfFlow(db, flowId, revision) {
      const found = kept.get(flowId);
      if (found?.revision === revision) return found.tasks;
      const tasks = await loadTasks(db, flowId, revision);
      kept.delete(flowId);
      if (kept.size >= maxFlows) kept.delete(kept.keys().next().value!);
      kept.set(flowId, { revision, tasks });
      return tasks;
    },
  };
}

async function loadTasks(db: Read, flowId: number, revision: number): Promise<LoadedTask[]> {
  const rows = await db
    .selectFrom('webhook_tasks')
    .selectAll()
    .where('flow_id', '=', flowId)
    .where('bound_job_id', 'is', null)
    .where('born_revision', '<=', revision)
    .where((where) => where.or([where('died_revision', 'is', null), where('died_revision', '>', revision)]))
    .orderBy('id')
    .execute();
  const watched = await loadWatched(db, flowId);
  return rows.map((row) => toLoaded(row, watched.get(row.id) ?? []));
}

/** The tasks that were given with the launch of these jobs, by job; few jobs have any, so nothing of them is kept. */
export async function readBoundTasks(
  db: Read,
  jobIds: readonly number[],
): Promise<Map<number, readonly LoadedTask[]>> {
  const byJob = new Map<number, LoadedTask[]>();
  if (jobIds.length === 0) return byJob;
  const rows = await db
    .selectFrom('webhook_tasks')
    .selectAll()
    .where('bound_job_id', 'in', [...jobIds])
    .orderBy('id')
    .execute();
  for (const row of rows)
    byJob.set(row.bound_job_id!, [...(byJob.get(row.bound_job_id!) ?? []), toLoaded(row, [])]);
  return byJob;
}

function toLoaded(
  row: Selectable<WebhookTasksTable>,
  watchedRecipes: TaskToDecide['watchedRecipes'],
): LoadedTask {
  return {
    id: row.id,
    version: row.version,
    toDecide: {
      id: row.id,
      bornRevision: row.born_revision,
      diedRevision: row.died_revision,
      boundJobId: row.bound_job_id,
      enabled: row.enabled === 1,
      disabledReason: row.disabled_reason,
      triggerEvent: row.trigger_event,
      triggerObject: row.trigger_object,
      watchedRecipes,
      condition: row.condition === null ? null : (JSON.parse(row.condition) as Condition),
    },
    bodyTemplate: row.body === null ? null : parseTemplate(row.body),
    host: readHost(row.url),
  };
}

async function loadWatched(db: Read, flowId: number): Promise<Map<number, { id: number; name: string }[]>> {
  const rows = await db
    .selectFrom('webhook_task_recipes')
    .innerJoin('recipes', 'recipes.id', 'webhook_task_recipes.recipe_id')
    .select(['webhook_task_recipes.task_id', 'recipes.id', 'recipes.name'])
    .where('recipes.flow_id', '=', flowId)
    .orderBy('recipes.id')
    .execute();
  const byTask = new Map<number, { id: number; name: string }[]>();
  for (const { task_id, id, name } of rows)
    byTask.set(task_id, [...(byTask.get(task_id) ?? []), { id, name }]);
  return byTask;
}
