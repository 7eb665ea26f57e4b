// Whether anybody could report a job: nodes that take reports say so in their row.
import type { Database, Tx } from '../../db/database.ts';

/** Nodes that ended otherwise than planned stay in the table as if they were there; the newest are asked. */
const maxAsked = 20;

/** From now on this node takes reports. */
export async function takeReports(tx: Tx, nodeId: number): Promise<void> {
  await tx.updateTable('nodes').set({ takes_reports: 1 }).where('id', '=', nodeId).execute();
}

/** False where no node is there that takes reports, or none that is heard of: then no silence of a job means anything. */
export async function canReport(db: Database): Promise<boolean> {
  const nodes = await db.read
    .selectFrom('nodes')
    .select('id')
    .where('takes_reports', '=', 1)
    .where('stopped_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(maxAsked)
    .execute();
  const ids = nodes.map(({ id }) => id);
  return ids.includes(db.nodeId) || (await db.findSilentNodes(ids)).length < ids.length;
}
