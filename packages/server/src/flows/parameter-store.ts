// The rows of flow parameters and of environment parameters.
import { sql } from 'kysely';
import type { Read, Tx } from '../db/database.ts';
import type { ParameterType } from '../engine/engine.ts';
import { stampColumns, type StampedRow } from './flow-store.ts';
import type { DefinedParameter, EnvironmentValue } from './parameter.ts';

/** Times are epoch milliseconds. */
export interface ParameterRow extends StampedRow {
  readonly id: number;
  readonly flow_id: number;
  readonly name: string;
  readonly type: ParameterType;
  readonly default_value: string;
  readonly description: string | null;
}

export async function readParameterRows(db: Read, flowId: number): Promise<ParameterRow[]> {
  const { rows } = await sql<ParameterRow>`
    select a.id, a.flow_id, a.name, a.type, a.default_value, a.description, ${stampColumns('a')}
    from flow_parameters a left join people p on p.id = a.creator_id
    where a.flow_id = ${flowId} and a.deleted_at is null order by a.id`.execute(db);
  return rows;
}

/** Everything that a run of the flow may read, beside what it is given; null for what lies outside of flows. */
export async function readParameterSources(
  db: Read,
  flowId: number | null,
): Promise<{ defined: DefinedParameter[]; environment: EnvironmentValue[] }> {
  const defined = await db
    .selectFrom('flow_parameters')
    .select(['name', 'type', 'default_value as defaultValue'])
    .where('flow_id', '=', flowId ?? 0)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
  const environment = await db
    .selectFrom('environment_parameters')
    .select(['override_key as key', 'value'])
    .orderBy('id')
    .execute();
  return { defined, environment };
}

/** The same for several flows at once. */
export async function readParametersOfFlows(
  db: Read,
  flowIds: readonly number[],
): Promise<(flowId: number) => { defined: DefinedParameter[]; environment: EnvironmentValue[] }> {
  const all = await db
    .selectFrom('flow_parameters')
    .select(['flow_id', 'name', 'type', 'default_value as defaultValue'])
    .where('flow_id', 'in', flowIds)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
  const { environment } = await readParameterSources(db, null);
  const byFlow = Map.groupBy(all, ({ flow_id }) => flow_id);
  return (flowId) => ({
    defined: (byFlow.get(flowId) ?? []).map(({ name, type, defaultValue }) => ({ name, type, defaultValue })),
    environment,
  });
}

export interface ParameterContent {
  readonly name: string;
  readonly type: ParameterType;
  readonly defaultValue: string;
  readonly description: string | null;
}

const toColumns = ({ name, type, defaultValue, description }: ParameterContent) => ({
  name,
  type,
  default_value: defaultValue,
  description,
});

export async function insertParameter(
  tx: Tx,
  personId: number,
  flowId: number,
  content: ParameterContent,
): Promise<number> {
  const now = tx.now;
  const stamp = { creator_id: personId, updater_id: personId, created_at: now, updated_at: now };
  const { id } = await tx
    .insertInto('flow_parameters')
    .values({ flow_id: flowId, ...toColumns(content), ...stamp })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function updateParameter(
  tx: Tx,
  personId: number,
  id: number,
  content: ParameterContent,
): Promise<void> {
  await tx
    .updateTable('flow_parameters')
    .set({ ...toColumns(content), updater_id: personId, updated_at: tx.now })
    .where('id', '=', id)
    .execute();
}

export async function markParameterDeleted(tx: Tx, personId: number, id: number): Promise<void> {
  await tx
    .updateTable('flow_parameters')
    .set({ deleted_at: tx.now, updater_id: personId })
    .where('id', '=', id)
    .execute();
}
