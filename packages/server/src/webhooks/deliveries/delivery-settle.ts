// Settling: attempts are written and their deliveries moved, in one transaction, only where the lease is still ours.
import { sql } from 'kysely';
import type { Tx } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';
import { insertMany } from '../../db/rows.ts';
import { isSuccess, type Outcome } from '../sending/outcome.ts';
import { keyOf, type Claim } from './delivery-claim.ts';
import { endAttempts, type AttemptEnd, type Moved } from './delivery-move.ts';
import { decideNext, type DeadReason, type NextStep } from './retry.ts';
import { tallyAttempts } from './tally.ts';
import { insertTallies } from './tally-store.ts';

/** An attempt that has come back, with what decides about the next one. */
export interface EndedAttempt {
  readonly claim: Claim;
  readonly outcome: Outcome;
  /** When it began by this node's clock, epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly address: string | null;
  readonly retryAfter: string | null;
  readonly retryOnFailure: boolean;
  /** Waits in milliseconds. */
  readonly schedule: readonly number[];
  /** A number in [0, 1) that spreads the wait. */
  readonly random: number;
  /** Request and response as JSON, secrets masked; null where nothing could be sent. */
  readonly exchange: string | null;
  /** Why another attempt is not worth making, whatever the schedule says; absent where it is. */
  readonly deadReason?: DeadReason;
}

export interface Settled {
  /** Attempts whose lease was still ours, with what follows. */
  readonly kept: readonly {
    readonly attempt: EndedAttempt;
    readonly next: NextStep;
    readonly state: string;
  }[];
  /** Attempts that another node took over: they are not written. */
  readonly lost: readonly EndedAttempt[];
}

interface Decided {
  readonly attempt: EndedAttempt;
  readonly next: NextStep;
}

/**
 * Writes a batch of attempts and moves their deliveries. Returns which were kept and which lost. Waits and ages count by the
 * database's clock, since a node's clock may be off.
 */
export async function settleAttempts(
  tx: Tx,
  nodeId: number,
  attempts: readonly EndedAttempt[],
): Promise<Settled> {
  if (attempts.length === 0) return { kept: [], lost: [] };
  // What was received needs no time to decide what follows: the usual batch asks for none.
  const now = attempts.every(({ outcome }) => isSuccess(outcome)) ? 0 : await readNow(tx);
  const decided = attempts.map((attempt) => ({ attempt, next: decideAttempt(attempt, now) }));
  await lockRetriedTasks(tx, decided);
  const moved = await moveAttempts(tx, nodeId, decided, now);
  const kept = decided.flatMap((each) => {
    const row = moved.get(keyOf(each.attempt.claim));
    return row === undefined ? [] : [{ ...each, state: row.state }];
  });
  await insertAttempts(
    tx,
    kept.map(({ attempt }) => attempt),
  );
  const at = Math.max(0, ...[...moved.values()].map((row) => row.now));
  await insertTallies(tx, tallyAttempts(kept.map(toCounted), at));
  const lost = attempts.filter(({ claim }) => !moved.has(keyOf(claim)));
  await clearOfBlame(tx, lost);
  return { kept, lost };
}

/** Takes the blame off deliveries whose attempts come back late: they were taken for cut off, and have ended no process. */
async function clearOfBlame(tx: Tx, lost: readonly EndedAttempt[]): Promise<void> {
  if (lost.length === 0) return;
  const ids = lost.map(({ claim }) => claim.id);
  await sql`
    update deliveries set crashes_in_row = 0 where id in (${sql.join(ids)}) and crashes_in_row > 0 and held_for_crashes = 0`.execute(
    tx,
  );
}

function toCounted({ attempt, state }: Settled['kept'][number]) {
  const { claim, outcome, startedAt, durationMs } = attempt;
  return { claim, outcome, state, receivedAt: startedAt + durationMs };
}

function decideAttempt(attempt: EndedAttempt, now: number): NextStep {
  const { claim } = attempt;
  return decideNext({
    outcome: attempt.outcome,
    attemptCount: claim.attemptCount,
    roundStart: claim.roundStart,
    interruptedInRow: claim.interruptedInRow,
    crashesInRow: 0,
    retryOnFailure: attempt.retryOnFailure,
    schedule: attempt.schedule,
    expiresAt: claim.expiresAt,
    now,
    retryAfter: attempt.retryAfter,
    random: attempt.random,
    deadReason: attempt.deadReason,
  });
}

/**
 * Locks the tasks of deliveries that go back to waiting. Disabling a task holds what waits under the same lock, so that neither
 * passes the other by.
 */
async function lockRetriedTasks(tx: Tx, decided: readonly Decided[]): Promise<void> {
  const ids = new Set(
    decided.filter(({ next }) => next.state === 'pending').map(({ attempt }) => attempt.claim.taskId),
  );
  if (tx.dialect === 'sqlite' || ids.size === 0) return;
  const sorted = [...ids].sort((a, b) => a - b);
  await sql`select id from webhook_tasks where id in (${sql.join(sorted)}) order by id ${tx.forShare}`.execute(
    tx,
  );
}

/** Returns the rows of deliveries that were still ours, by the key of the attempt. */
async function moveAttempts(
  tx: Tx,
  nodeId: number,
  decided: readonly Decided[],
  now: number,
): Promise<ReadonlyMap<string, Moved>> {
  const ends = decided.map(({ attempt, next }) => toEnd(attempt, next, now));
  // The sign keeps SQLite from taking the index of leases, with the whole batch read again for each of them.
  const moved = await endAttempts(tx, ends, sql`+deliveries.lease_node = ${nodeId}`);
  return new Map(moved.map((row) => [keyOf({ id: row.id, attemptCount: row.attempt_count }), row]));
}

function toEnd({ claim, outcome }: EndedAttempt, next: NextStep, now: number): AttemptEnd {
  return {
    event: next.event,
    id: claim.id,
    task_id: claim.taskId,
    number: claim.attemptCount,
    wait_ms: next.state === 'pending' ? Math.max(0, next.dueAt - now) : 0,
    in_row: next.interruptedInRow,
    crashes: 0,
    status_code: outcome.statusCode ?? null,
    reason: outcome.kind === 'failure' ? outcome.reason : null,
    end_reason: next.state === 'dead' ? next.why : null,
  };
}

const attemptColumns = {
  delivery_id: 'bigint',
  number: 'bigint',
  started_at: 'bigint',
  duration_ms: 'bigint',
  outcome: 'text',
  status_code: 'bigint',
  reason: 'text',
  detail: 'text',
  address: 'text',
} as const;
const exchangeColumns = { delivery_id: 'bigint', number: 'bigint', exchange: 'text' } as const;

async function insertAttempts(tx: Tx, attempts: readonly EndedAttempt[]): Promise<void> {
  const rows = attempts.map(({ claim, outcome, ...attempt }) => ({
    delivery_id: claim.id,
    number: claim.attemptCount,
    started_at: attempt.startedAt,
    duration_ms: Math.round(attempt.durationMs),
    outcome: outcome.kind,
    status_code: outcome.statusCode ?? null,
    reason: outcome.kind === 'failure' ? outcome.reason : null,
    detail: outcome.kind === 'failure' ? outcome.detail : null,
    address: attempt.address,
  }));
  const exchanges = attempts
    .filter(({ exchange }) => exchange !== null)
    .map(({ claim, exchange }) => ({ delivery_id: claim.id, number: claim.attemptCount, exchange }));
  await insertMany(tx, { table: 'attempts', columns: attemptColumns, rows });
  await insertMany(tx, { table: 'attempt_exchanges', columns: exchangeColumns, rows: exchanges });
}
