// Brings the schema to the newest version: each migration by its name, once, whole or not at all, and never one that was changed since.
import { createHash } from 'node:crypto';
import { CompiledQuery, sql } from 'kysely';
import { StartError } from '../base/start-error.ts';
import type { Database, Tx } from './database.ts';
import { migrations, type Migration } from './migration-list.ts';
import { fillWords } from './migration-word.ts';
import { findSchemaFault } from './schema-shape.ts';

/** Any number that no other program on the database would pick: two nodes never migrate at once. */
const migrationLock = 0x666c_6f77;

interface Applied {
  readonly name: string;
  /** Null where a Flowhook applied it that did not note it yet. */
  readonly checksum: string | null;
}

/**
 * Applies what is missing and gives the names of what was applied. Throws `StartError` if the schema is newer than this
 * program, or is not what its migrations make; then nothing is changed.
 */
export async function migrate(
  transaction: Database['transaction'],
  known: readonly Migration[] = migrations,
): Promise<string[]> {
  return transaction(async (tx) => {
    if (tx.dialect === 'postgres')
      await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx);
    const applied = await readApplied(tx);
    refuseForeign(applied, known);
    const missing = known.filter(({ name }) => !applied.some((each) => each.name === name));
    for (const migration of missing) await apply(tx, migration);
    await noteChecksums(tx, known);
    const fault = await findSchemaFault(tx, known);
    if (fault !== null) throw new StartError(notItsSchema(fault));
    return missing.map(({ name }) => name);
  });
}

async function readApplied(tx: Tx): Promise<Applied[]> {
  const table = 'schema_migrations';
  await sql`create table if not exists ${sql.table(table)} (version integer primary key, name text not null, checksum text)`.execute(
    tx,
  );
  if (!(await hasColumn(tx, table, 'checksum')))
    await sql`alter table ${sql.table(table)} add column checksum text`.execute(tx);
  const { rows } =
    await sql<Applied>`select name, checksum from ${sql.table(table)} order by version`.execute(tx);
  return rows;
}

async function hasColumn(tx: Tx, table: string, column: string): Promise<boolean> {
  const { rows } =
    tx.dialect === 'sqlite'
      ? await sql`select 1 from pragma_table_info(${table}) where name = ${column}`.execute(tx)
      : await sql`select 1 from information_schema.columns
          where table_schema = current_schema() and table_name = ${table} and column_name = ${column}`.execute(
          tx,
        );
  return rows.length > 0;
}

function refuseForeign(applied: readonly Applied[], known: readonly Migration[]): void {
  for (const { name, checksum } of applied) {
    const migration = known.find((each) => each.name === name);
    if (migration === undefined)
      throw new StartError(
        `The database has the migration "${name}", which this Flowhook does not know. Start the Flowhook that made it, or a newer one.`,
      );
    if (checksum !== null && checksum !== checksumOf(migration))
      throw new StartError(notItsSchema(`the migration "${name}" was another when it was applied`));
  }
}

/** Versions only order them: a gap that an earlier Flowhook left is filled under the migration's own. */
async function apply(tx: Tx, { version, name, text }: Migration): Promise<void> {
  for (const statement of splitStatements(text))
    await tx.executeQuery(CompiledQuery.raw(fillWords(statement, tx.dialect)));
  await sql`insert into schema_migrations (version, name) values (${version}, ${name})`.execute(tx);
}

async function noteChecksums(tx: Tx, known: readonly Migration[]): Promise<void> {
  for (const migration of known)
    await sql`update schema_migrations set checksum = ${checksumOf(migration)}
      where name = ${migration.name} and checksum is null`.execute(tx);
}

function checksumOf({ text }: Migration): string {
  return createHash('sha256').update(text.trim().replaceAll(/\s+/gu, ' ')).digest('hex');
}

function splitStatements(text: string): string[] {
  return text
    .split(/;\s*\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function notItsSchema(fault: string): string {
  return `The database is not as the migrations of this Flowhook make it: ${fault}. Nothing was changed. Start the Flowhook that made it, or restore a copy that fits.`;
}
