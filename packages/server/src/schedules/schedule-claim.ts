// Due schedules: claimed under a lease, settled in the transaction that launches, given back where that failed.
import { sql, type RawBuilder } from 'kysely';
import { maxCrashesInRow } from '../base/max-crashes.ts';
import type { Database, Read, Tx } from '../db/database.ts';
import { tableOf } from '../db/rows.ts';
import { isCrashOf } from '../db/node-end.ts';
import type { Trigger } from './cron.ts';
import type { MissedChoice, OverlapChoice } from './due.ts';
import type { ScheduledValue } from './schedule-store.ts';

/** A schedule that this node has claimed, with the database's time of the claim. Times are epoch milliseconds. */
export interface ClaimedSchedule {
  readonly id: number;
  readonly flowId: number;
  /** Tells this claim from every other: who comes late with it changes nothing. */
  readonly claim: number;
  readonly triggers: readonly Trigger[];
  readonly missed: MissedChoice;
  readonly overlap: OverlapChoice;
  readonly parameters: readonly ScheduledValue[];
  readonly nextAt: number | null;
  readonly waitingAt: number | null;
  /** True while a flow run that it started goes on. Only the holder of the claim starts one. */
  readonly running: boolean;
  /** Ends of the process in a row while it was fired. */
  readonly crashes: number;
  readonly now: number;
}

interface ClaimRow {
  readonly id: number;
  readonly flow_id: number;
  readonly claim_count: number;
  readonly triggers: string;
  readonly missed: MissedChoice;
  readonly overlap: OverlapChoice;
  readonly parameters: string;
  readonly next_at: number | null;
  readonly waiting_at: number | null;
  readonly running: number;
  readonly crash_count: number;
  readonly now: number;
}

const runningOf = (schedule: string) =>
  sql`exists (select 1 from flow_runs r where r.schedule_id = ${sql.raw(schedule)} and r.state = 'running')`;

/** The condition of a schedule for which there is something to do now. */
function isDue({ now }: Tx): RawBuilder<unknown> {
  return sql`(s.lease_until is null or s.lease_until <= ${now}) and s.deleted_at is null
    and (s.next_at <= ${now} or (s.waiting_at is not null and not ${runningOf('s.id')}))`;
}

interface Claim {
  readonly nodeId: number;
  readonly max: number;
  readonly leaseMs: number;
}

/**
 * Claims what is due, the longest due first. What may have ended a process comes when nothing else is due, one alone, so that
 * it is known which one does.
 */
export async function claimSchedules(
  tx: Tx,
  claim: Claim,
  withSuspects: boolean,
): Promise<ClaimedSchedule[]> {
  const claimed = await claimWhere(tx, claim, sql`s.crash_count = 0`);
  if (claimed.length > 0 || !withSuspects) return claimed;
  return claimWhere(tx, { ...claim, max: 1 }, sql`s.crash_count > 0`);
}

async function claimWhere(
  tx: Tx,
  { nodeId, max, leaseMs }: Claim,
  which: RawBuilder<unknown>,
): Promise<ClaimedSchedule[]> {
  const now = tx.now;
  const { rows } = await sql<ClaimRow>`
    update schedules set lease_node = ${nodeId}, lease_until = ${now} + ${sql.lit(leaseMs)},
      claim_count = claim_count + 1
    where id in (select s.id from schedules s where ${isDue(tx)} and ${which}
      order by s.crash_count, coalesce(s.waiting_at, s.next_at) limit ${max} ${tx.forUpdate} ${tx.of('s')} ${tx.skipLocked})
    returning id, flow_id, claim_count, crash_count, triggers, missed, overlap, parameters, next_at, waiting_at,
      case when ${runningOf('schedules.id')} then 1 else 0 end as running, ${now} as now`.execute(tx);
  return rows.map(toClaimed);
}

function toClaimed(row: ClaimRow): ClaimedSchedule {
  return {
    id: row.id,
    flowId: row.flow_id,
    claim: row.claim_count,
    triggers: JSON.parse(row.triggers) as Trigger[],
    missed: row.missed,
    overlap: row.overlap,
    parameters: JSON.parse(row.parameters) as ScheduledValue[],
    nextAt: row.next_at,
    waitingAt: row.waiting_at,
    running: row.running === 1,
    crashes: row.crash_count,
    now: row.now,
  };
}

