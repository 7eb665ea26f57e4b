// Which changes a caller may hear of: those of flows and datasets that the caller sees.
import { sql } from 'kysely';
import type { Read } from '../db/database.ts';
import { visibleDatasets } from '../flows/datasets/dataset-store.ts';
import type { Caller } from '../people/caller.ts';
import { visibleFlows } from '../people/flow-access-store.ts';
import type { Change } from '../workspace/change-feed.ts';

/** Each object once, and only what the caller may see now. */
export async function filterChanges(db: Read, caller: Caller, changes: readonly Change[]): Promise<Change[]> {
  const single = [...new Map(changes.map((change) => [`${change.kind} ${change.id}`, change])).values()];
  if (caller.role === 'administrator' && caller.flowIds === null) return single;
  const flows = await findVisible(
    single.map(({ flowId }) => flowId),
    (ids) => sql`select id from flows where ${inList('id', ids)} and ${visibleFlows(caller, 'flows.id')}`,
  );
  const datasets = await findVisible(
    single.map(({ kind, id }) => (kind === 'dataset' ? id : null)),
    (ids) => sql`select d.id from datasets d where ${inList('d.id', ids)} and ${visibleDatasets(caller)}`,
  );
  return single.filter(({ kind, id, flowId }) =>
    kind === 'dataset' ? datasets.has(id) : flowId !== null && flows.has(flowId),
  );

  async function findVisible(
    found: readonly (number | null)[],
    select: (ids: readonly number[]) => ReturnType<typeof sql>,
  ): Promise<Set<number>> {
    const ids = [...new Set(found.filter((id) => id !== null))];
    if (ids.length === 0) return new Set();
    const { rows } = await (select(ids) as ReturnType<typeof sql<{ id: number }>>).execute(db);
    return new Set(rows.map(({ id }) => id));
  }
}

function inList(column: string, ids: readonly number[]) {
  return sql`${sql.raw(column)} in (${sql.join([...ids])})`;
}
