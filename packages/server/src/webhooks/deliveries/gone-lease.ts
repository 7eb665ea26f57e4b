// Leases that end before their time: of nodes that are gone, and of transactions whose end nobody has heard of.
import type { Database } from '../../db/database.ts';

/**
 * Ends the leases of nodes that are known to be gone: their deliveries are due at once, before all that waits, so that a
 * backlog does not hold up what was cut off. Gives how many.
 */
export async function endGoneLeases(db: Database): Promise<number> {
  const owners = await db.read
    .selectFrom('deliveries')
    .select('lease_node')
    .distinct()
    .where('lease_node', 'is not', null)
    .execute();
  const gone = await db.findGoneNodes(owners.map(({ lease_node }) => lease_node!));
  if (gone.length === 0) return 0;
  const { numUpdatedRows } = await db.transaction((tx) =>
    tx.updateTable('deliveries').set({ due_at: 0 }).where('lease_node', 'in', gone).executeTakeFirstOrThrow(),
  );
  return Number(numUpdatedRows);
}

/**
 * Ends leases of this node that its worker does not know: their commit was made though its transaction failed here, as
 * when the connection broke while it was answered. Without this they would wait until the lease ran out. `ours`, public ids,
 * is asked after the leases are read: whatever was committed by then is known by then.
 */
export async function endOrphanLeases(db: Database, ours: () => Iterable<string>): Promise<number> {
  const mine = await db.read
    .selectFrom('deliveries')
    .select(['id', 'public_id'])
    .where('lease_node', '=', db.nodeId)
    .execute();
  const known = new Set(ours());
  const orphans = mine.filter(({ public_id }) => !known.has(public_id)).map(({ id }) => id);
  if (orphans.length === 0) return 0;
  const { numUpdatedRows } = await db.transaction((tx) =>
    tx
      .updateTable('deliveries')
      .set({ due_at: 0 })
      .where('id', 'in', orphans)
      .where('lease_node', '=', db.nodeId)
      .executeTakeFirstOrThrow(),
  );
  return Number(numUpdatedRows);
}
