// What may end the process while it is recorded: noted before, counted where its process ended, set aside at the third time.
import { sql } from 'kysely';
import { maxCrashesInRow } from '../../base/max-crashes.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { Database, Tx } from '../../db/database.ts';
import { isCrashOf } from '../../db/node-end.ts';

/** What is to be recorded with an eye on the process: all that is due together, or one of it. */
export interface Recording<Item> {
  /** Names all that is due together; unique among everything that is recorded so. */
  readonly key: string;
  /** What is due, one by one, each with a key of its own. */
  list(): Promise<readonly { readonly key: string; readonly item: Item }[]>;
  /** Records all that is due, or one of it; returns how many. */
  record(tx: Tx, one: Item | null, setAside: boolean): Promise<number>;
}

/**
 * Records what is due in one transaction. Where that ended the process before, one by one, so that it is known which one
 * does: that one is set aside at the third time. Returns how many were recorded; 0 where another node is at it.
 */
export async function recordWatched<Item>(db: Database, due: Recording<Item>): Promise<number> {
  const crashes = await begin(db, due.key);
  if (crashes === null) return 0;
  if (crashes === 0)
    return db.transaction(async (tx) => {
      await end(tx, due.key);
      return due.record(tx, null, false);
    });
  let recorded = 0;
  for (const { key, item } of await due.list()) {
    const own = await begin(db, key);
    if (own === null) continue;
    recorded += await db.transaction(async (tx) => {
      await end(tx, key);
      return due.record(tx, item, own >= maxCrashesInRow);
    });
  }
  await db.transaction((tx) => end(tx, due.key));
  return recorded;
}

/** How many processes ended, without having been told to, after they had begun it; null where another node is at it. */
async function begin(db: Database, key: string): Promise<number | null> {
  const found = await db.read
    .selectFrom('event_suspects')
    .select(['node_id', 'crash_count'])
    .where('key', '=', key)
    .executeTakeFirst();
  if (found === undefined) {
    const row = { key, node_id: db.nodeId, crash_count: 0 };
    const made = await db.transaction((tx) =>
      tx
        .insertInto('event_suspects')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst(),
    );
    return made.numInsertedOrUpdatedRows === 1n ? 0 : null;
  }
  if (found.node_id === db.nodeId) return found.crash_count;
  const gone = await db.findGoneNodes([found.node_id]);
  return gone.length === 0 ? null : takeOver(db, key, found.node_id);
}

async function takeOver(db: Database, key: string, goneNode: number): Promise<number | null> {
  const { rows } = await db.transaction((tx) =>
    sql<{ crash_count: number }>`
      update event_suspects set node_id = ${db.nodeId}, crash_count = crash_count + ${isCrashOf('node_id')}
      where key = ${key} and node_id = ${goneNode} returning crash_count`.execute(tx),
  );
  return rows[0]?.crash_count ?? null;
}

async function end(tx: Tx, key: string): Promise<void> {
  await tx.deleteFrom('event_suspects').where('key', '=', key).execute();
}

export function countSetAside(metrics: Metrics, db: Database): void {
  metrics.gauge(
    'flowhook_events_set_aside',
    'Events for which no webhook task was asked, because the server ended three times in a row while they were recorded.',
    async () => {
      const { rows } = await sql<{ count: number }>`
        select count(distinct event_id) as count from decisions where reason = 'set_aside'`.execute(db.read);
      return rows[0]!.count;
    },
  );
}
