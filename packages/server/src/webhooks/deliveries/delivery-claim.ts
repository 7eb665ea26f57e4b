// The claim: a batch of due deliveries under a lease. First attempt, retry, expired lease and redeliver all come this way.
import { sql } from 'kysely';
import type { Tx } from '../../db/database.ts';
import { insertMany, tableOf } from '../../db/rows.ts';
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
  /** Deliveries whose row changed here. */
  readonly changed: readonly { readonly id: number; readonly flowId: number }[];
}

/** How a due row goes on. */
interface Turn {
  readonly row: DueRow;
  readonly next: 'claim' | 'wait' | 'canceled' | 'dead';
  readonly endReason: string | null;
  /** Until it is due again, where it waits. */
  readonly waitMs: number;
  readonly roundStart: number;
  readonly interruptedInRow: number;
}

/** Claims what is due. An expired lease is first settled as `interrupted`, which may also end the delivery. */
export async function claimDue(tx: Tx, options: ClaimOptions): Promise<Claimed> {
  if (options.most <= 0) return { claims: [], more: false, changed: [] };
  const { rows, more } = await selectDue(tx, options);
  const tasks = await lockTasksOfCut(tx, rows);
  // One whose task is being changed at this moment keeps its place until the next round.
  const taken = rows.filter(({ state, task_id }) => state !== 'sending' || tasks.has(task_id));
  const turns = taken.map((row) => decideTurn(row, tasks.get(row.task_id) !== 0));
  await insertInterrupted(
    tx,
    turns.filter(({ row }) => row.state === 'sending'),
  );
  const going = (...nexts: readonly Turn['next'][]) => turns.filter(({ next }) => nexts.includes(next));
  await endTurns(tx, going('canceled', 'dead'));
  await putOff(tx, going('wait'));
  const claims = await takeLeases(tx, options, going('claim'));
  const changed = turns.map(({ row }) => ({ id: row.id, flowId: row.flow_id }));
  return { claims, more, changed };
}

/**
 * What was cut off goes back to its task first: one that is disabled by now sends nothing. Gives `enabled` by task. The lock
 * keeps a change of the task from passing what goes back to waiting; who changes a task waits for the rows that are locked
 * here, so that a lock which is taken is not waited for.
 */
async function lockTasksOfCut(tx: Tx, rows: readonly DueRow[]): Promise<ReadonlyMap<number, number>> {
  const ids = new Set(rows.filter(({ state }) => state === 'sending').map(({ task_id }) => task_id));
  if (ids.size === 0) return new Map();
  const { rows: tasks } = await sql<{ id: number; enabled: number }>`
    select id, enabled from webhook_tasks where id in (${sql.join([...ids])}) ${tx.forShare} ${tx.skipLocked}`.execute(
    tx,
  );
  return new Map(tasks.map(({ id, enabled }) => [id, enabled]));
}

function decideTurn(row: DueRow, isEnabled: boolean): Turn {
  if (row.state === 'sending') return decideInterrupted(row, isEnabled);
  const turn = { row, waitMs: 0, roundStart: row.round_start, interruptedInRow: row.interrupted_in_row };
  if (row.expires_at <= row.now) return { ...turn, next: 'dead', endReason: 'expired' };
  return { ...turn, next: 'claim', endReason: null };
}

function decideInterrupted(row: DueRow, isEnabled: boolean): Turn {
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
  const { interruptedInRow } = step;
  const turn = { row, waitMs: 0, roundStart: row.round_start + 1, interruptedInRow };
  if (step.state === 'dead') return { ...turn, next: 'dead', endReason: step.why };
  if (row.cancel_requested === 1) return { ...turn, next: 'canceled', endReason: row.end_reason };
  const waitMs = step.state === 'pending' ? step.dueAt - row.now : 0;
  return { ...turn, waitMs, next: waitMs > 0 || !isEnabled ? 'wait' : 'claim', endReason: null };
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
async function insertInterrupted(tx: Tx, cut: readonly Turn[]): Promise<void> {
  const rows = cut.map(({ row }) => ({
    delivery_id: row.id,
    number: row.attempt_count,
    started_at: row.claimed_at ?? row.now,
    outcome: 'failure',
    reason: 'interrupted',
    detail: 'The server that was sending this ended before it could write down what came back.',
  }));
  await insertMany(tx, { table: 'attempts', columns: attemptColumns, rows });
  const tallies = cut.map(({ row, next }) => ({
    ...row,
    state: next === 'claim' || next === 'wait' ? 'pending' : next,
  }));
  await insertTallies(tx, tallyInterrupted(tallies));
}

/** In an update: what the attempt that was cut off came to. */
const lastOutcome = sql.raw(
  `last_status_code = case when deliveries.state = 'sending' then null else last_status_code end,
   last_reason = case when deliveries.state = 'sending' then 'interrupted' else last_reason end`,
);

async function endTurns(tx: Tx, turns: readonly Turn[]): Promise<void> {
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
  const now = tx.now;
  await sql`
    update deliveries set state = given.state, end_reason = given.end_reason, round_start = given.round_start,
      interrupted_in_row = given.in_row, due_at = null, lease_node = null, cancel_requested = 0, ${lastOutcome},
      updated_at = ${now}, ended_at = ${now}
    from ${tableOf(tx, 'given', columns, rows)} where deliveries.id = given.id`.execute(tx);
}

/** Back into the queue, or held where the task is disabled by now. */
async function putOff(tx: Tx, turns: readonly Turn[]): Promise<void> {
  if (turns.length === 0) return;
  const columns = {
    id: 'bigint',
    task_id: 'bigint',
    wait_ms: 'bigint',
    round_start: 'bigint',
    in_row: 'bigint',
  } as const;
  const rows = turns.map(({ row, waitMs, roundStart, interruptedInRow }) => ({
    id: row.id,
    task_id: row.task_id,
    wait_ms: waitMs,
    round_start: roundStart,
    in_row: interruptedInRow,
  }));
  const now = tx.now;
  await sql`
    update deliveries set state = 'pending', held = 1 - task.enabled,
      due_at = case when task.enabled = 1 then ${now} + given.wait_ms end,
      lease_node = null, round_start = given.round_start, interrupted_in_row = given.in_row, ${lastOutcome},
      updated_at = ${now}
    from ${tableOf(tx, 'given', columns, rows)} join webhook_tasks task on task.id = given.task_id
    where deliveries.id = given.id`.execute(tx);
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

async function takeLeases(tx: Tx, options: ClaimOptions, turns: readonly Turn[]): Promise<Claim[]> {
  if (turns.length === 0) return [];
  const columns = { id: 'bigint', round_start: 'bigint', in_row: 'bigint' } as const;
  const rows = turns.map(({ row, roundStart, interruptedInRow }) => ({
    id: row.id,
    round_start: roundStart,
    in_row: interruptedInRow,
  }));
  const now = tx.now;
  const given = tableOf(tx, 'given', columns, rows);
  await sql`
    update deliveries set state = 'sending', attempt_count = attempt_count + 1, round_start = given.round_start,
      interrupted_in_row = given.in_row, ${lastOutcome}, lease_node = ${options.nodeId}, claimed_at = ${now},
      due_at = ${now} + ${sql.lit(options.leaseMs)}, updated_at = ${now}
    from ${given} where deliveries.id = given.id`.execute(tx);
  return readClaims(tx, rows);
}

async function readClaims(tx: Tx, ids: readonly { readonly id: number }[]): Promise<Claim[]> {
  const given = tableOf(tx, 'given', { id: 'bigint' }, ids);
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
