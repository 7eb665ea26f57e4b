// Firing many schedules that are due at one moment: planned from what is read together, launched in one transaction.
import { sql } from 'kysely';
import { Problem } from '../base/error.ts';
import type { Database, Tx } from '../db/database.ts';
import { readNow } from '../db/dialect.ts';
import { insertMany, tableOf } from '../db/rows.ts';
import { planFrom, type PlannedJob } from '../flows/plan.ts';
import { readOutputSources, type OutputSources } from '../flows/plan-many.ts';
import { insertScheduledRuns } from '../jobs/flow-runs/flow-launch-many.ts';
import type { Caller } from '../people/caller.ts';
import { planDue } from './due.ts';
import { schedulesChanged, type FiringContext } from './firing.ts';
import { findOwners } from './owner.ts';
import type { ClaimedSchedule } from './schedule-claim.ts';

/** A time that is to be launched, with everything it takes. */
interface Ready {
  readonly claimed: ClaimedSchedule;
  readonly caller: Caller;
  readonly dueAt: number;
  readonly nextAt: number | null;
  readonly passedOver: number;
  readonly planned: readonly PlannedJob[];
}

/**
 * Launches those whose time simply is due, and gives the rest: what waits, is skipped, was missed or can't be launched,
 * is for `fireSchedule`. So is everything where this fails.
 */
export async function fireMany(
  context: FiringContext,
  claimed: readonly ClaimedSchedule[],
): Promise<ClaimedSchedule[]> {
  const { db, log } = context;
  if (claimed.length < 2) return [...claimed];
  try {
    const ready = await planMany(context, claimed);
    if (ready.length === 0) return [...claimed];
    const launched = await db.transaction((tx) => launchMany(tx, db, ready));
    return claimed.filter(({ id }) => !launched.has(id));
  } catch (error) {
    log.warn({ err: error, count: claimed.length }, 'schedules could not be fired together');
    return [...claimed];
  }
}

async function planMany(context: FiringContext, claimed: readonly ClaimedSchedule[]): Promise<Ready[]> {
  const { read } = context.db;
  const simple = claimed.filter(
    ({ waitingAt, nextAt, running }) => waitingAt === null && nextAt !== null && !running,
  );
  if (simple.length === 0) return [];
  const flowIds = simple.map(({ flowId }) => flowId);
  const owners = await findOwners(read, flowIds);
  const sources = await readOutputSources(read, flowIds, false);
  const all = await Promise.all(
    simple.map(async (schedule) => {
      const owner = owners.get(schedule.flowId);
      const outputs = sources.get(schedule.flowId);
      return owner?.ok === true && outputs !== undefined
        ? planOne(context, schedule, owner.caller, outputs)
        : null;
    }),
  );
  return all.filter((each) => each !== null);
}

