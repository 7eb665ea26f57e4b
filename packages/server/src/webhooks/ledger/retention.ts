// Retention: what is older than the workspace keeps is removed, event by event, with everything that hangs on each.
import { sql } from 'kysely';
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { Database, Tx } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';

/** Looks at so many of its rows in one transaction; null where nothing is left to look at for now. */
export type RemovalStep = (max: number) => Promise<void | null>;

/** Makes the step that removes what is older; both times are epoch milliseconds. */
export type Removal = (time: number) => RemovalStep;

export interface RetentionOptions {
  readonly db: Database;
  now(): number;
  onError(error: unknown): void;
  /** Milliseconds that events are kept. */
  keepMs(): number;
  /** False while this node's clock can't be trusted: then nothing is removed. */
  mayRemove?(): boolean;
  /** What else is removed, after the events: jobs, nodes and the like, of rooms that know them. */
  readonly others?: readonly Removal[];
}

const lookEveryMs = 3_600_000;
export interface Pace {
  /** A step may take so long: then it takes more rows the next time, else fewer. */
  readonly aimMs: number;
  readonly leastRows: number;
  readonly maxRows: number;
  /** How long others have their turn, as a share of the time that the step took. */
  readonly rest: number;
}

/** While a step works nothing else happens on SQLite; on PostgreSQL it is mostly waited for, and others go on. */
const paces = {
  sqlite: { aimMs: 15, leastRows: 10, maxRows: 500, rest: 1 },
  postgres: { aimMs: 200, leastRows: 100, maxRows: 1000, rest: 0.25 },
} as const satisfies Record<string, Pace>;

/**
 * Once an hour it walks through the events from the oldest on. One goes with its decisions, deliveries, bodies, attempts
 * and exchanges when all of it is older than that and nothing of it waits or is being sent; then what else has a retention.
 */
export function createRetention(options: RetentionOptions): WorkLoop {
  const { db, now, onError, mayRemove = () => true } = options;
  const removals = listRemovals(options);
  const walk = createWalk(async () => {
    const time = await readNow(db.read);
    return removals.map((removal) => removal(time));
  }, paces[db.read.dialect]);
  const round = async () => mayRemove() && walk();
  return createWorkLoop({ round, pollMs: lookEveryMs, onError, now });
}

/** Events first: what else is removed has none any more. */
export function listRemovals({
  db,
  keepMs,
  others = [],
}: Pick<RetentionOptions, 'db' | 'keepMs' | 'others'>) {
  const events: Removal = (time) => createEventRemoval(db, { time, before: time - keepMs() });
  return [events, ...others, createKeyRemoval(db)];
}

/** Takes one step after the other, each until it has nothing left; gives how long to wait before the next, false at the end. */
export function createWalk(begin: () => Promise<RemovalStep[]>, pace: Pace): () => Promise<number | false> {
  const { aimMs, leastRows, maxRows, rest } = pace;
  let steps: RemovalStep[] = [];
  let rows = Math.max(leastRows, 50);
  return async () => {
    if (steps.length === 0) steps = await begin();
    const began = performance.now();
    const answer = await steps[0]!(rows);
    const tookMs = performance.now() - began;
    if (answer === null) steps.shift();
    if (steps.length === 0) return false;
    const next = Math.round(tookMs > aimMs ? rows / 2 : rows * 1.5);
    rows = Math.max(leastRows, Math.min(maxRows, next));
    return Math.max(1, Math.ceil(tookMs * rest));
  };
}

interface Age {
  readonly time: number;
  /** What is younger stays. */
  readonly before: number;
}

/** Walks by age: a young event among old ones ends nothing. */
function createEventRemoval(db: Database, age: Age): RemovalStep {
  let after = { created_at: 0, id: 0 };
  return async (max) => {
    const seen = await db.transaction((tx) => removeBatch(tx, { ...age, after, max }));
    if (seen.length < max) return null;
    after = seen.at(-1)!;
    return undefined;
  };
}

interface Batch extends Age {
  /** Events up to this one have been looked at. */
  readonly after: { readonly created_at: number; readonly id: number };
  readonly max: number;
}

