// The one door: each statement that writes a delivery's state is made here, of the event's column of the table.
import { sql, type RawBuilder } from 'kysely';
import type { Tx } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';
import { insertMany, tableOf, type Columns, type RowOf } from '../../db/rows.ts';
import {
  deliveryBirths,
  isEnded,
  isSending,
  meaningOfDue,
  standingColumns,
  type DeliveryBirth,
  type DeliveryEvent,
  type DeliveryState,
} from './delivery-state.ts';
import { moveWords, whereMoves, writeSets, type MoveWord } from './move-text.ts';

export interface Move {
  readonly event: DeliveryEvent;
  /** Which of the rows that the table lets move, and the guard that they are still the caller's. */
  readonly where: RawBuilder<unknown>;
  /** What `where` and the columns read beside `deliveries`. */
  readonly from?: RawBuilder<unknown>;
  /** A condition under which what goes back to waiting is held at once. */
  readonly holdsWhere?: string;
  /** Milliseconds until it is due, where it waits; it is due at once without them. */
  readonly waitMs?: RawBuilder<unknown>;
  readonly lease?: Lease;
  /** Why it ends, where this ends it or asks for its end. */
  readonly reason?: RawBuilder<unknown>;
  /** Further columns, none of which says where the delivery stands. */
  readonly also?: readonly RawBuilder<unknown>[];
}

export interface Lease {
  readonly nodeId: number;
  /** Longer than the longest attempt, in milliseconds. */
  readonly leaseMs: number;
}

/** A row after its move. */
export interface Moved {
  readonly id: number;
  readonly flow_id: number;
  readonly state: DeliveryState;
  readonly attempt_count: number;
  readonly due_at: number | null;
  /** The database's time, epoch milliseconds. */
  readonly now: number;
}

/** Moves the rows and gives each. */
export async function moveDeliveries(tx: Tx, move: Move): Promise<Moved[]> {
  const { rows } = await sql<Moved>`
    ${makeMove(tx, move)}
    returning deliveries.id, deliveries.flow_id, deliveries.state, deliveries.attempt_count,
      deliveries.due_at, ${tx.now} as now`.execute(tx);
  return rows;
}

/** The same where nobody asks which: a task may have any number of them. */
export async function moveAllDeliveries(tx: Tx, move: Move): Promise<void> {
  await makeMove(tx, move).execute(tx);
}

function makeMove(tx: Tx, { event, where, from, holdsWhere, also = [], ...open }: Move): RawBuilder<unknown> {
  const { sets, movable } = textOf(event, holdsWhere ?? null);
  return sql`
    update deliveries set ${sql.join([fillWords(tx, sets, open), ...also])} ${from === undefined ? sql`` : sql`from ${from}`}
    where ${where} and ${movable}`;
}

interface MoveText {
  /** Text and words in turn, a text first. */
  readonly sets: readonly (RawBuilder<unknown> | MoveWord)[];
  /** Whether the event moves a row of `deliveries`. */
  readonly movable: RawBuilder<unknown>;
}

const word = new RegExp(`:(${moveWords.join('|')})\\b`, 'u');
const texts = new Map<string, MoveText>();

/** Made once for an event and a condition, which are few: it costs as much as the statement. */
function textOf(event: DeliveryEvent, holdsWhere: string | null): MoveText {
  const key = `${event} ${holdsWhere ?? ''}`;
  const kept = texts.get(key);
  if (kept !== undefined) return kept;
  const sets = writeSets(event, holdsWhere)
    .split(word)
    .map((piece, index) => (index % 2 === 1 ? (piece as MoveWord) : sql.raw(piece)));
  const made = { sets, movable: sql.raw(whereMoves(event)) };
  texts.set(key, made);
  return made;
}

function fillWords(
  tx: Tx,
  sets: MoveText['sets'],
  { waitMs, lease, reason }: Pick<Move, 'waitMs' | 'lease' | 'reason'>,
): RawBuilder<unknown> {
  const words: Record<MoveWord, RawBuilder<unknown>> = {
    now: tx.now,
    due: waitMs === undefined ? tx.now : sql`${tx.now} + ${waitMs}`,
    lease: lease === undefined ? nothing : sql`${tx.now} + ${sql.lit(lease.leaseMs)}`,
    node: lease === undefined ? nothing : sql.lit(lease.nodeId),
    reason: reason ?? nothing,
  };
  return sql.join(
    sets.map((piece) => (typeof piece === 'string' ? words[piece] : piece)),
    sql``,
  );
}

const nothing = sql`null`;

/** An attempt that is over, and what is written of it to its delivery. */
export interface AttemptEnd {
  readonly event: DeliveryEvent;
  readonly id: number;
  readonly task_id: number;
  readonly number: number;
  readonly wait_ms: number;
  readonly in_row: number;
  readonly crashes: number;
  readonly status_code: number | null;
  readonly reason: string | null;
  readonly end_reason: string | null;
}

