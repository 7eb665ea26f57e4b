// What waits for a task follows the task: held, sent on, moved to another host, or canceled.
import { sql } from 'kysely';
import type { Read, Tx } from '../../db/database.ts';
import { moveAllDeliveries, moveDeliveries } from './delivery-move.ts';

/** The task's row has been written before in this transaction: its lock is what keeps a settling attempt from passing by. */
export async function holdWaiting(tx: Tx, taskId: number): Promise<void> {
  await moveAllDeliveries(tx, { event: 'hold', where: sql`deliveries.task_id = ${taskId}` });
}

/** Sends on what was held; what has reached its maximum age by now is dead. */
export async function releaseHeld(tx: Tx, taskId: number): Promise<void> {
  const isOfTask = sql`deliveries.task_id = ${taskId}`;
  await moveAllDeliveries(tx, {
    event: 'expire',
    where: sql`${isOfTask} and deliveries.held = 1 and deliveries.expires_at <= ${tx.now}`,
    reason: sql`'expired'`,
  });
  await moveAllDeliveries(tx, { event: 'release', where: isOfTask });
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
  await moveAllDeliveries(tx, {
    event: 'cancel',
    where: sql`deliveries.task_id in (${sql.join([...taskIds])})`,
    reason: sql`${reason}`,
  });
}

/** What of the flow is not ended, whatever it waits for. */
export async function countWaiting(db: Read, flowId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from deliveries where flow_id = ${flowId} and state in ('pending', 'sending')`.execute(
    db,
  );
  return rows[0]!.count;
}

/** Ends what is held and has reached its maximum age, the oldest first and `max` at once; gives what ended. */
export async function expireHeld(
  tx: Tx,
  max: number,
): Promise<{ readonly id: number; readonly flowId: number }[]> {
  const ended = await moveDeliveries(tx, {
    event: 'expire',
    where: sql`deliveries.id in (select id from deliveries where state = 'pending' and held = 1 and expires_at <= ${tx.now}
      order by expires_at limit ${max} ${tx.forUpdate} ${tx.skipLocked})`,
    reason: sql`'expired'`,
  });
  return ended.map(({ id, flow_id }) => ({ id, flowId: flow_id }));
}
