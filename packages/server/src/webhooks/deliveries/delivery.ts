// Redelivering and canceling by hand, by the table of states.
import { sql } from 'kysely';
import { Problem, notFound } from '../../base/error.ts';
import type { Database, Tx } from '../../db/database.ts';
import type { Keeping, Kept } from '../../db/kept-answer.ts';
import { moveAllDeliveries, moveDeliveries, repeatDelivery } from './delivery-move.ts';
import {
  moveDelivery,
  readStanding,
  roundAfter,
  type DeliveryEvent,
  type DeliveryState,
} from './delivery-state.ts';
import { deliveriesChanged, deliveriesDue } from './new-delivery.ts';
import { deadReasons } from './retry.ts';
import { readHost } from '../messages/url-template.ts';

export interface ByHandContext {
  readonly db: Database;
  makePublicId(): string;
  maximumAgeMs(): number;
}

interface Locked {
  readonly id: number;
  readonly state: DeliveryState;
  readonly held: number;
  readonly held_for_crashes: number;
  readonly cancel_requested: number;
  readonly flow_id: number;
  readonly task_id: number;
  readonly end_reason: string | null;
  readonly enabled: number;
  readonly task_url: string;
  readonly task_deleted: number | null;
}

/** Asks for a delivery again under the same id, in a fresh round of the schedule; a disabled task holds it. */
export async function redeliver(
  { db, maximumAgeMs, keep }: ByHandContext & Keeping,
  id: number,
): Promise<Kept<{ id: number }>> {
  return db.transaction(async (tx) => {
    const row = await lockDelivery(tx, id);
    requireSendable(row);
    requireMove(row, 'redeliver');
    const fresh = [
      sql`interrupted_in_row = 0`,
      sql`crashes_in_row = 0`,
      sql`expires_at = ${tx.now} + ${sql.lit(maximumAgeMs())}`,
    ];
    await moveDeliveries(tx, {
      event: 'redeliver',
      from: sql`webhook_tasks task`,
      where: sql`deliveries.id = ${id} and task.id = deliveries.task_id`,
      holdsWhere: 'task.enabled = 0',
      also: [
        sql`host = ${readHost(row.task_url)}`,
        ...(roundAfter(readStanding(row), 'redeliver') === 'fresh' ? fresh : []),
      ],
    });
    announce(tx, db, row);
    return keep(tx, { id });
  });
}

/** Makes a new delivery of the same event, with the same body and a new id: a receiver that drops repeats takes it. */
export async function sendAsNew(
  { db, makePublicId, maximumAgeMs, keep }: ByHandContext & Keeping,
  id: number,
): Promise<Kept<{ id: number }>> {
  return db.transaction(async (tx) => {
    const row = await lockDelivery(tx, id);
    requireSendable(row);
    const added = await repeatDelivery(tx, id, {
      publicId: makePublicId(),
      host: readHost(row.task_url),
      maximumAgeMs: maximumAgeMs(),
    });
    await sql`insert into delivery_bodies (delivery_id, body) select ${sql.lit(added)}, body from delivery_bodies where delivery_id = ${id}`.execute(
      tx,
    );
    if (row.enabled === 0)
      await moveAllDeliveries(tx, { event: 'hold', where: sql`deliveries.id = ${added}` });
    announce(tx, db, { ...row, id: added });
    return keep(tx, { id: added });
  });
}

/** Cancels what waits; what is being sent is marked, and the mark ends what would go on. */
export async function cancelDelivery({ db }: ByHandContext, id: number): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockDelivery(tx, id);
    requireMove(row, 'cancel');
    await moveDeliveries(tx, { event: 'cancel', where: sql`deliveries.id = ${id}`, reason: sql`'by_hand'` });
    announce(tx, db, row);
  });
}

/** The task first, then the delivery: the order in which a settling attempt locks them, too. */
async function lockDelivery(tx: Tx, id: number): Promise<Locked> {
  const found = await tx.selectFrom('deliveries').select('task_id').where('id', '=', id).executeTakeFirst();
  if (found === undefined) throw notFound('delivery', id);
  const tasks = await sql<{ enabled: number; url: string; deleted_at: number | null }>`
    select enabled, url, deleted_at from webhook_tasks where id = ${found.task_id} ${tx.forUpdate}`.execute(
    tx,
  );
  const { rows } = await sql<Omit<Locked, 'enabled' | 'task_url' | 'task_deleted'>>`
    select id, state, held, held_for_crashes, cancel_requested, flow_id, task_id, end_reason from deliveries where id = ${id} ${tx.forUpdate}`.execute(
    tx,
  );
  // Retention may have removed it between the two looks.
  if (rows.length === 0) throw notFound('delivery', id);
  const { enabled, url, deleted_at } = tasks.rows[0]!;
  return { ...rows[0]!, enabled, task_url: url, task_deleted: deleted_at };
}

function requireSendable(row: Locked): void {
  if (row.task_deleted !== null)
    throw new Problem('gone', 'The task of this delivery was deleted: there is nowhere to send it.');
  // It was born dead without a body: asked for again it would go out empty.
  if (row.end_reason === 'body_too_large' || row.end_reason === 'body_failed')
    throw new Problem(
      'conflict',
      `${deadReasons[row.end_reason]} There is nothing to send: correct the task's body and run the job again.`,
    );
}

/** Refuses what the table does not let move; the row is locked, so that the statement that follows finds it the same. */
function requireMove(row: Locked, event: DeliveryEvent): void {
  const move = moveDelivery({ standing: readStanding(row), attemptCount: 0, roundStart: 0 }, event);
  if (!move.moved) throw new Problem('conflict', move.detail);
}

function announce(tx: Tx, db: Database, { id, flow_id: flowId }: Pick<Locked, 'id' | 'flow_id'>): void {
  db.announce(tx, { topic: deliveriesChanged, flowId, ids: [id] });
  db.announce(tx, { topic: deliveriesDue, flowId, ids: [] });
}
