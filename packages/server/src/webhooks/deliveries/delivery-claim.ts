// The claim: a batch of due deliveries under a lease. A first attempt that had to wait, a retry, an expired lease and a redeliver
// all come this way.
import { sql } from 'kysely';
import type { RecordedKind } from '@flowhook/contract/webhook/event-kind';
import { maxCrashesInRow } from '../../base/max-crashes.ts';
import type { Tx } from '../../db/database.ts';
import { tableOf } from '../../db/rows.ts';
import { settleCutOff, type Interrupted } from './cut-off.ts';
import { selectDue, type DueRow, type FreeSlots } from './delivery-due.ts';
import { moveAllDeliveries, moveDeliveries, renewLeases, type Lease } from './delivery-move.ts';

export interface Claim {
  readonly id: number;
  readonly publicId: string;
  readonly taskId: number;
  readonly taskVersion: number;
  readonly eventId: number;
  readonly eventKind: RecordedKind;
  readonly flowId: number;
  readonly jobId: number | null;
  /** How many webhooks led to the job: the chain's length so far. */
  readonly hop: number;
  readonly host: string;
  /** The number of the attempt that this claim is for. */
  readonly attemptCount: number;
  readonly roundStart: number;
  readonly interruptedInRow: number;
  /** How often our process ended during its attempts, one after the other. */
  readonly crashesInRow: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** As `packBody` stored it; null where the task had no body. */
  readonly body: string | null;
  /** When the lease ends, by the database's clock, epoch milliseconds. */
  readonly claimedUntil: number;
}

/** Returns a name for one attempt: a delivery may come back with two at once, where another node took the first for lost. */
export function keyOf({ id, attemptCount }: Pick<Claim, 'id' | 'attemptCount'>): string {
  return `${id}.${attemptCount}`;
}

export interface ClaimOptions extends FreeSlots, Lease {
  /** True while an attempt is under way in this process, also after its lease ran out: it is not made again. */
  isUnderWay?(deliveryId: number, attempt: number): boolean;
}

export interface Claimed {
  readonly claims: readonly Claim[];
  /** True where more was due than could be taken. */
  readonly more: boolean;
  /** Deliveries whose row changed here. */
  readonly changed: readonly { readonly id: number; readonly flowId: number }[];
  /** Attempts of others, or of an earlier life of this process, that were settled as cut off. */
  readonly interrupted: readonly Interrupted[];
  /** Deliveries that were too old to be tried once more. */
  readonly expired: readonly DueRow[];
}

/**
 * Claims due deliveries, at most `max` of them, each for `leaseMs`. Returns the claims and what else became of rows that were
 * due. An expired lease is first settled as `interrupted`, which may also end the delivery.
 */
export async function claimDue(tx: Tx, options: ClaimOptions): Promise<Claimed> {
  if (options.max <= 0) return { claims: [], more: false, changed: [], interrupted: [], expired: [] };
  const due = await selectDue(tx, options);
  const cut = due.rows.filter(({ state }) => state === 'sending');
  const isOurs = (row: DueRow) => options.isUnderWay?.(row.id, row.attempt_count) ?? false;
  const ours = cut.filter((row) => row.lease_node === options.nodeId && isOurs(row));
  await renewLeases(
    tx,
    ours.map(({ id }) => id),
    options,
  );
  const cutOff = await settleCutOff(
    tx,
    cut.filter((row) => !ours.includes(row)),
  );
  const waiting = due.rows.filter(({ state }) => state === 'pending');
  const old = waiting.filter(isTooOld);
  await expireDue(tx, old);
  const turns = takeTurns([...waiting.filter((row) => !isTooOld(row)), ...cutOff.again], options);
  const claims = await takeLeases(tx, options, turns.rows);
  const changed = [...old, ...cutOff.ended.map(({ row }) => row), ...turns.rows];
  return {
    claims,
    more: due.more || turns.more,
    changed: changed.map(({ id, flow_id }) => ({ id, flowId: flow_id })),
    interrupted: cutOff.ended,
    expired: old,
  };
}

function isTooOld({ expires_at, now }: DueRow): boolean {
  return expires_at <= now;
}

async function expireDue(tx: Tx, rows: readonly DueRow[]): Promise<void> {
  if (rows.length === 0) return;
  const given = tableOf(
    tx,
    'given',
    { id: 'bigint' },
    rows.map(({ id }) => ({ id })),
  );
  const where = sql`deliveries.id = given.id and deliveries.expires_at <= ${tx.now}`;
  await moveAllDeliveries(tx, { event: 'expire', from: given, where, reason: sql`'expired'` });
}

/**
 * Returns the rows to claim: all that no process ended with, and at most one that may have ended one, the least often blamed,
 * then the oldest. `more` is true where others of these wait.
 */
function takeTurns(rows: readonly DueRow[], { maxCrashes }: ClaimOptions): { rows: DueRow[]; more: boolean } {
  const [first, ...others] = rows
    .filter((row) => row.crashes_in_row > 0)
    .toSorted((a, b) => a.crashes_in_row - b.crashes_in_row || a.due_at - b.due_at || a.id - b.id);
  const isTurn = first !== undefined && first.crashes_in_row <= (maxCrashes ?? maxCrashesInRow);
  const trusted = rows.filter((row) => row.crashes_in_row === 0);
  return { rows: isTurn ? [...trusted, first] : trusted, more: others.length > 0 };
}

async function takeLeases(tx: Tx, options: ClaimOptions, turns: readonly DueRow[]): Promise<Claim[]> {
  if (turns.length === 0) return [];
  const given = tableOf(
    tx,
    'given',
    { id: 'bigint' },
    turns.map(({ id }) => ({ id })),
  );
  const moved = await moveDeliveries(tx, {
    event: 'claim',
    from: given,
    where: sql`deliveries.id = given.id`,
    lease: options,
    also: [sql`claimed_at = ${tx.now}`],
  });
  return readClaims(
    tx,
    moved.map(({ id }) => ({ id })),
  );
}

interface LeasedRow {
  id: number;
  public_id: string;
  task_id: number;
  task_version: number;
  event_id: number;
  event_kind: RecordedKind;
  flow_id: number;
  job_id: number | null;
  hop: number | null;
  host: string;
  attempt_count: number;
  round_start: number;
  interrupted_in_row: number;
  crashes_in_row: number;
  created_at: number;
  expires_at: number;
  body: string | null;
  due_at: number;
}

async function readClaims(tx: Tx, ids: readonly { readonly id: number }[]): Promise<Claim[]> {
  const given = tableOf(tx, 'given', { id: 'bigint' }, ids);
  const { rows } = await sql<LeasedRow>`
    select d.id, d.public_id, d.task_id, t.version as task_version, d.event_id, e.kind as event_kind, d.flow_id, d.job_id,
      coalesce(j.hop, (select max(run.hop) from jobs run where run.flow_run_id = e.flow_run_id)) as hop, d.host, d.attempt_count, d.round_start, d.interrupted_in_row, d.crashes_in_row, d.created_at, d.expires_at, d.due_at, b.body
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
    crashesInRow: row.crashes_in_row,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    body: row.body,
    claimedUntil: row.due_at,
  };
}
