// The rows of deadlines: one for each enabled task that waits for an output that is not refreshed.
import { sql } from 'kysely';
import type { Read, Tx } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';
import type { Condition } from './condition.ts';
import { asDeadline, firstDeadline, type Deadline, type Watched } from './deadline.ts';

interface Timed {
  readonly condition: Condition | null;
  readonly enabled: boolean;
}

/** Keeps the deadline of a task in step with it, in the transaction that changes the task; one that still holds stays. */
export async function writeDeadline(
  tx: Tx,
  { taskId, flowId }: { taskId: number; flowId: number },
  { condition, enabled }: Timed,
): Promise<void> {
  const timed = enabled ? asDeadline(condition) : null;
  if (timed === null) return removeDeadline(tx, taskId);
  const text = JSON.stringify(timed);
  const kept = await tx
    .selectFrom('webhook_deadlines')
    .select('condition')
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  if (kept?.condition === text) return;
  await removeDeadline(tx, taskId);
  const now = await readNow(tx);
  const first = firstDeadline(timed, now);
  if (first === null) return;
  const { dueAt: due_at, windowStart: window_start } = first;
  const row = { task_id: taskId, flow_id: flowId, condition: text, due_at, window_start, created_at: now };
  await tx.insertInto('webhook_deadlines').values(row).execute();
}

export async function removeDeadline(tx: Tx, taskId: number): Promise<void> {
  await tx.deleteFrom('webhook_deadlines').where('task_id', '=', taskId).execute();
}

/** Moves a deadline on; without a next one it is over. */
export async function moveDeadline(tx: Tx, taskId: number, next: Deadline | null): Promise<void> {
  if (next === null) return removeDeadline(tx, taskId);
  await tx
    .updateTable('webhook_deadlines')
    .set({ due_at: next.dueAt, window_start: next.windowStart })
    .where('task_id', '=', taskId)
    .execute();
}

/** The flows of deadlines that have come, those of the longest ago first. */
export async function readDueFlows(db: Read, max: number): Promise<number[]> {
  const rows = await db
    .selectFrom('webhook_deadlines')
    .select('flow_id')
    .where('due_at', '<=', db.now)
    .groupBy('flow_id')
    .orderBy(sql`min(due_at)`)
    .limit(max)
    .execute();
  return rows.map(({ flow_id }) => flow_id);
}

/** The deadlines of a flow that have come. */
export function readDue(db: Read, flowId: number) {
  return db
    .selectFrom('webhook_deadlines')
    .innerJoin('webhook_tasks', 'webhook_tasks.id', 'webhook_deadlines.task_id')
    .select([
      'webhook_deadlines.task_id',
      'webhook_deadlines.condition',
      'webhook_deadlines.due_at',
      'webhook_deadlines.window_start',
      'webhook_tasks.trigger_object',
    ])
    .where('webhook_deadlines.flow_id', '=', flowId)
    .where('webhook_deadlines.due_at', '<=', db.now)
    .orderBy('webhook_deadlines.task_id')
    .execute();
}

/** What a task watches, with the last success at or before `dueAt`: an index has it for each recipe. */
export async function readWatchedSuccesses(
  tx: Tx,
  task: {
    readonly taskId: number;
    readonly flowId: number;
    readonly watchesSome: boolean;
    readonly dueAt: number;
  },
): Promise<Watched[]> {
  if (!task.watchesSome) return [{ recipe: null, lastSuccessAt: await readFlowSuccess(tx, task) }];
  const { rows } = await sql<{ id: number; name: string; at: number | null }>`
    select r.id, r.name, (select max(j.finished_at) from jobs j where j.flow_id = ${task.flowId} and j.recipe_id = r.id
      and j.state = 'complete' and j.finished_at <= ${task.dueAt}) as at
    from webhook_task_recipes w join recipes r on r.id = w.recipe_id
    where w.task_id = ${task.taskId} and r.deleted_at is null order by r.id`.execute(tx);
  return rows.map(({ id, name, at }) => ({ recipe: { id, name }, lastSuccessAt: at }));
}

async function readFlowSuccess(
  tx: Tx,
  { flowId, dueAt }: { readonly flowId: number; readonly dueAt: number },
): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`
    select max(finished_at) as at from jobs
    where flow_id = ${flowId} and state = 'complete' and finished_at <= ${dueAt}`.execute(tx);
  return rows[0]?.at ?? null;
}
