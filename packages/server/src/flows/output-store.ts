// The rows of outputs and of their write settings.
import { sql, type RawBuilder } from 'kysely';
import type { Read, Tx } from '../db/database.ts';
import { stampColumns, type Selection, type StampedRow } from './flow-store.ts';
import type { WriteRule } from './write-setting-rule.ts';

export interface OutputRow extends StampedRow {
  readonly id: number;
  readonly flow_id: number;
  readonly flow_name: string;
  readonly recipe_id: number;
  readonly recipe_name: string;
  readonly is_adhoc: number;
  readonly execution: string;
  readonly engine: string;
  readonly profiler: number;
}

export interface WriteSettingRow extends StampedRow {
  readonly id: number;
  readonly output_id: number;
  readonly flow_id: number;
  readonly rule: WriteRule;
}

const fromOutputs = sql.raw(`
  from outputs o join flows f on f.id = o.flow_id join recipes r on r.id = o.recipe_id
  left join people p on p.id = o.creator_id`);

export async function readOutputs(db: Read, { where, orderBy, page }: Selection): Promise<OutputRow[]> {
  const { rows } = await sql<OutputRow>`
    select o.id, o.flow_id, f.name as flow_name, o.recipe_id, r.name as recipe_name, o.is_adhoc, o.execution, o.engine,
      o.profiler, ${stampColumns('o')}
    ${fromOutputs} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows;
}

export async function countOutputs(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count ${fromOutputs} where ${where}`.execute(db);
  return rows[0]!.count;
}

interface RawSetting extends StampedRow {
  readonly id: number;
  readonly output_id: number;
  readonly flow_id: number;
  readonly path: string;
  readonly action: WriteRule['action'];
  readonly format: WriteRule['format'];
  readonly compression: WriteRule['compression'];
  readonly header: number;
  readonly as_single_file: number;
  readonly delim: string;
  readonly has_quotes: number;
  readonly null_text: string;
}

const fromSettings = sql.raw(`
  from write_settings w join outputs o on o.id = w.output_id left join people p on p.id = w.creator_id`);

export async function readWriteSettings(
  db: Read,
  { where, orderBy, page }: Selection,
): Promise<WriteSettingRow[]> {
  const { rows } = await sql<RawSetting>`
    select w.id, w.output_id, o.flow_id, w.path, w.action, w.format, w.compression, w.header, w.as_single_file, w.delim,
      w.has_quotes, w.null_text, ${stampColumns('w')}
    ${fromSettings} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows.map(toWriteSetting);
}

function toWriteSetting(row: RawSetting): WriteSettingRow {
  const { path, action, format, compression, delim, header, as_single_file, has_quotes, null_text, ...rest } =
    row;
  const flags = { header: header === 1, asSingleFile: as_single_file === 1, hasQuotes: has_quotes === 1 };
  return { ...rest, rule: { path, action, format, compression, delim, nullText: null_text, ...flags } };
}

export async function countWriteSettings(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count ${fromSettings} where ${where}`.execute(db);
  return rows[0]!.count;
}

/** The write settings of these outputs, oldest first. */
export async function readSettingsOf(db: Read, outputIds: readonly number[]): Promise<WriteSettingRow[]> {
  if (outputIds.length === 0) return [];
  const where = sql<boolean>`w.output_id in (${sql.join([...outputIds])}) and w.deleted_at is null`;
  return readWriteSettings(db, { where, orderBy: sql`w.id`, page: sql`` });
}

export interface NewOutput {
  readonly flowId: number;
  readonly recipeId: number;
  readonly isAdhoc: boolean;
  readonly execution: string;
  readonly engine: string;
  readonly profiler: boolean;
}

export async function insertOutput(tx: Tx, personId: number, output: NewOutput): Promise<number> {
  const now = tx.now;
  const stamp = { creator_id: personId, updater_id: personId, created_at: now, updated_at: now };
  const { id } = await tx
    .insertInto('outputs')
    .values({
      flow_id: output.flowId,
      recipe_id: output.recipeId,
      is_adhoc: output.isAdhoc ? 1 : 0,
      execution: output.execution,
      engine: output.engine,
      profiler: output.profiler ? 1 : 0,
      ...stamp,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function updateOutput(
  tx: Tx,
  personId: number,
  id: number,
  change: { readonly execution?: string | undefined; readonly profiler?: boolean | undefined },
): Promise<void> {
  const { execution, profiler } = change;
  await tx
    .updateTable('outputs')
    .set({
      ...(execution !== undefined && { execution }),
      ...(profiler !== undefined && { profiler: profiler ? 1 : 0 }),
      updater_id: personId,
      updated_at: tx.now,
    })
    .where('id', '=', id)
    .execute();
}

function toColumns({ header, asSingleFile, hasQuotes, nullText, ...rest }: WriteRule) {
  return {
    ...rest,
    null_text: nullText,
    header: header ? 1 : 0,
    as_single_file: asSingleFile ? 1 : 0,
    has_quotes: hasQuotes ? 1 : 0,
  };
}

export async function insertWriteSetting(
  tx: Tx,
  personId: number,
  outputId: number,
  rule: WriteRule,
): Promise<number> {
  const now = tx.now;
  const stamp = { creator_id: personId, updater_id: personId, created_at: now, updated_at: now };
  const { id } = await tx
    .insertInto('write_settings')
    .values({ output_id: outputId, ...toColumns(rule), ...stamp })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function updateWriteSetting(
  tx: Tx,
  personId: number,
  id: number,
  rule: WriteRule,
): Promise<void> {
  await tx
    .updateTable('write_settings')
    .set({ ...toColumns(rule), updater_id: personId, updated_at: tx.now })
    .where('id', '=', id)
    .execute();
}

/** Marks a row of one of the two tables. */
export async function markDeleted(
  tx: Tx,
  personId: number,
  table: 'outputs' | 'write_settings',
  id: number,
): Promise<void> {
  const now = tx.now;
  await tx
    .updateTable(table)
    .set({ deleted_at: now, updated_at: now, updater_id: personId })
    .where('id', '=', id)
    .execute();
}
