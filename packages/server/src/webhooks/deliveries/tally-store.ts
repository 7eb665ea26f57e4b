// Tallies in the database: added with the attempts they count, merged to longer spans as they age, removed at last.
import { sql } from 'kysely';
import type { Database, Tx } from '../../db/database.ts';
import { insertMany } from '../../db/rows.ts';
import { hourMs, mergeTallies, minuteMs, tenMinutesMs, type Span, type Tally } from './tally.ts';

const columns = {
  at: 'bigint',
  span: 'bigint',
  flow_id: 'bigint',
  task_id: 'bigint',
  host: 'text',
  result: 'text',
  reason: 'text',
  count: 'bigint',
  latencies: 'text',
} as const;

/** Only adds rows: nodes that settle at the same time never wait for one another here. */
export async function insertTallies(tx: Tx, tallies: readonly Tally[]): Promise<void> {
  const rows = tallies.map((tally) => ({ ...tally }));
  await insertMany(tx, { table: 'attempt_tallies', columns, rows });
}

/** Rows a transaction takes at most: few milliseconds, so that no delivery waits for it. */
const maxMerged = 5000;
/** Which rows are merged into which, and when: a little after `stepOfAge` has stopped to show the shorter span. */
const merges: readonly { from: Span; into: Span; afterMs: number }[] = [
  { from: 0, into: minuteMs, afterMs: minuteMs },
  { from: minuteMs, into: tenMinutesMs, afterMs: 2 * hourMs + tenMinutesMs },
  { from: tenMinutesMs, into: hourMs, afterMs: 49 * hourMs },
];
const keptMs = 35 * 24 * hourMs;

/** Merges what is old enough; true where there may be more of it. */
export async function mergeOldTallies(db: Database, now: number): Promise<boolean> {
  let more = false;
  for (const { from, into, afterMs } of merges) {
    const before = Math.floor(now / into) * into - afterMs;
    more = (await mergeSpan(db, from, into, before)) || more;
  }
  await db.transaction((tx) =>
    tx
      .deleteFrom('attempt_tallies')
      .where('span', '=', hourMs)
      .where('at', '<', now - keptMs)
      .execute(),
  );
  return more;
}

/** Each row is taken by one node only: what another has locked is left to it. */
async function mergeSpan(db: Database, from: Span, into: Span, before: number): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rows } = await sql<Tally>`
      delete from attempt_tallies where id in (
        select id from attempt_tallies where span = ${sql.lit(from)} and at < ${before} order by at limit ${sql.lit(maxMerged)} ${tx.forUpdate} ${tx.skipLocked})
      returning at, span, flow_id, task_id, host, result, reason, count, latencies`.execute(tx);
    await insertTallies(tx, mergeTallies(rows, into));
    return rows.length === maxMerged;
  });
}
