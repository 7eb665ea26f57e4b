// Reading deliveries and attempts, as the routes show them.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from '../../db/database.ts';
import { tableOf } from '../../db/rows.ts';
import type { StoredExchange } from './attempt.ts';
import type { DeliveryState } from './delivery-state.ts';
import type { OutcomeReason } from '../sending/outcome.ts';

/** Times are epoch milliseconds. */
export interface DeliveryRow {
  readonly id: number;
  readonly public_id: string;
  readonly state: DeliveryState;
  readonly held: number;
  readonly held_for_crashes: number;
  readonly task_id: number;
  readonly task_name: string;
  readonly flow_id: number;
  readonly flow_name: string;
  readonly job_name: string | null;
  readonly job_id: number | null;
  readonly event_id: number;
  readonly event_kind: string;
  readonly repeats_id: number | null;
  readonly host: string;
  readonly attempt_count: number;
  readonly due_at: number | null;
  readonly last_status_code: number | null;
  readonly last_reason: OutcomeReason | null;
  readonly end_reason: string | null;
  readonly expires_at: number;
  readonly ended_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface DeliverySelection {
  readonly where: RawBuilder<boolean>;
  readonly orderBy: RawBuilder<unknown>;
  readonly page: RawBuilder<unknown>;
}

const columns = sql.raw(`
  d.id, d.public_id, d.state, d.held, d.held_for_crashes, d.task_id, t.name as task_name, d.flow_id, f.name as flow_name, d.job_id,
  coalesce(j.name, r.name, f.name) as job_name, d.event_id, e.kind as event_kind, d.repeats_id,
  d.host, d.attempt_count, d.due_at, d.last_status_code, d.last_reason, d.end_reason, d.expires_at, d.ended_at, d.created_at, d.updated_at`);
const counted = sql.raw('from deliveries d join webhook_tasks t on t.id = d.task_id');
const from = sql.raw(`
  from deliveries d join webhook_tasks t on t.id = d.task_id join events e on e.id = d.event_id join flows f on f.id = d.flow_id
  left join jobs j on j.id = d.job_id left join recipes r on r.id = j.recipe_id`);

export async function readDeliveries(
  db: Read,
  { where, orderBy, page }: DeliverySelection,
): Promise<DeliveryRow[]> {
  const { rows } =
    await sql<DeliveryRow>`select ${columns} ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows;
}

export async function countDeliveries(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${counted} where ${where}`.execute(
    db,
  );
  return rows[0]!.count;
}

/** However many: a page of jobs has as many deliveries as its flows have tasks, and a statement has a most of values. */
function given(db: Read, ids: readonly number[]): RawBuilder<unknown> {
  return sql`select id from ${tableOf(
    db,
    'given',
    { id: 'bigint' },
    ids.map((id) => ({ id })),
  )}`;
}

/** The frozen bodies of deliveries as they are stored, by delivery; one that has none is not there. */
export async function readBodies(db: Read, deliveryIds: readonly number[]): Promise<Map<number, string>> {
  if (deliveryIds.length === 0) return new Map();
  const { rows } = await sql<{ delivery_id: number; body: string | null }>`
    select delivery_id, body from delivery_bodies where delivery_id in (${given(db, deliveryIds)})`.execute(
    db,
  );
  return new Map(rows.flatMap(({ delivery_id, body }) => (body === null ? [] : [[delivery_id, body]])));
}

export interface AttemptRow {
  readonly delivery_id: number;
  readonly number: number;
  readonly started_at: number;
  readonly duration_ms: number | null;
  readonly outcome: 'response' | 'failure';
  readonly status_code: number | null;
  readonly reason: OutcomeReason | null;
  readonly detail: string | null;
  readonly address: string | null;
  /** Null for an attempt that was cut off. */
  readonly exchange: StoredExchange | null;
}

/** The attempts of deliveries, in their order. */
export async function readAttempts(db: Read, deliveryIds: readonly number[]): Promise<AttemptRow[]> {
  if (deliveryIds.length === 0) return [];
  const { rows } = await sql<Omit<AttemptRow, 'exchange'> & { exchange: string | null }>`
    select a.*, x.exchange from attempts a left join attempt_exchanges x on x.delivery_id = a.delivery_id and x.number = a.number
    where a.delivery_id in (${given(db, deliveryIds)}) order by a.delivery_id, a.number`.execute(db);
  return rows.map((row) => ({
    ...row,
    exchange: row.exchange === null ? null : (JSON.parse(row.exchange) as StoredExchange),
  }));
}