const endColumns = {
  id: 'bigint',
  task_id: 'bigint',
  number: 'bigint',
  wait_ms: 'bigint',
  in_row: 'bigint',
  crashes: 'bigint',
  status_code: 'bigint',
  reason: 'text',
  end_reason: 'text',
} as const;

/** Moves the deliveries of attempts that are over, a statement for each kind of end; `isMine` guards the lease. */
export async function endAttempts(
  tx: Tx,
  ends: readonly AttemptEnd[],
  isMine: RawBuilder<unknown>,
): Promise<Moved[]> {
  const moved: Moved[] = [];
  for (const [event, rows] of Map.groupBy(ends, (end) => end.event)) {
    const given = tableOf(tx, 'given', endColumns, rows);
    // What has arrived goes nowhere where its task would matter.
    const waits = event !== 'succeed';
    moved.push(
      ...(await moveDeliveries(tx, {
        event,
        from: waits ? sql`${given} join webhook_tasks task on task.id = given.task_id` : given,
        where: sql`deliveries.id = given.id and deliveries.attempt_count = given.number and ${isMine}`,
        ...(waits && { holdsWhere: 'task.enabled = 0', waitMs: sql`given.wait_ms` }),
        reason: sql`given.end_reason`,
        also: [
          sql`interrupted_in_row = given.in_row`,
          sql`crashes_in_row = given.crashes`,
          sql`last_status_code = given.status_code`,
          sql`last_reason = given.reason`,
        ],
      })),
    );
  }
  return moved;
}

/** The leases that this names end now, before all that waits: the next claim takes over what was sent under them. */
export async function endLeases(
  tx: Tx,
  where: RawBuilder<unknown>,
  also: readonly RawBuilder<unknown>[] = [],
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update deliveries set ${sql.join([sql`due_at = 0`, ...also])}
    where deliveries.state = 'sending' and deliveries.due_at > 0 and ${where}`.execute(tx);
  return Number(numAffectedRows);
}

/** The leases of attempts that are under way here, which others took for lost, begin anew. */
export async function renewLeases(tx: Tx, ids: readonly number[], { nodeId, leaseMs }: Lease): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update deliveries set due_at = ${tx.now} + ${sql.lit(leaseMs)}
    where id in (${sql.join([...ids])}) and state = 'sending' and lease_node = ${nodeId}`.execute(tx);
}

/** Times of those who are born together, by the database, epoch milliseconds. */
export interface BirthTimes {
  readonly now: number;
  /** When the lease of what is sent at once ends. */
  readonly leasedUntil: number;
}

/** The columns that say where a delivery stands when it is born. */
export function columnsOfBirth(
  birth: DeliveryBirth,
  { now, leasedUntil }: BirthTimes,
  nodeId: number | null,
) {
  const standing = deliveryBirths[birth];
  const isSent = isSending(standing);
  return {
    ...standingColumns[standing],
    attempt_count: isSent ? 1 : 0,
    lease_node: isSent ? nodeId : null,
    claimed_at: isSent ? now : null,
    due_at: { attempt: now, lease: leasedUntil, none: null }[meaningOfDue(standing) ?? 'none'],
    ended_at: isEnded(standing) ? now : null,
  };
}

/** The names of those columns, with their types in a batch. */
export const birthColumns = {
  state: 'text',
  held: 'bigint',
  held_for_crashes: 'bigint',
  cancel_requested: 'bigint',
  attempt_count: 'bigint',
  lease_node: 'bigint',
  claimed_at: 'bigint',
  due_at: 'bigint',
  ended_at: 'bigint',
} as const;

/** Writes those who are born together, whose columns of birth are among these, and gives their ids by public id. */
export async function insertBorn<C extends Columns>(
  tx: Tx,
  columns: C,
  rows: readonly RowOf<C>[],
): Promise<ReadonlyMap<string, number>> {
  const inserted = await insertMany<C, { id: number; public_id: string }>(tx, {
    table: 'deliveries',
    columns,
    rows,
    returning: ['id', 'public_id'],
  });
  return new Map(inserted.map(({ id, public_id }) => [public_id, id]));
}

/** Makes a new delivery of the same event beside another, and gives its id. Its body is the caller's to copy. */
export async function repeatDelivery(
  tx: Tx,
  id: number,
  given: { readonly publicId: string; readonly host: string; readonly maximumAgeMs: number },
): Promise<number> {
  const now = await readNow(tx);
  const columns = columnsOfBirth('repeated', { now, leasedUntil: now }, null);
  const names = sql.raw(Object.keys(columns).join(', '));
  const { rows } = await sql<{ id: number }>`
    insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, host, created_at, updated_at, expires_at, ${names})
    select ${given.publicId}, event_id, task_id, flow_id, job_id, id, ${given.host}, ${sql.lit(now)}, ${sql.lit(now)},
      ${sql.lit(now + given.maximumAgeMs)}, ${sql.join(Object.values(columns).map((value) => sql.lit(value)))}
    from deliveries where id = ${id} returning id`.execute(tx);
  return rows[0]!.id;
}