/** Null for what is not simply launched. */
async function planOne(
  { room }: FiringContext,
  claimed: ClaimedSchedule,
  caller: Caller,
  outputs: readonly OutputSources[],
): Promise<Ready | null> {
  const { fireAt, nextAt, passedOver } = planDue({ ...claimed, dueAt: claimed.nextAt! }, claimed.now);
  if (fireAt === null) return null;
  const planned: PlannedJob[] = [];
  try {
    for (const source of outputs) {
      const { recipeId } = source;
      const request = { recipeId, isAdhoc: false, parameters: claimed.parameters, referenceAt: fireAt };
      planned.push(await planFrom(room, request, source));
    }
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
  return { claimed, caller, dueAt: fireAt, nextAt, passedOver, planned };
}

/** The ids of those that are launched: whose flow and recipes are there, whose claim holds, whose time is not on record. */
async function launchMany(tx: Tx, db: Database, ready: readonly Ready[]): Promise<ReadonlySet<number>> {
  // The flows' rows first, as whoever deletes one does, and in one order.
  const alive = await lockAlive(tx, ready);
  const settled = await settleMany(tx, db, alive);
  const fresh = await withoutRecorded(tx, settled);
  if (fresh.length === 0) return new Set(settled.map(({ claimed }) => claimed.id));
  const runOf = await insertScheduledRuns(
    tx,
    db,
    fresh.map(({ claimed, caller, planned }) => ({
      scheduleId: claimed.id,
      flowId: claimed.flowId,
      personId: caller.personId,
      planned,
    })),
  );
  await recordMany(tx, fresh, runOf);
  for (const { claimed } of settled)
    db.announce(tx, { topic: schedulesChanged, flowId: claimed.flowId, ids: [claimed.id] });
  return new Set(settled.map(({ claimed }) => claimed.id));
}

async function lockAlive(tx: Tx, ready: readonly Ready[]): Promise<Ready[]> {
  const flowIds = ready.map(({ claimed }) => claimed.flowId);
  const { rows: flows } = await sql<{ id: number }>`
    select id from flows where id in (${sql.join(flowIds)}) and deleted_at is null order by id ${tx.forUpdate}`.execute(
    tx,
  );
  const recipeIds = ready.flatMap(({ planned }) => planned.map(({ recipeId }) => recipeId));
  const { rows: recipes } = await sql<{ id: number }>`
    select id from recipes where id in (${sql.join(recipeIds)}) and deleted_at is null`.execute(tx);
  const there = new Set(flows.map(({ id }) => id));
  const live = new Set(recipes.map(({ id }) => id));
  return ready.filter(
    ({ claimed, planned }) =>
      there.has(claimed.flowId) && planned.every(({ recipeId }) => live.has(recipeId)),
  );
}

async function settleMany(tx: Tx, { nodeId }: Database, ready: readonly Ready[]): Promise<Ready[]> {
  if (ready.length === 0) return [];
  const columns = { schedule_id: 'bigint', claim: 'bigint', next: 'bigint' } as const;
  const given = ready.map(({ claimed, nextAt }) => ({
    schedule_id: claimed.id,
    claim: claimed.claim,
    next: nextAt,
  }));
  const { rows } = await sql<{ id: number }>`
    update schedules set next_at = given.next, waiting_at = null, lease_node = null, lease_until = null
    from ${tableOf(tx, 'given', columns, given)}
    where schedules.id = given.schedule_id and claim_count = given.claim and lease_node = ${nodeId}
    returning schedules.id as id`.execute(tx);
  const mine = new Set(rows.map(({ id }) => id));
  return ready.filter(({ claimed }) => mine.has(claimed.id));
}

/** A time that has fired fires never again. */
async function withoutRecorded(tx: Tx, ready: readonly Ready[]): Promise<Ready[]> {
  if (ready.length === 0) return [];
  const columns = { schedule_id: 'bigint', due_at: 'bigint' } as const;
  const given = ready.map(({ claimed, dueAt }) => ({ schedule_id: claimed.id, due_at: dueAt }));
  const { rows } = await sql<{ schedule_id: number }>`
    select o.schedule_id from schedule_occurrences o
    join ${tableOf(tx, 'given', columns, given)} on o.schedule_id = given.schedule_id and o.due_at = given.due_at`.execute(
    tx,
  );
  const recorded = new Set(rows.map(({ schedule_id }) => schedule_id));
  return ready.filter(({ claimed }) => !recorded.has(claimed.id));
}

const occurrenceColumns = {
  schedule_id: 'bigint',
  due_at: 'bigint',
  state: 'text',
  passed_over: 'bigint',
  flow_run_id: 'bigint',
  created_at: 'bigint',
  updated_at: 'bigint',
} as const;

async function recordMany(
  tx: Tx,
  launched: readonly Ready[],
  runOf: ReadonlyMap<number, number>,
): Promise<void> {
  const at = await readNow(tx);
  await insertMany(tx, {
    table: 'schedule_occurrences',
    columns: occurrenceColumns,
    rows: launched.map(({ claimed, dueAt, passedOver }) => ({
      schedule_id: claimed.id,
      due_at: dueAt,
      state: 'launched',
      passed_over: passedOver,
      flow_run_id: runOf.get(claimed.id)!,
      created_at: at,
      updated_at: at,
    })),
  });
}
