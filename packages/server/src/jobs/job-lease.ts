// Leases of jobs: renewed while their runs go on, and ended early where their node is gone.
import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Log } from '../base/log.ts';
import type { Database, Tx } from '../db/database.ts';

export const leaseMs = 30_000;
/** How often a node renews its leases. */
export const renewMs = 5000;
/** A node whose session is gone and that has renewed no lease for so long is no longer there. */
const silentMs = 10_000;

/** Renews the leases of running jobs; gives those that are still ours, and whether they are to be canceled. */
export async function renewLeases(
  tx: Tx,
  nodeId: number,
  ids: readonly number[],
): Promise<Map<number, { cancel: boolean }>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: number; cancel_requested: number }>`
    update jobs set lease_until = ${tx.now} + ${sql.lit(leaseMs)}
    where id in (${sql.join(ids)}) and lease_node = ${nodeId} returning id, cancel_requested`.execute(tx);
  return new Map(rows.map(({ id, cancel_requested }) => [id, { cancel: cancel_requested === 1 }]));
}

export interface GoneWatch {
  /** Ends the leases of nodes that are gone. */
  look(): Promise<void>;
}

/**
 * A session that breaks, as when the database starts anew, is not the end of its node: that is believed where two looks in
 * a row find no session, and the leases were not renewed meanwhile either. A node that stopped as planned said so.
 */
export function createGoneWatch(db: Database): GoneWatch {
  let suspected: ReadonlySet<number> = new Set();

  async function look(): Promise<void> {
    const before = suspected;
    // Where a look fails, the next one is the first again.
    suspected = new Set();
    const gone = await db.findGoneNodes(await readOwners(db));
    const stopped = await readStopped(db, gone);
    suspected = new Set(gone);
    // One process owns a SQLite database: every other node is gone for certain.
    const certain = db.read.dialect === 'sqlite';
    const silent = gone.filter((id) => !stopped.has(id) && (certain || before.has(id)));
    await endLeases(db, { stopped: [...stopped], silent, silentMs: certain ? 0 : silentMs });
  }

  return { look };
}

async function readOwners({ read }: Database): Promise<number[]> {
  const rows = await read
    .selectFrom('jobs')
    .select('lease_node')
    .distinct()
    .where('lease_node', 'is not', null)
    .execute();
  return rows.map(({ lease_node }) => lease_node!);
}

async function readStopped({ read }: Database, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await read
    .selectFrom('nodes')
    .select('id')
    .where('id', 'in', [...ids])
    .where('stopped_at', 'is not', null)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

interface Gone {
  readonly stopped: readonly number[];
  readonly silent: readonly number[];
  readonly silentMs: number;
}

async function endLeases(db: Database, gone: Gone): Promise<void> {
  if (gone.stopped.length + gone.silent.length === 0) return;
  await db.transaction((tx) =>
    sql`
      update jobs set lease_until = 0 where lease_until > 0 and (
        lease_node in (${sql.join([0, ...gone.stopped])})
        or (lease_node in (${sql.join([0, ...gone.silent])})
          and lease_until <= ${tx.now} + ${sql.lit(leaseMs - gone.silentMs)}))`.execute(tx),
  );
}

/** After a fault of the database a job's end is tried again after this. */
const againMs = 500;

/** A database that is away for a moment is waited for: the run's work is done, and the lease keeps others from it. */
export async function whileLeased<Answer>(
  log: Log,
  jobId: number,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const until = performance.now() + leaseMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() + againMs > until) throw error;
      log.warn({ err: error, jobId }, 'the end of the job could not be written: once more');
      await setTimeout(againMs);
    }
  }
}
