// Settling: attempts are written and their deliveries moved, in one transaction, only where the lease is still ours.
import { sql } from 'kysely';
import type { Tx } from '../../db/database.ts';
import { insertMany, tableOf } from '../../db/rows.ts';
import type { Claim } from './delivery-claim.ts';
import type { Outcome } from '../sending/outcome.ts';
import { decideNext, type DeadReason, type NextStep } from './retry.ts';
import { tallyAttempts } from './tally.ts';
import { insertTallies } from './tally-store.ts';

/** An attempt that has come back, with what decides about the next one. */
export interface EndedAttempt {
  readonly claim: Claim;
  readonly outcome: Outcome;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly address: string | null;
  readonly retryAfter: string | null;
  readonly retryOnFailure: boolean;
  /** Waits in milliseconds. */
  readonly schedule: readonly number[];
  /** In [0, 1): spreads the wait. */
  readonly random: number;
  /** What was sent and what came back, as JSON, secrets masked; null where nothing could be sent. */
  readonly exchange: string | null;
  /** Why another attempt is not worth making, whatever the schedule says; absent where it is. */
  readonly deadReason?: DeadReason;
}

export interface Settled {
  /** Those whose lease was still ours, with what follows; the others were taken over and are not written. */
  readonly kept: readonly {
    readonly attempt: EndedAttempt;
    readonly next: NextStep;
    readonly state: string;
  }[];
  readonly lost: readonly EndedAttempt[];
}

interface Move {
  readonly attempt: EndedAttempt;
  readonly next: NextStep;
}

const moveColumns = {
  id: 'bigint',
  task_id: 'bigint',
  number: 'bigint',
  state: 'text',
  wait_ms: 'bigint',
  round_start: 'bigint',
  in_row: 'bigint',
  status_code: 'bigint',
  reason: 'text',
  end_reason: 'text',
} as const;

/** Settles a batch. `now` is the clock that the due times are counted from; the database's own time is added to them in SQL. */
export async function settleAttempts(
  tx: Tx,
  nodeId: number,
  attempts: readonly EndedAttempt[],
  now: number,
): Promise<Settled> {
  if (attempts.length === 0) return { kept: [], lost: [] };
  const moves = attempts.map((attempt) => ({ attempt, next: decideMove(attempt, now) }));
  await lockRetriedTasks(tx, moves);
  const moved = await moveDeliveries(tx, nodeId, moves, now);
  const kept = moves.flatMap((move) => {
    const state = moved.get(move.attempt.claim.id);
    return state === undefined ? [] : [{ ...move, state }];
  });
  await insertAttempts(
    tx,
    kept.map(({ attempt }) => attempt),
  );
  await insertTallies(tx, tallyAttempts(kept.map(toCounted), now));
  return { kept, lost: attempts.filter(({ claim }) => !moved.has(claim.id)) };
}

function toCounted({ attempt, state }: Settled['kept'][number]) {
  const { claim, outcome, startedAt, durationMs } = attempt;
  return { claim, outcome, state, receivedAt: startedAt + durationMs };
}

function decideMove(attempt: EndedAttempt, now: number): NextStep {
  const { claim } = attempt;
  return decideNext({
    outcome: attempt.outcome,
    attemptCount: claim.attemptCount,
    roundStart: claim.roundStart,
    interruptedInRow: claim.interruptedInRow,
    retryOnFailure: attempt.retryOnFailure,
    schedule: attempt.schedule,
    expiresAt: claim.expiresAt,
    now,
    retryAfter: attempt.retryAfter,
    random: attempt.random,
    deadReason: attempt.deadReason,
  });
}

/** Disabling a task holds what waits under the task's lock; what goes back to waiting takes the lock too, so that neither passes the other by. */
async function lockRetriedTasks(tx: Tx, moves: readonly Move[]): Promise<void> {
  const ids = new Set(
    moves.filter(({ next }) => next.state === 'pending').map(({ attempt }) => attempt.claim.taskId),
  );
  if (tx.dialect === 'sqlite' || ids.size === 0) return;
  const sorted = [...ids].sort((a, b) => a - b);
  await sql`select id from webhook_tasks where id in (${sql.join(sorted)}) order by id ${tx.forShare}`.execute(
    tx,
  );
}

/** Gives the new state of each delivery that was still ours. The mark of a cancel ends what would go on. */
async function moveDeliveries(
  tx: Tx,
  nodeId: number,
  moves: readonly Move[],
  now: number,
): Promise<Map<number, string>> {
  const given = tableOf(
    tx,
    'given',
    moveColumns,
    moves.map((move) => toRow(move, now)),
  );
  const time = tx.now;
  const { rows } = await sql<{ id: number; state: string }>`
    update deliveries set
      state = case when given.state = 'pending' and cancel_requested = 1 then 'canceled' else given.state end,
      held = case when given.state = 'pending' and cancel_requested = 0 and task.enabled = 0 then 1 else 0 end,
      due_at = case when given.state = 'pending' and cancel_requested = 0 and task.enabled = 1 then ${time} + given.wait_ms end,
      end_reason = case when given.state = 'pending' and cancel_requested = 1 then deliveries.end_reason else given.end_reason end,
      ended_at = case when given.state = 'pending' and cancel_requested = 0 then null else ${time} end,
      lease_node = null, cancel_requested = 0, round_start = given.round_start, interrupted_in_row = given.in_row,
      last_status_code = given.status_code, last_reason = given.reason, updated_at = ${time}
    from ${given} join webhook_tasks task on task.id = given.task_id
    where deliveries.id = given.id and deliveries.state = 'sending' and deliveries.lease_node = ${nodeId}
      and deliveries.attempt_count = given.number
    returning deliveries.id, deliveries.state`.execute(tx);
  return new Map(rows.map(({ id, state }) => [id, state]));
}

function toRow({ attempt, next }: Move, now: number) {
  const { claim, outcome } = attempt;
  return {
    id: claim.id,
    task_id: claim.taskId,
    number: claim.attemptCount,
    state: next.state,
    wait_ms: next.state === 'pending' ? Math.max(0, next.dueAt - now) : null,
    round_start: claim.roundStart + (next.event === 'interrupt' ? 1 : 0),
    in_row: next.interruptedInRow,
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
