// The rows of outputs and of their write settings.
import { sql, type RawBuilder } from 'kysely';
import type { Read, Tx } from '../db/database.ts';
import { writeAudit, writeDifference } from '../workspace/audit-log.ts';
import { selectOne, stampColumns, type Selection, type StampedRow } from './flow-store.ts';
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
  const entry = { personId, action: 'create', objectKind: 'output', objectId: id } as const;
  await writeAudit(tx, { ...entry, after: output });
  return id;
}

export async function updateOutput(
  tx: Tx,
  personId: number,
  id: number,
  change: { readonly execution?: string | undefined; readonly profiler?: boolean | undefined },
): Promise<void> {
  const { execution, profiler } = change;
  const before = await readShownOutput(tx, id);
  const after = {
    ...before,
    ...(execution !== undefined && { execution }),
    ...(profiler !== undefined && { profiler }),
  };
  const entry = { personId, action: 'change', objectKind: 'output', objectId: id } as const;
  const about = { flowId: before.flowId, recipeId: before.recipeId };
  await writeDifference(tx, { ...entry, about, before, after });
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

/** What the audit log tells of an output. */
async function readShownOutput(tx: Tx, id: number) {
  const row = (await readOutputs(tx, selectOne('o.id', id)))[0]!;
  const { flow_id: flowId, recipe_id: recipeId, execution, engine } = row;
  return { flowId, recipeId, isAdhoc: row.is_adhoc === 1, execution, engine, profiler: row.profiler === 1 };
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
  const entry = { personId, action: 'create', objectKind: 'write setting', objectId: id } as const;
  await writeAudit(tx, { ...entry, after: await readShownSetting(tx, id) });
  return id;
}

export async function updateWriteSetting(
  tx: Tx,
  personId: number,
  id: number,
  rule: WriteRule,
): Promise<void> {
  const entry = { personId, action: 'change', objectKind: 'write setting', objectId: id } as const;
  const { flowId, outputId, ...before } = await readShownSetting(tx, id);
  const about = { flowId, outputId, path: before.path };
  await writeDifference(tx, { ...entry, about, before, after: { ...rule } });
  await tx
    .updateTable('write_settings')
    .set({ ...toColumns(rule), updater_id: personId, updated_at: tx.now })
    .where('id', '=', id)
    .execute();
}

async function readShownSetting(tx: Tx, id: number) {
  const row = (await readWriteSettings(tx, selectOne('w.id', id)))[0]!;
  return { flowId: row.flow_id, outputId: row.output_id, ...row.rule };
}

/** Marks a row of one of the two tables. */
export async function markDeleted(
  tx: Tx,
  personId: number,
  table: 'outputs' | 'write_settings',
  id: number,
): Promise<void> {
  const now = tx.now;
  const [objectKind, before] =
    table === 'outputs'
      ? ['output', await readShownOutput(tx, id)]
      : ['write setting', await readShownSetting(tx, id)];
  await writeAudit(tx, { personId, action: 'remove', objectKind, objectId: id, before });
  await tx
    .updateTable(table)
    .set({ deleted_at: now, updated_at: now, updater_id: personId })
    .where('id', '=', id)
    .execute();
}
