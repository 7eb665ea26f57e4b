// The claim: a batch of due deliveries under a lease. First attempt, retry, expired lease and redeliver all come this way.
import { sql } from 'kysely';
import type { Database, Tx } from '../db/database.ts';
import { nowText, type EngineName } from '../db/dialect.ts';
import { insertMany, tableOf } from '../db/rows.ts';
import { selectDue, type DueRow, type FreeSlots } from './delivery-due.ts';
import { decideNext, type NextStep } from './retry.ts';
import { tallyInterrupted } from './tally.ts';
import { insertTallies } from './tally-store.ts';

export interface Claim {
  readonly id: number;
  readonly publicId: string;
  readonly taskId: number;
  readonly taskVersion: number;
  readonly eventId: number;
  readonly eventKind: string;
  readonly flowId: number;
  readonly jobId: number | null;
  /** How many webhooks led to the job: the chain's length so far. */
  readonly hop: number;
  readonly host: string;
  /** The number of the attempt that this claim is for. */
  readonly attemptCount: number;
  readonly roundStart: number;
  readonly interruptedInRow: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** As `packBody` stored it; null where the task had no body. */
  readonly body: string | null;
  /** When the lease ends, by the database's time in epoch milliseconds. */
  readonly claimedUntil: number;
}

export interface ClaimOptions extends FreeSlots {
  readonly nodeId: number;
  /** Longer than the longest attempt, in milliseconds. */
  readonly leaseMs: number;
}

export interface Claimed {
  readonly claims: readonly Claim[];
  /** True where more was due than could be taken. */
  readonly more: boolean;
  /** Flows whose deliveries ended here without an attempt. */
  readonly changed: readonly { readonly id: number; readonly flowId: number }[];
}

/** How a due row goes on. */
interface Turn {
  readonly row: DueRow;
  readonly next: 'claim' | 'canceled' | 'dead';
  readonly endReason: string | null;
  readonly roundStart: number;
  readonly interruptedInRow: number;
}

/** Claims what is due. An expired lease is first settled as `interrupted`, which may also end the delivery. */
export async function claimDue(tx: Tx, engine: EngineName, options: ClaimOptions): Promise<Claimed> {
  if (options.most <= 0) return { claims: [], more: false, changed: [] };
  const { rows, more } = await selectDue(tx, engine, options);
  const turns = rows.map(decideTurn);
  const cut = turns.filter(({ row }) => row.state === 'sending');
  await insertInterrupted(tx, engine, cut);
  await endTurns(
    tx,
    engine,
    turns.filter(({ next }) => next !== 'claim'),
  );
  const claims = await takeLeases(
    tx,
    engine,
    options,
    turns.filter(({ next }) => next === 'claim'),
  );
  const changed = turns.map(({ row }) => ({ id: row.id, flowId: row.flow_id }));
  return { claims, more, changed };
}

function decideTurn(row: DueRow): Turn {
  const { round_start: roundStart, interrupted_in_row: interruptedInRow } = row;
  if (row.state === 'sending') return decideInterrupted(row);
  if (row.expires_at <= row.now)
    return { row, next: 'dead', endReason: 'expired', roundStart, interruptedInRow };
  return { row, next: 'claim', endReason: null, roundStart, interruptedInRow };
}

function decideInterrupted(row: DueRow): Turn {
  const step: NextStep = decideNext({
    outcome: { kind: 'failure', reason: 'interrupted', detail: '' },
    attemptCount: row.attempt_count,
    roundStart: row.round_start,
    interruptedInRow: row.interrupted_in_row,
    retryOnFailure: false,
    schedule: [],
    expiresAt: row.expires_at,
    now: row.now,
    random: 0,
  });
  const roundStart = row.round_start + 1;
  const { interruptedInRow } = step;
  if (step.state === 'dead') return { row, next: 'dead', endReason: step.why, roundStart, interruptedInRow };
  if (row.cancel_requested === 1)
    return { row, next: 'canceled', endReason: row.end_reason, roundStart, interruptedInRow };
  return { row, next: 'claim', endReason: null, roundStart, interruptedInRow };
}

const attemptColumns = {
  delivery_id: 'bigint',
  number: 'bigint',
  started_at: 'bigint',
  outcome: 'text',
  reason: 'text',
  detail: 'text',
} as const;

/** The attempt that was cut off: nothing is known of it but that it may have been sent. */
async function insertInterrupted(tx: Tx, engine: EngineName, cut: readonly Turn[]): Promise<void> {
  const rows = cut.map(({ row }) => ({
    delivery_id: row.id,
    number: row.attempt_count,
    started_at: row.claimed_at ?? row.now,
    outcome: 'failure',
    reason: 'interrupted',
    detail: 'The server that was sending this ended before it could write down what came back.',
  }));
  await insertMany(tx, engine, { table: 'attempts', columns: attemptColumns, rows });
  const tallies = cut.map(({ row, next }) => ({ ...row, state: next === 'claim' ? 'pending' : next }));
  await insertTallies(tx, engine, tallyInterrupted(tallies));
}