/** Returns what it looked at. */
async function removeBatch(tx: Tx, { after, before, time, max }: Batch) {
  const seen = await tx
    .selectFrom('events')
    .select(['id', 'created_at'])
    .where('created_at', '<', before)
    .where(sql<boolean>`(created_at, id) > (${after.created_at}, ${after.id})`)
    .orderBy('created_at')
    .orderBy('id')
    .limit(max)
    .execute();
  const ids = await findRemovable(
    tx,
    seen.map(({ id }) => id),
    before,
  );
  if (ids.length > 0) await removeEvents(tx, ids, time);
  return seen;
}

/**
 * A condition of a task asks how its series went since the last success: what it would count stays. The deliveries are
 * locked, so that none is asked for again in between.
 */
async function findRemovable(tx: Tx, ids: readonly number[], before: number): Promise<number[]> {
  if (ids.length === 0) return [];
  const list = sql.join([...ids]);
  await sql`select id from deliveries where event_id in (${list}) order by id ${tx.forUpdate}`.execute(tx);
  const { rows } = await sql<{ id: number }>`
    select e.id from events e left join jobs j on j.id = e.job_id
    where e.id in (${list}) and (j.id is null or j.finished_at < ${before})
      and not exists (select 1 from deliveries d where d.event_id = e.id and (d.ended_at is null or d.ended_at >= ${before}))
      and (e.series_key is null or exists (select 1 from events n
        where n.series_key = e.series_key and n.kind = 'job.success' and n.id > e.id))`.execute(tx);
  return rows.map(({ id }) => id);
}

/** By lists of ids: a plan made of a sub-select's estimate reads whole tables, where statistics are old. */
async function removeEvents(tx: Tx, ids: readonly number[], time: number): Promise<void> {
  const list = sql.join([...ids]);
  const { rows } = await sql<{ id: number }>`select id from deliveries where event_id in (${list})`.execute(
    tx,
  );
  const deliveries = rows.map(({ id }) => id);
  // Deliveries at last, and in one statement: one sent as new names the one that it repeats.
  for (const [table, column] of [
    ['attempt_exchanges', 'delivery_id'],
    ['attempts', 'delivery_id'],
    ['delivery_bodies', 'delivery_id'],
    ['deliveries', 'id'],
  ] as const)
    await removeRows(tx, table, column, deliveries);
  await removeRows(tx, 'decisions', 'event_id', ids);
  await noteRemoval(tx, ids, time);
  await removeRows(tx, 'events', 'id', ids);
}

async function removeRows(tx: Tx, table: string, column: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from ${sql.table(table)} where ${sql.ref(column)} in (${sql.join([...ids])})`.execute(tx);
}

/** Jobs and flow runs stay longer, and say that their history is gone. */
async function noteRemoval(tx: Tx, ids: readonly number[], time: number): Promise<void> {
  const events = await tx
    .selectFrom('events')
    .select(['kind', 'job_id', 'flow_run_id'])
    .where('id', 'in', ids)
    .execute();
  const ends = new Set(['job.success', 'job.failure', 'job.canceled']);
  const jobs = events.flatMap(({ kind, job_id }) => (ends.has(kind) && job_id !== null ? [job_id] : []));
  const runs = events.flatMap(({ kind, flow_run_id }) =>
    kind.startsWith('flowRun.') && flow_run_id !== null ? [flow_run_id] : [],
  );
  if (jobs.length > 0)
    await tx.updateTable('jobs').set({ history_removed_at: time }).where('id', 'in', jobs).execute();
  if (runs.length > 0)
    await tx.updateTable('flow_runs').set({ history_removed_at: time }).where('id', 'in', runs).execute();
}

/** Replies under an idempotency key are kept for a day; a new call removes those of before, and where none comes, this does. */
function createKeyRemoval(db: Database): Removal {
  return (time) => async () => {
    await db.transaction((tx) => tx.deleteFrom('idempotency_keys').where('expires_at', '<=', time).execute());
    return null;
  };
}
