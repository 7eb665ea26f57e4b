// The rows of flows.
import { sql, type RawBuilder } from 'kysely';
import { notFound } from '../base/error.ts';
import type { Read, Tx } from '../db/database.ts';
import { writeAudit, writeDifference } from '../workspace/audit-log.ts';

/** Which rows, in which order, which page: as the list conventions plan it. */
export interface Selection {
  readonly where: RawBuilder<boolean>;
  readonly orderBy: RawBuilder<unknown>;
  readonly page: RawBuilder<unknown>;
}

/** Who made and changed a row, and when. Times are epoch milliseconds. */
export interface StampedRow {
  readonly creator_id: number | null;
  readonly creator_name: string | null;
  readonly creator_email: string | null;
  readonly updater_id: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly deleted_at: number | null;
}

export interface FlowRow extends StampedRow {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly owner_id: number;
  readonly owner_name: string;
  readonly owner_email: string;
}

/** The columns of `StampedRow` of the table with this alias; `p` is its creator. */
export function stampColumns(alias: string): RawBuilder<unknown> {
  const own = ['creator_id', 'updater_id', 'created_at', 'updated_at', 'deleted_at'];
  return sql.raw(
    `${own.map((name) => `${alias}.${name}`).join(', ')}, p.name as creator_name, p.email as creator_email`,
  );
}

const from = sql.raw(
  'from flows f join people o on o.id = f.owner_id left join people p on p.id = f.creator_id',
);

export async function readFlows(db: Read, { where, orderBy, page }: Selection): Promise<FlowRow[]> {
  const { rows } = await sql<FlowRow>`
    select f.id, f.name, f.description, f.owner_id, o.name as owner_name, o.email as owner_email, ${stampColumns('f')}
    ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows;
}

export async function countFlows(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}

/** The selection of one row by its id. */
export function selectOne(column: string, id: number): Selection {
  return { where: sql<boolean>`${sql.raw(column)} = ${id}`, orderBy: sql.raw(column), page: sql`` };
}

export interface NewFlow {
  readonly name: string;
  readonly description: string | null;
}

export async function insertFlow(tx: Tx, personId: number, flow: NewFlow): Promise<number> {
  const now = tx.now;
  const stamp = { creator_id: personId, updater_id: personId, created_at: now, updated_at: now };
  const { id } = await tx
    .insertInto('flows')
    .values({ ...flow, owner_id: personId, ...stamp })
    .returning('id')
    .executeTakeFirstOrThrow();
  await writeAudit(tx, { personId, action: 'create', objectKind: 'flow', objectId: id, after: flow });
  return id;
}

export async function updateFlow(
  tx: Tx,
  personId: number,
  flowId: number,
  change: Partial<NewFlow>,
): Promise<void> {
  const before = await tx
    .selectFrom('flows')
    .select(['name', 'description'])
    .where('id', '=', flowId)
    .executeTakeFirstOrThrow();
  const entry = { personId, action: 'change', objectKind: 'flow', objectId: flowId } as const;
  await writeDifference(tx, { ...entry, before, after: { ...before, ...change } });
  await tx
    .updateTable('flows')
    .set({ ...change, updater_id: personId, updated_at: tx.now })
    .where('id', '=', flowId)
    .execute();
}

/** Locks the flow's row until the transaction ends: everything that changes what a flow holds begins with it. */
export async function lockFlow(tx: Tx, flowId: number): Promise<void> {
  const { rows } = await sql`
    select id from flows where id = ${flowId} and deleted_at is null ${tx.forUpdate}`.execute(tx);
  if (rows.length === 0) throw notFound('flow', flowId);
}

/** Marks the flow and all that belongs to it; datasets stay. */
export async function markFlowDeleted(tx: Tx, personId: number, flowId: number): Promise<void> {
  const now = tx.now;
  await sql`
    update write_settings set deleted_at = ${now}, updater_id = ${personId}
    where deleted_at is null and output_id in (select id from outputs where flow_id = ${flowId})`.execute(tx);
  for (const table of ['outputs', 'recipes'] as const)
    await tx
      .updateTable(table)
      .set({ deleted_at: now, updater_id: personId })
      .where('flow_id', '=', flowId)
      .where('deleted_at', 'is', null)
      .execute();
  await tx
    .updateTable('flow_nodes')
    .set({ deleted_at: now })
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .execute();
  const before = await tx
    .updateTable('flows')
    .set({ deleted_at: now, updated_at: now, updater_id: personId })
    .where('id', '=', flowId)
    .returning(['name', 'description'])
    .executeTakeFirstOrThrow();
  await writeAudit(tx, { personId, action: 'remove', objectKind: 'flow', objectId: flowId, before });
}
