// Redelivering and canceling by hand, by the table of states.
import { sql } from 'kysely';
import { Problem, notFound } from '../../base/error.ts';
import type { Database, Tx } from '../../db/database.ts';
import {
  DELIVERY_REFUSALS,
  moveDelivery,
  readStanding,
  type DeliveryEvent,
  type DeliveryState,
} from './delivery-state.ts';
import { deliveriesChanged, deliveriesDue } from './owed.ts';
import { DEAD_REASONS } from './retry.ts';
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
  readonly cancel_requested: number;
  readonly attempt_count: number;
  readonly round_start: number;
  readonly flow_id: number;
  readonly task_id: number;
  readonly event_id: number;
  readonly end_reason: string | null;
  readonly enabled: number;
  readonly task_url: string;
  readonly task_deleted: number | null;
}

/** Asks for a delivery again under the same id, in a fresh round of the schedule; a disabled task holds it. */
export async function redeliver({ db, maximumAgeMs }: ByHandContext, id: number): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockDelivery(tx, id);
    requireSendable(row);
    const { position } = requireMove(row, 'redeliver');
    const now = tx.now;
    const fresh =
      row.state === 'pending'
        ? {}
        : { interrupted_in_row: 0, expires_at: sql<number>`${now} + ${sql.lit(maximumAgeMs())}` };
    const due = row.enabled === 1 ? { held: 0, due_at: now } : { held: 1, due_at: null };
    await tx
      .updateTable('deliveries')
      .set({
        state: 'pending',
        round_start: position.roundStart,
        host: readHost(row.task_url),
        end_reason: null,
        ended_at: null,
        cancel_requested: 0,
        updated_at: now,
        ...due,
        ...fresh,
      })
      .where('id', '=', id)
      .execute();
    announce(tx, db, row);
  });
}

/** Makes a new delivery of the same event, with the same body and a new id: a receiver that drops repeats takes it. */
export async function sendAsNew(
  { db, makePublicId, maximumAgeMs }: ByHandContext,
  id: number,
): Promise<number> {
  return db.transaction(async (tx) => {
    const row = await lockDelivery(tx, id);
    requireSendable(row);
    const now = tx.now;
    const due = row.enabled === 1 ? now : sql.raw('null');
    const { rows } = await sql<{ id: number }>`
      insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, state, held, due_at, host, created_at, updated_at, expires_at)
      select ${makePublicId()}, event_id, task_id, flow_id, job_id, id, 'pending', ${sql.lit(row.enabled === 1 ? 0 : 1)}, ${due}, ${readHost(row.task_url)}, ${now}, ${now},
        ${now} + ${sql.lit(maximumAgeMs())} from deliveries where id = ${id} returning id`.execute(tx);
    const added = rows[0]!.id;
    await sql`insert into delivery_bodies (delivery_id, body) select ${sql.lit(added)}, body from delivery_bodies where delivery_id = ${id}`.execute(
      tx,
    );
    announce(tx, db, { ...row, id: added });
    return added;
  });
}

/** Cancels what waits; what is being sent is marked, and the mark ends what would go on. */
export async function cancelDelivery({ db }: ByHandContext, id: number): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockDelivery(tx, id);
    requireMove(row, 'cancel');
    const now = tx.now;
    const waiting = {
      state: 'canceled' as const,
      held: 0,
      due_at: null,
      end_reason: 'by_hand',
      ended_at: now,
      updated_at: now,
    };
    await tx
      .updateTable('deliveries')
      .set(
        row.state === 'sending'
          ? { cancel_requested: 1, end_reason: row.end_reason ?? 'by_hand', updated_at: now }
          : waiting,
      )
      .where('id', '=', id)
      .execute();
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
    select id, state, held, cancel_requested, attempt_count, round_start, flow_id, task_id, event_id, end_reason from deliveries where id = ${id} ${tx.forUpdate}`.execute(
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
      `${DEAD_REASONS[row.end_reason]} There is nothing to send: correct the task's body and run the job again.`,
    );
}

function requireMove(row: Locked, event: DeliveryEvent) {
  const standing = readStanding({
    state: row.state,
    held: row.held === 1,
    cancelRequested: row.cancel_requested === 1,
  });
  const move = moveDelivery(
    { standing, attemptCount: row.attempt_count, roundStart: row.round_start },
    event,
  );
  if (!move.moved) throw new Problem('conflict', DELIVERY_REFUSALS[move.refused]);
  return move;
}

function announce(tx: Tx, db: Database, { id, flow_id: flowId }: Pick<Locked, 'id' | 'flow_id'>): void {
  db.announce(tx, { topic: deliveriesChanged, flowId, ids: [id] });
  db.announce(tx, { topic: deliveriesDue, flowId, ids: [] });
}
