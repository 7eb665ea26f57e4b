// Retention of what the server notes about itself: the audit log, and processes that ended long ago.
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

type Step = (max: number) => Promise<void | null>;

/** Removes the entries that are older, some at a time. */
export function createAuditRemoval(db: Database, keepMs: () => number): (time: number) => Step {
  return (time) => async (max) => {
    const { numAffectedRows } = await db.transaction((tx) =>
      sql`delete from audit_log where id in (select id from audit_log
        where at < ${time - keepMs()} order by at, id limit ${max})`.execute(tx),
    );
    return Number(numAffectedRows ?? 0) < max ? null : undefined;
  };
}

/** Removes processes that began before, are gone, and hold no lease. They are few: one for each start. */
export function createNodeRemoval(db: Database, keepMs: () => number): (time: number) => Step {
  return (time) => {
    let after = 0;
    return async (max) => {
      const old = await db.read
        .selectFrom('nodes')
        .select(['id', 'stopped_at'])
        .where('started_at', '<', time - keepMs())
        .where('id', '>', after)
        .orderBy('id')
        .limit(max)
        .execute();
      const unsaid = old.filter(({ stopped_at }) => stopped_at === null).map(({ id }) => id);
      const gone = new Set(await db.findGoneNodes(unsaid));
      const ids = old.filter(({ id, stopped_at }) => stopped_at !== null || gone.has(id)).map(({ id }) => id);
      if (ids.length > 0) await removeNodes(db, ids);
      if (old.length < max) return null;
      after = old.at(-1)!.id;
      return undefined;
    };
  };
}

function removeNodes(db: Database, ids: readonly number[]) {
  const unused = (table: string) =>
    sql`not exists (select 1 from ${sql.table(table)} where lease_node = nodes.id)`;
  return db.transaction((tx) =>
    sql`delete from nodes where id in (${sql.join([...ids])})
      and ${unused('jobs')} and ${unused('deliveries')} and ${unused('schedules')}`.execute(tx),
  );
}
