// Attempts that were cut off: leases that end before their time, and what is written down where nobody is left to settle.
import { sql } from 'kysely';
import { isCrashOf } from '../../db/node-end.ts';
import type { Database, Tx } from '../../db/database.ts';
import { insertMany } from '../../db/rows.ts';
import { endAttempts, endLeases, type AttemptEnd, type Moved } from './delivery-move.ts';
import type { DueRow } from './delivery-due.ts';
import type { DeliveryState } from './delivery-state.ts';
import { decideNext } from './retry.ts';
import { tallyInterrupted } from './tally.ts';
import { insertTallies } from './tally-store.ts';

export interface CutOff {
  /** Due again at once. */
  readonly again: readonly DueRow[];
  readonly ended: readonly Interrupted[];
}

/** An attempt that was settled as cut off. */
export interface Interrupted {
  readonly row: DueRow;
  /** Where its delivery stands since. */
  readonly state: DeliveryState;
  /** Why that is dead; null where it is not. */
  readonly why: string | null;
  /** Held from now on: it ended our process too often. */
  readonly crashed: boolean;
}

/** Settles the attempts of rows whose lease is over; what may go on at once is given. */
export async function settleCutOff(tx: Tx, rows: readonly DueRow[]): Promise<CutOff> {
  if (rows.length === 0) return { again: [], ended: [] };
  const tasks = await lockTasks(tx, rows);
  // One whose task is being changed at this moment keeps its place until the next round.
  const ends = rows.filter(({ task_id }) => tasks.has(task_id)).map(decideEnd);
  const moved = await endAttempts(tx, ends, sql`deliveries.due_at <= ${tx.now}`);
  const after = new Map(moved.map((row) => [row.id, row]));
  const changed = rows.filter(({ id }) => after.has(id));
  await insertInterrupted(tx, changed, after);
  const decided = new Map(ends.map((end) => [end.id, end]));
  return {
    again: changed.filter(({ id }) => isDue(after.get(id)!)).map(takeOut),
    ended: changed.map((row) => tell(row, after.get(row.id)!, decided.get(row.id)!)),
  };
}

/**
 * What was cut off goes back to its task first: one that is disabled by now sends nothing. The lock keeps a change of the task
 * from passing what goes back to waiting; who changes a task waits for the rows that are locked here, so that a lock which is
 * taken is not waited for.
 */
async function lockTasks(tx: Tx, rows: readonly DueRow[]): Promise<ReadonlySet<number>> {
  const ids = new Set(rows.map(({ task_id }) => task_id));
  const { rows: tasks } = await sql<{ id: number }>`
    select id from webhook_tasks where id in (${sql.join([...ids])}) ${tx.forShare} ${tx.skipLocked}`.execute(
    tx,
  );
  return new Set(tasks.map(({ id }) => id));
}

function decideEnd(row: DueRow): AttemptEnd {
  const next = decideNext({
    outcome: { kind: 'failure', reason: 'interrupted', detail: '' },
    attemptCount: row.attempt_count,
    roundStart: row.round_start,
    interruptedInRow: row.interrupted_in_row,
    crashesInRow: row.crashes_in_row,
    retryOnFailure: false,
    schedule: [],
    expiresAt: row.expires_at,
    now: row.now,
    random: 0,
  });
  return {
    event: next.event,
    id: row.id,
    task_id: row.task_id,
    number: row.attempt_count,
    wait_ms: next.state === 'pending' ? next.dueAt - row.now : 0,
    in_row: next.interruptedInRow,
    crashes: row.crashes_in_row,
    status_code: null,
    reason: 'interrupted',
    end_reason: next.state === 'dead' ? next.why : null,
  };
}

function tell(row: DueRow, { state }: Moved, { event, end_reason: why }: AttemptEnd): Interrupted {
  return {
    row,
    state,
    why: state === 'dead' ? why : null,
    crashed: event === 'crash' && state === 'pending',
  };
}

function isDue({ state, due_at: dueAt, now }: Moved): boolean {
  return state === 'pending' && dueAt !== null && dueAt <= now;
}