/** Milliseconds until something is due, by the database's time; 0 where something is, null where nothing will be. */
export async function readWait(db: Read): Promise<number | null> {
  const now = db.now;
  const { rows } = await sql<{ next_at: number | null; waiting: number; now: number }>`
    select (select min(next_at) from schedules where next_at is not null
        and (lease_until is null or lease_until <= ${now})) as next_at,
      (select count(*) from schedules s where s.waiting_at is not null
        and (s.lease_until is null or s.lease_until <= ${now}) and not ${runningOf('s.id')}) as waiting,
      ${now} as now`.execute(db);
  const { next_at: nextAt, waiting, now: at } = rows[0]!;
  if (waiting > 0) return 0;
  return nextAt === null ? null : Math.max(0, nextAt - at);
}

/** What settling a claim writes. */
export interface ClaimEnd {
  readonly claimed: Pick<ClaimedSchedule, 'id' | 'claim' | 'crashes'>;
  readonly nextAt: number | null;
  readonly waitingAt: number | null;
  /** Given where the schedule is disabled: it can't be launched until somebody changes something. */
  readonly disabledReason: string | undefined;
  /** True where that is because it ended the process: it is counted until somebody changes something. */
  readonly crashed: boolean;
}

const endColumns = {
  id: 'bigint',
  claim: 'bigint',
  next: 'bigint',
  waiting: 'bigint',
  disabled: 'text',
  crashes: 'bigint',
} as const;

/** Ends claims; gives the ids of those that held. For one that was lost nothing may be launched. */
export async function settleClaims(
  tx: Tx,
  { nodeId }: Pick<Database, 'nodeId'>,
  ends: readonly ClaimEnd[],
): Promise<Set<number>> {
  if (ends.length === 0) return new Set();
  const rows = ends.map(({ claimed, nextAt, waitingAt, disabledReason, crashed }) => ({
    id: claimed.id,
    claim: claimed.claim,
    next: disabledReason === undefined ? nextAt : null,
    waiting: disabledReason === undefined ? waitingAt : null,
    disabled: disabledReason ?? null,
    crashes: crashed ? claimed.crashes : 0,
  }));
  const { rows: settled } = await sql<{ id: number }>`
    update schedules set next_at = given.next, waiting_at = given.waiting, lease_node = null, lease_until = null,
      crash_count = given.crashes, enabled = case when given.disabled is null then enabled else 0 end,
      disabled_reason = coalesce(given.disabled, disabled_reason),
      updated_at = case when given.disabled is null then updated_at else ${tx.now} end
    from ${tableOf(tx, 'given', endColumns, rows)}
    where schedules.id = given.id and claim_count = given.claim and lease_node = ${nodeId}
    returning schedules.id`.execute(tx);
  return new Set(settled.map(({ id }) => id));
}

/** Keeps the claim from everybody until `afterMs` have passed, then it is due again. */
export async function postponeClaim(
  tx: Tx,
  { nodeId }: Pick<Database, 'nodeId'>,
  { id, claim }: ClaimedSchedule,
  afterMs: number,
): Promise<void> {
  await tx
    .updateTable('schedules')
    .set({ lease_until: sql<number>`${tx.now} + ${sql.lit(afterMs)}`, crash_count: 0 })
    .where('id', '=', id)
    .where('lease_node', '=', nodeId)
    .where('claim_count', '=', claim)
    .execute();
}

/** The claims of nodes that are known to be gone end now. What a node that nobody had told to stop was firing may be why. */
export async function endGoneClaims(db: Database): Promise<void> {
  const owners = await db.read
    .selectFrom('schedules')
    .select('lease_node')
    .distinct()
    .where('lease_node', 'is not', null)
    .execute();
  const gone = await db.findGoneNodes(owners.map(({ lease_node }) => lease_node!));
  if (gone.length === 0) return;
  await db.transaction((tx) =>
    sql`update schedules set lease_node = null, lease_until = null, crash_count = crash_count + ${isCrashOf('lease_node')}
      where lease_node in (${sql.join(gone)})`.execute(tx),
  );
}

/** Schedules that are set aside, as they ended the process. */
export async function countCrashed(db: Read): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from schedules
    where deleted_at is null and enabled = 0 and crash_count >= ${sql.lit(maxCrashesInRow)}`.execute(db);
  return rows[0]!.count;
}
