// Access to flows by the database: whose they are, what was granted.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from '../db/database.ts';
import type { Caller } from './caller.ts';
import {
  findFlowRole,
  readNeed,
  requireFlowRole,
  type FlowOwnership,
  type FlowRole,
  type Need,
} from './flow-access.ts';

/** Throws `not_found` where the caller may not see the flow or it is deleted, `forbidden` where not do this with it. */
export async function requireFlow(db: Read, caller: Caller, flowId: number, need: Need): Promise<void> {
  const { role, includeDeleted } = readNeed(need);
  const row = await db
    .selectFrom('flows')
    .leftJoin('flow_grants', (join) =>
      join.onRef('flow_grants.flow_id', '=', 'flows.id').on('flow_grants.person_id', '=', caller.personId),
    )
    .select(['flows.owner_id', 'flow_grants.role', 'flows.deleted_at'])
    .where('flows.id', '=', flowId)
    .executeTakeFirst();
  const seen = row !== undefined && (includeDeleted || row.deleted_at === null);
  requireFlowRole(
    caller,
    seen ? { flowId, ownerId: row.owner_id, grant: row.role } : undefined,
    role,
    flowId,
  );
}

/** True for the rows whose flow the caller may see; `column` holds the flow's id. */
export function visibleFlows(caller: Caller, column: string): RawBuilder<boolean> {
  const id = sql.raw(column);
  const bound =
    caller.flowIds === null
      ? sql`1 = 1`
      : caller.flowIds.length === 0
        ? sql`1 = 0`
        : sql`${id} in (${sql.join([...caller.flowIds])})`;
  if (caller.role === 'administrator') return sql<boolean>`(${bound})`;
  return sql<boolean>`(${bound} and ${id} in (
    select f.id from flows f where f.owner_id = ${caller.personId}
    union select g.flow_id from flow_grants g where g.person_id = ${caller.personId}))`;
}

/** Which of these flows the caller may change: there, and there alone, header values and bodies are shown. */
export async function findEditable(
  db: Read,
  caller: Caller,
  flowIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const roles = await readFlowRoles(db, caller, flowIds);
  return new Set([...roles].filter(([, role]) => role !== 'viewer').map(([flowId]) => flowId));
}

/** The caller's role on each of these flows, deleted ones too; those that they may not see are not in it. */
export async function readFlowRoles(
  db: Read,
  caller: Caller,
  flowIds: readonly number[],
): Promise<ReadonlyMap<number, FlowRole>> {
  if (flowIds.length === 0) return new Map();
  const { rows } = await sql<FlowOwnership>`
    select f.id as "flowId", f.owner_id as "ownerId", g.role as "grant"
    from flows f left join flow_grants g on g.flow_id = f.id and g.person_id = ${caller.personId}
    where f.id in (${sql.join([...new Set(flowIds)])})`.execute(db);
  return new Map(
    rows.flatMap((row) => {
      const role = findFlowRole(caller, row);
      return role === null ? [] : [[row.flowId, role] as const];
    }),
  );
}
