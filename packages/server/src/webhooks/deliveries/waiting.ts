// What waits for a task follows the task: held, sent on, moved to another host, or canceled.
import { sql } from 'kysely';
import type { Read, Tx } from '../../db/database.ts';

/** The task's row has been written before in this transaction: its lock is what keeps a settling attempt from passing by. */
export async function holdWaiting(tx: Tx, taskId: number): Promise<void> {
  await sql`
    update deliveries set held = 1, due_at = null, updated_at = ${tx.now}
    where task_id = ${taskId} and state = 'pending' and held = 0`.execute(tx);
}

/** Sends on what was held; what has reached its maximum age by now is dead. */
export async function releaseHeld(tx: Tx, taskId: number): Promise<void> {
  const now = tx.now;
  await sql`
    update deliveries set held = 0, due_at = null, state = 'dead', end_reason = 'expired', ended_at = ${now}, updated_at = ${now}
    where task_id = ${taskId} and state = 'pending' and held = 1 and expires_at <= ${now}`.execute(tx);
  await sql`
    update deliveries set held = 0, due_at = ${now}, updated_at = ${now}
    where task_id = ${taskId} and state = 'pending' and held = 1`.execute(tx);
}

/** The host by which slots are shared follows the URL. */
export async function moveHost(tx: Tx, taskId: number, host: string): Promise<void> {
  await sql`update deliveries set host = ${host} where task_id = ${taskId} and state = 'pending'`.execute(tx);
}

/** Cancels what waits for these tasks; what is being sent is marked with the reason, and ends when its attempt does. */
export async function cancelWaiting(
  tx: Tx,
  taskIds: readonly number[],
  reason: 'task_deleted' | 'flow_deleted',
): Promise<void> {
  if (taskIds.length === 0) return;
  const now = tx.now;
  const ids = sql.join([...taskIds]);
  await sql`
    update deliveries set state = 'canceled', held = 0, due_at = null, end_reason = ${reason}, ended_at = ${now}, updated_at = ${now}
    where task_id in (${ids}) and state = 'pending'`.execute(tx);
  await sql`
    update deliveries set cancel_requested = 1, end_reason = coalesce(end_reason, ${reason}), updated_at = ${now}
    where task_id in (${ids}) and state = 'sending'`.execute(tx);
}

/** What of the flow is not ended, whatever it waits for. */
export async function countWaiting(db: Read, flowId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from deliveries where flow_id = ${flowId} and state in ('pending', 'sending')`.execute(
    db,
  );
  return rows[0]!.count;
}

/** Ends what is held and has reached its maximum age, the oldest first and `most` at once; gives what ended. */
export async function expireHeld(
  tx: Tx,
  most: number,
): Promise<{ readonly id: number; readonly flowId: number }[]> {
  const now = tx.now;
  const { rows } = await sql<{ id: number; flow_id: number }>`
    update deliveries set state = 'dead', held = 0, due_at = null, end_reason = 'expired', ended_at = ${now}, updated_at = ${now}
    where id in (select id from deliveries where state = 'pending' and held = 1 and expires_at <= ${now}
      order by expires_at limit ${most} ${tx.forUpdate} ${tx.skipLocked})
    returning id, flow_id`.execute(tx);
  return rows.map(({ id, flow_id }) => ({ id, flowId: flow_id }));
}