/** The row as it is since: an attempt that was cut off is taken out of its round. */
function takeOut(row: DueRow): DueRow {
  return { ...row, state: 'pending', round_start: row.round_start + 1 };
}

const attemptColumns = {
  delivery_id: 'bigint',
  number: 'bigint',
  started_at: 'bigint',
  outcome: 'text',
  reason: 'text',
  detail: 'text',
} as const;

/** Nothing is known of the attempt but that it may have been sent. */
async function insertInterrupted(
  tx: Tx,
  cut: readonly DueRow[],
  after: ReadonlyMap<number, Moved>,
): Promise<void> {
  const rows = cut.map((row) => ({
    delivery_id: row.id,
    number: row.attempt_count,
    started_at: row.claimed_at ?? row.now,
    outcome: 'failure',
    reason: 'interrupted',
    detail: 'The server that was sending this ended before it could write down what came back.',
  }));
  await insertMany(tx, { table: 'attempts', columns: attemptColumns, rows });
  await insertTallies(tx, tallyInterrupted(cut.map((row) => ({ ...row, state: after.get(row.id)!.state }))));
}

/**
 * Ends the leases of nodes that are known to be gone: their deliveries are due at once, before all that waits, so that a
 * backlog does not hold up what was cut off. Returns how many.
 */
export async function endGoneLeases(db: Database): Promise<number> {
  const owners = await db.read
    .selectFrom('deliveries')
    .select('lease_node')
    .distinct()
    .where('lease_node', 'is not', null)
    .execute();
  const gone = await db.findGoneNodes(owners.map(({ lease_node }) => lease_node!));
  if (gone.length === 0) return 0;
  return db.transaction(async (tx) => {
    const blamed = await blameCrashed(tx, gone);
    const isBlamed = blamed.length === 0 ? sql`1 = 0` : sql`deliveries.id in (${sql.join(blamed)})`;
    return endLeases(tx, sql`deliveries.lease_node in (${sql.join(gone)})`, [
      sql`crashes_in_row = deliveries.crashes_in_row + case when ${isBlamed} then 1 else 0 end`,
    ]);
  });
}

interface CutRow {
  readonly id: number;
  readonly lease_node: number;
  readonly crashes_in_row: number;
}

/**
 * What may have ended the processes of these nodes, but for those that were told to stop: a process ends for one reason. All
 * that it was sending for the first time is suspected; of those that are suspected already, which are begun one after the
 * other (`suspicion.ts`), only the one that was begun last.
 */
async function blameCrashed(tx: Tx, gone: readonly number[]): Promise<number[]> {
  const { rows } = await sql<CutRow>`
    select d.id, d.lease_node, d.crashes_in_row from deliveries d
    where d.lease_node in (${sql.join([...gone])}) and d.state = 'sending' and d.due_at > 0 and ${isCrashOf('d.lease_node')} = 1
    order by d.claimed_at desc, d.id desc ${tx.forUpdate} ${tx.of('d')}`.execute(tx);
  const fresh = rows.filter(({ crashes_in_row }) => crashes_in_row === 0);
  const suspected = Map.groupBy(
    rows.filter(({ crashes_in_row }) => crashes_in_row > 0),
    ({ lease_node }) => lease_node,
  );
  return [...fresh, ...[...suspected.values()].map(([last]) => last!)].map(({ id }) => id);
}

/**
 * Ends leases of this node that its worker does not know: their commit was made though its transaction failed here, as
 * when the connection broke while it was answered. Without this they would wait until the lease ran out. `ours`, public ids,
 * is asked after the leases are read: whatever was committed by then is known by then.
 */
export async function endOrphanLeases(db: Database, ours: () => Iterable<string>): Promise<number> {
  const mine = await db.read
    .selectFrom('deliveries')
    .select(['id', 'public_id'])
    .where('lease_node', '=', db.nodeId)
    .execute();
  const known = new Set(ours());
  const orphans = mine.filter(({ public_id }) => !known.has(public_id)).map(({ id }) => id);
  if (orphans.length === 0) return 0;
  return db.transaction((tx) =>
    endLeases(tx, sql`deliveries.id in (${sql.join(orphans)}) and deliveries.lease_node = ${db.nodeId}`),
  );
}
