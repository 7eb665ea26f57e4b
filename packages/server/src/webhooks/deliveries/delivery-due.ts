// Which due deliveries are claimed next: the oldest, each host within its share of the slots.
import { sql, type RawBuilder } from 'kysely';
import { maxCrashesInRow } from '../../base/max-crashes.ts';
import type { Tx } from '../../db/database.ts';
import { tableOf } from '../../db/rows.ts';

/** What a claim may take: the worker's free slots, and how many of them each host may have. */
export interface FreeSlots {
  readonly max: number;
  maxOfHost(host: string, granted?: number): number;
  /** Whether nothing of a host is under way: it comes first. */
  isIdle?(host: string): boolean;
  /** The least that any host may have: so many can be taken without looking at hosts. */
  readonly leastOfHost: number;
  /** Of those that may have ended a process, one with at most so many ends may be taken; any without it. */
  readonly maxCrashes?: number;
}

export interface DueRow {
  readonly id: number;
  readonly public_id: string;
  readonly state: 'pending' | 'sending';
  readonly host: string;
  readonly flow_id: number;
  readonly task_id: number;
  readonly attempt_count: number;
  readonly round_start: number;
  readonly interrupted_in_row: number;
  /** How often our process ended during its attempts, one after the other. */
  readonly crashes_in_row: number;
  readonly lease_node: number | null;
  readonly claimed_at: number | null;
  readonly expires_at: number;
  readonly due_at: number;
  readonly now: number;
}

export interface Due {
  readonly rows: readonly DueRow[];
  /** True where more is due that could be taken at once. */
  readonly more: boolean;
}

/** Below this it is not worth to take the oldest without looking at hosts. */
const fewest = 32;

const columns = sql.raw(
  'id, public_id, state, host, flow_id, task_id, attempt_count, round_start, interrupted_in_row, crashes_in_row, lease_node, claimed_at, expires_at, due_at',
);

/**
 * Nothing has ended a process during it, its attempt was cut off, or it is the one among those that may have ended one whose
 * turn it is: the one that did so least often, then the oldest.
 */
function isTurn(tx: Tx, { maxCrashes = maxCrashesInRow }: FreeSlots): RawBuilder<unknown> {
  const trusted = sql`crashes_in_row = 0 or state = 'sending'`;
  if (maxCrashes === 0) return sql`(${trusted})`;
  return sql`(${trusted} or id = (select s.id from deliveries s
    where s.crashes_in_row > 0 and s.crashes_in_row <= ${sql.lit(maxCrashes)} and s.state = 'pending' and s.due_at <= ${tx.now}
    order by s.crashes_in_row, s.due_at, s.id limit 1))`;
}

/**
 * Selects and locks what is due. Where no host is near its share, the oldest of all; else host by host, so that the
 * backlog of one that is busy is never read through: with 20,000 waiting for one busy host that cost 10 % of a claim.
 */
export function selectDue(tx: Tx, free: FreeSlots): Promise<Due> {
  const limit = Math.min(free.max, free.leastOfHost);
  return limit === free.max || limit >= fewest ? selectOldest(tx, free, limit) : selectByHost(tx, free);
}

async function selectOldest(tx: Tx, free: FreeSlots, limit: number): Promise<Due> {
  const { rows } = await sql<DueRow>`
    select ${columns}, ${tx.now} as now from deliveries
    where due_at is not null and due_at <= ${tx.now} and ${isTurn(tx, free)}
    order by due_at, id limit ${limit} ${tx.forUpdate} ${tx.skipLocked}`.execute(tx);
  return { rows, more: rows.length === limit };
}

interface HostShare {
  readonly host: string;
  readonly max: number;
  /** What it could have had. */
  readonly allowed: number;
}

async function selectByHost(tx: Tx, free: FreeSlots): Promise<Due> {
  const shares = shareOut(await selectDueHosts(tx), free);
  const rows = await selectShares(tx, free, shares);
  return { rows, more: shares.some((share) => isCut(share, rows)) };
}

/**
 * An equal part for each, those with nothing under way first, then the host that has waited longest; what is left over is
 * for the next round.
 */
function shareOut(due: readonly string[], free: FreeSlots): HostShare[] {
  const { isIdle = () => false } = free;
  const hosts = due.filter((host) => free.maxOfHost(host) > 0);
  const part = Math.max(1, Math.floor(free.max / Math.max(1, hosts.length)));
  const shares: HostShare[] = [];
  let granted = 0;
  for (const host of [...hosts.filter(isIdle), ...hosts.filter((each) => !isIdle(each))]) {
    const allowed = free.maxOfHost(host, granted);
    const max = Math.min(part, allowed, free.max - granted);
    if (max <= 0) continue;
    shares.push({ host, max, allowed });
    granted += max;
  }
  return shares;
}

/** Whether a host got all that its part allowed, though it may have more. */
function isCut({ host, max, allowed }: HostShare, rows: readonly DueRow[]): boolean {
  return max < allowed && rows.filter((row) => row.host === host).length === max;
}

/** Steps from host to host through the index, a look-up each: a host's backlog costs nothing. */
async function selectDueHosts(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ host: string }>`
    with recursive step (host) as (
      select min(host) from deliveries where due_at is not null
      union all
      select (select min(next.host) from deliveries next where next.due_at is not null and next.host > step.host)
      from step where step.host is not null
    ), oldest (host, due_at) as (
      select host, (select min(one.due_at) from deliveries one where one.due_at is not null and one.host = step.host)
      from step where host is not null
    )
    select host from oldest where due_at <= ${tx.now} order by due_at`.execute(tx);
  return rows.map(({ host }) => host);
}

async function selectShares(tx: Tx, free: FreeSlots, shares: readonly HostShare[]): Promise<DueRow[]> {
  if (shares.length === 0) return [];
  const given = tableOf(tx, 'given', { of_host: 'text', max: 'bigint' }, rowsOf(shares));
  const due = sql`due_at is not null and due_at <= ${tx.now} and ${isTurn(tx, free)} order by due_at, id`;
  if (tx.dialect === 'postgres') {
    const { rows } = await sql<DueRow>`
      select due.*, ${tx.now} as now from ${given} cross join lateral (
        select ${columns} from deliveries where host = given.of_host and ${due} limit given.max ${tx.forUpdate} ${tx.skipLocked}
      ) as due order by due_at, id`.execute(tx);
    return rows;
  }
  // SQLite takes no column as a limit: the largest share is read of each, and what is beyond a host's own left out.
  const max = Math.max(...shares.map((share) => share.max));
  const { rows } = await sql<DueRow>`
    select ${columns}, ${tx.now} as now from ${given} cross join deliveries on deliveries.id in (
      select id from deliveries where host = given.of_host and ${due} limit ${max}
    ) order by due_at, id`.execute(tx);
  return takeShares(rows, shares);
}

const rowsOf = (shares: readonly HostShare[]) => shares.map(({ host, max }) => ({ of_host: host, max }));

function takeShares(rows: readonly DueRow[], shares: readonly HostShare[]): DueRow[] {
  const left = new Map(shares.map(({ host, max }) => [host, max]));
  return rows.filter(({ host }) => {
    const count = left.get(host) ?? 0;
    left.set(host, count - 1);
    return count > 0;
  });
}
