// Retention: what is older than the workspace keeps is removed, event by event, with everything that hangs on each.
import { sql } from 'kysely';
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { Database, Tx } from '../../db/database.ts';

export interface RetentionOptions {
  readonly db: Database;
  now(): number;
  onError(error: unknown): void;
  /** Milliseconds that events are kept. */
  keepMs(): number;
  /** Events looked at in one transaction, so that nobody waits long for its locks. */
  readonly batch?: number;
}

const lookEveryMs = 3_600_000;
const usualBatch = 200;

/**
 * Once an hour it walks through the events from the oldest on. One goes with its decisions, deliveries, bodies, attempts
 * and exchanges when all of it is older than that and nothing of it waits or is being sent. Jobs, flow runs and files stay.
 */
export function createRetention(options: RetentionOptions): WorkLoop {
  const { now, onError } = options;
  return createWorkLoop({ round: createRound(options), pollMs: lookEveryMs, onError, now });
}

/** Gives what does one batch and says whether another follows at once. */
export function createRound({ db, now, keepMs, batch = usualBatch }: Omit<RetentionOptions, 'onError'>) {
  let after = 0;
  return async (): Promise<boolean> => {
    const time = now();
    const step = { after, before: time - keepMs(), time, batch };
    const next = await db.transaction((tx) => removeBatch(tx, step));
    after = next ?? 0;
    if (next === null) await removeExpiredKeys(db, time);
    return next !== null;
  };
}

interface Step {
  /** Events up to this id have been looked at. */
  readonly after: number;
  /** What is younger stays; epoch milliseconds. */
  readonly before: number;
  readonly time: number;
  readonly batch: number;
}

/** Gives where the next step goes on; null where none is needed. */
async function removeBatch(tx: Tx, step: Step): Promise<number | null> {
  const seen = await tx
    .selectFrom('events')
    .select(['id', 'created_at'])
    .where('id', '>', step.after)
    .orderBy('id')
    .limit(step.batch)
    .execute();
  const old = seen.filter(({ created_at }) => created_at < step.before).map(({ id }) => id);
  const ids = await findRemovable(tx, old, step.before);
  if (ids.length > 0) await removeEvents(tx, ids, step.time);
  return old.length === step.batch ? seen.at(-1)!.id : null;
}

/**
 * A condition of a task asks how its series went since the last success: what it would count stays. The deliveries are
 * locked, so that none is asked for again in between.
 */
async function findRemovable(tx: Tx, ids: readonly number[], before: number): Promise<number[]> {
  if (ids.length === 0) return [];
  const list = sql.join([...ids]);
  await sql`select id from deliveries where event_id in (${list}) and repeats_id is null order by id ${tx.forUpdate}`.execute(
    tx,
  );
  await sql`select id from deliveries where event_id in (${list}) and repeats_id is not null order by id ${tx.forUpdate}`.execute(
    tx,
  );
  const open = sql`(d.ended_at is null or d.ended_at >= ${before})`;
  const { rows } = await sql<{ id: number }>`
    select e.id from events e left join jobs j on j.id = e.job_id
    where e.id in (${list}) and (j.id is null or j.finished_at < ${before})
      and not exists (select 1 from deliveries d where d.event_id = e.id and d.repeats_id is null and ${open})
      and not exists (select 1 from deliveries d where d.event_id = e.id and d.repeats_id is not null and ${open})
      and (e.series_key is null or exists (select 1 from events n
        where n.series_key = e.series_key and n.kind = 'job.success' and n.id > e.id))`.execute(tx);
  return rows.map(({ id }) => id);
}

async function removeEvents(tx: Tx, ids: readonly number[], time: number): Promise<void> {
  const list = sql.join([...ids]);
  const deliveries = sql`(select id from deliveries where event_id in (${list}) and repeats_id is null
    union all select id from deliveries where event_id in (${list}) and repeats_id is not null)`;
  const ends = sql`('job.success', 'job.failure', 'job.canceled')`;
  await sql`delete from attempt_exchanges where delivery_id in ${deliveries}`.execute(tx);
  await sql`delete from attempts where delivery_id in ${deliveries}`.execute(tx);
  await sql`delete from delivery_bodies where delivery_id in ${deliveries}`.execute(tx);
  // One statement: a delivery sent as new names the one that it repeats.
  await sql`delete from deliveries where id in ${deliveries}`.execute(tx);
  await sql`delete from decisions where event_id in (${list})`.execute(tx);
  await sql`
    update jobs set history_removed_at = ${time}
    where id in (select job_id from events where id in (${list}) and kind in ${ends})`.execute(tx);
  await sql`
    update flow_runs set history_removed_at = ${time}
    where id in (select flow_run_id from events where id in (${list}) and flow_run_id is not null and kind like 'flowRun.%')`.execute(
    tx,
  );
  await sql`delete from events where id in (${list})`.execute(tx);
}

/** Their replies are kept for a day; a new call removes those of before, and where none comes, this does. */
async function removeExpiredKeys(db: Database, time: number): Promise<void> {
  await db.transaction((tx) => tx.deleteFrom('idempotency_keys').where('expires_at', '<=', time).execute());
}