async function endTurns(tx: Tx, engine: EngineName, turns: readonly Turn[]): Promise<void> {
  if (turns.length === 0) return;
  const columns = {
    id: 'bigint',
    state: 'text',
    end_reason: 'text',
    round_start: 'bigint',
    in_row: 'bigint',
  } as const;
  const rows = turns.map(({ row, next, endReason, roundStart, interruptedInRow }) => ({
    id: row.id,
    state: next,
    end_reason: endReason,
    round_start: roundStart,
    in_row: interruptedInRow,
  }));
  const now = sql.raw(nowText(engine));
  await sql`
    update deliveries set state = given.state, end_reason = given.end_reason, round_start = given.round_start,
      interrupted_in_row = given.in_row, due_at = null, lease_node = null, cancel_requested = 0,
      updated_at = ${now}, ended_at = ${now}
    from ${tableOf(engine, 'given', columns, rows)} where deliveries.id = given.id`.execute(tx);
}

interface LeasedRow {
  id: number;
  public_id: string;
  task_id: number;
  task_version: number;
  event_id: number;
  event_kind: string;
  flow_id: number;
  job_id: number | null;
  hop: number | null;
  host: string;
  attempt_count: number;
  round_start: number;
  interrupted_in_row: number;
  created_at: number;
  expires_at: number;
  body: string | null;
  due_at: number;
}

async function takeLeases(
  tx: Tx,
  engine: EngineName,
  options: ClaimOptions,
  turns: readonly Turn[],
): Promise<Claim[]> {
  if (turns.length === 0) return [];
  const columns = { id: 'bigint', round_start: 'bigint', in_row: 'bigint' } as const;
  const rows = turns.map(({ row, roundStart, interruptedInRow }) => ({
    id: row.id,
    round_start: roundStart,
    in_row: interruptedInRow,
  }));
  const now = sql.raw(nowText(engine));
  const given = tableOf(engine, 'given', columns, rows);
  await sql`
    update deliveries set state = 'sending', attempt_count = attempt_count + 1, round_start = given.round_start,
      interrupted_in_row = given.in_row, lease_node = ${options.nodeId}, claimed_at = ${now},
      due_at = ${now} + ${sql.lit(options.leaseMs)}, updated_at = ${now}
    from ${given} where deliveries.id = given.id`.execute(tx);
  return readClaims(tx, engine, rows);
}

async function readClaims(
  tx: Tx,
  engine: EngineName,
  ids: readonly { readonly id: number }[],
): Promise<Claim[]> {
  const given = tableOf(engine, 'given', { id: 'bigint' }, ids);
  const { rows } = await sql<LeasedRow>`
    select d.id, d.public_id, d.task_id, t.version as task_version, d.event_id, e.kind as event_kind, d.flow_id, d.job_id,
      coalesce(j.hop, (select max(run.hop) from jobs run where run.flow_run_id = e.flow_run_id)) as hop, d.host, d.attempt_count, d.round_start, d.interrupted_in_row, d.created_at, d.expires_at, d.due_at, b.body
    from ${given} join deliveries d on d.id = given.id
    join webhook_tasks t on t.id = d.task_id join events e on e.id = d.event_id
    left join jobs j on j.id = d.job_id left join delivery_bodies b on b.delivery_id = d.id
    order by d.id`.execute(tx);
  return rows.map(toClaim);
}

function toClaim(row: LeasedRow): Claim {
  return {
    id: row.id,
    publicId: row.public_id,
    taskId: row.task_id,
    taskVersion: row.task_version,
    eventId: row.event_id,
    eventKind: row.event_kind,
    flowId: row.flow_id,
    jobId: row.job_id,
    hop: row.hop ?? 0,
    host: row.host,
    attemptCount: row.attempt_count,
    roundStart: row.round_start,
    interruptedInRow: row.interrupted_in_row,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    body: row.body,
    claimedUntil: row.due_at,
  };
}

/**
 * Ends the leases of nodes that are known to be gone: their deliveries are due at once, before all that waits, so that a
 * backlog does not hold up what was cut off. Gives how many.
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
  const { numUpdatedRows } = await db.transaction((tx) =>
    tx.updateTable('deliveries').set({ due_at: 0 }).where('lease_node', 'in', gone).executeTakeFirstOrThrow(),
  );
  return Number(numUpdatedRows);
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
  const { numUpdatedRows } = await db.transaction((tx) =>
    tx
      .updateTable('deliveries')
      .set({ due_at: 0 })
      .where('id', 'in', orphans)
      .where('lease_node', '=', db.nodeId)
      .executeTakeFirstOrThrow(),
  );
  return Number(numUpdatedRows);
}
