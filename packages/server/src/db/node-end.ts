// How a node ends: as somebody planned, or not. What was under way in one that just ended may be what ended it.
import { sql, type RawBuilder } from 'kysely';
import type { Database } from './database.ts';

/** From now on the end of this process is no crash, also where it is cut short. */
export async function noteStopping(db: Database): Promise<void> {
  await db.transaction((tx) =>
    tx.updateTable('nodes').set({ stopping_at: tx.now }).where('id', '=', db.nodeId).execute(),
  );
}

/** 1 where nobody had told the node to end whose id stands in this column, else 0; as SQL. */
export function isCrashOf(column: string): RawBuilder<number> {
  return sql`case when exists (select 1 from nodes n where n.id = ${sql.raw(column)}
    and n.stopping_at is null and n.stopped_at is null) then 1 else 0 end`;
}
