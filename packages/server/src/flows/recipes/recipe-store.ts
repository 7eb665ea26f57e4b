// The rows of recipes, and the edges to what they read.
import { sql, type RawBuilder } from 'kysely';
import type { Read, Tx } from '../../db/database.ts';
import { insertMany } from '../../db/rows.ts';
import type { Column } from '../../engine/dataset.ts';
import { writeAudit, writeDifference } from '../../workspace/audit-log.ts';
import { selectOne, stampColumns, type Selection, type StampedRow } from '../flow-store.ts';

export interface RecipeRow extends StampedRow {
  readonly id: number;
  readonly flow_id: number;
  readonly flow_name: string;
  readonly name: string;
  readonly description: string | null;
  readonly sql_text: string | null;
  readonly dialect: string;
  readonly primary_input_id: number | null;
  /** What the primary input is: the dataset's id, or null where it is a recipe. */
  readonly primary_dataset_id: number | null;
  /** 1 where it came with steps of another language, which are kept as a note. */
  readonly has_note: number;
  /** Null where it does not validate. */
  readonly columns: readonly Column[] | null;
}

type RawRow = Omit<RecipeRow, 'columns'> & { readonly columns: string | null };

const from = sql.raw(`
  from recipes r join flows f on f.id = r.flow_id left join flow_nodes n on n.id = r.primary_input_id
  left join people p on p.id = r.creator_id`);

export async function readRecipes(db: Read, { where, orderBy, page }: Selection): Promise<RecipeRow[]> {
  const { rows } = await sql<RawRow>`
    select r.id, r.flow_id, f.name as flow_name, r.name, r.description, r.sql_text, r.dialect, r.primary_input_id,
      n.dataset_id as primary_dataset_id, r.columns,
      (select count(*) from recipe_notes o where o.recipe_id = r.id) as has_note, ${stampColumns('r')}
    ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows.map((row) => ({
    ...row,
    columns: row.columns === null ? null : (JSON.parse(row.columns) as Column[]),
  }));
}

export async function countRecipes(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}

/** The steps that a recipe came with, as JSON; null where there are none. */
export async function readNote(db: Read, recipeId: number): Promise<string | null> {
  const row = await db
    .selectFrom('recipe_notes')
    .select('note')
    .where('recipe_id', '=', recipeId)
    .executeTakeFirst();
  return row?.note ?? null;
}

export async function removeNote(tx: Tx, recipeId: number): Promise<void> {
  await tx.deleteFrom('recipe_notes').where('recipe_id', '=', recipeId).execute();
}

/** What a recipe is, with what the check found: its columns, and the nodes that it reads. */
export interface RecipeContent {
  readonly name: string;
  readonly description: string | null;
  readonly sql: string | null;
  readonly primaryInputId: number | null;
  readonly columns: readonly Column[] | null;
  readonly inputIds: readonly number[];
}

function toColumns({ name, description, sql: text, primaryInputId, columns }: RecipeContent) {
  return {
    name,
    description,
    sql_text: text,
    primary_input_id: primaryInputId,
    columns: writeColumns(columns),
  };
}

function writeColumns(columns: readonly Column[] | null): string | null {
  return columns === null ? null : JSON.stringify(columns);
}

export async function insertRecipe(
  tx: Tx,
  personId: number,
  flowId: number,
  recipe: RecipeContent,
): Promise<number> {
  const now = tx.now;
  const { id } = await tx
    .insertInto('flow_nodes')
    .values({ flow_id: flowId, kind: 'recipe', created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  const stamp = { creator_id: personId, updater_id: personId, created_at: now, updated_at: now };
  await tx
    .insertInto('recipes')
    .values({ id, flow_id: flowId, ...toColumns(recipe), ...stamp })
    .execute();
  await replaceInputs(tx, id, recipe.inputIds);
  const after = { flowId, ...toShown(recipe) };
  await writeAudit(tx, { personId, action: 'create', objectKind, objectId: id, after });
  return id;
}

const objectKind = 'recipe';

/** What the audit log tells of a recipe. */
function toShown({ name, description, sql: text }: Pick<RecipeContent, 'name' | 'description' | 'sql'>) {
  return { name, description, sql: text };
}

async function readShown(tx: Tx, id: number) {
  const row = (await readRecipes(tx, selectOne('r.id', id)))[0]!;
  return { flowId: row.flow_id, ...toShown({ ...row, sql: row.sql_text }) };
}

export async function updateRecipe(
  tx: Tx,
  personId: number,
  id: number,
  recipe: RecipeContent,
): Promise<void> {
  const { flowId, ...before } = await readShown(tx, id);
  const entry = { personId, action: 'change', objectKind, objectId: id } as const;
  const about = { flowId, name: before.name };
  await writeDifference(tx, { ...entry, about, before, after: toShown(recipe) });
  await tx
    .updateTable('recipes')
    .set({ ...toColumns(recipe), updater_id: personId, updated_at: tx.now })
    .where('id', '=', id)
    .execute();
  await replaceInputs(tx, id, recipe.inputIds);
}

/** What a new check of an unchanged recipe found. Left alone where somebody has changed it since it was read. */
export async function storeCheck(
  tx: Tx,
  recipe: { readonly id: number; readonly updatedAt: number },
  found: { readonly columns: readonly Column[] | null; readonly inputIds: readonly number[] },
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('recipes')
    .set({ columns: writeColumns(found.columns) })
    .where('id', '=', recipe.id)
    .where('updated_at', '=', recipe.updatedAt)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) await replaceInputs(tx, recipe.id, found.inputIds);
}

async function replaceInputs(tx: Tx, recipeId: number, inputIds: readonly number[]): Promise<void> {
  await tx.deleteFrom('recipe_inputs').where('recipe_id', '=', recipeId).execute();
  const rows = inputIds.map((inputId) => ({ recipe_id: recipeId, input_id: inputId }));
  const columns = { recipe_id: 'bigint', input_id: 'bigint' } as const;
  await insertMany(tx, { table: 'recipe_inputs', columns, rows });
}

/** Marks the recipe with its outputs and their write settings. */
export async function markRecipeDeleted(tx: Tx, personId: number, id: number): Promise<void> {
  const before = await readShown(tx, id);
  await writeAudit(tx, { personId, action: 'remove', objectKind, objectId: id, before });
  const now = tx.now;
  await sql`
    update write_settings set deleted_at = ${now}, updater_id = ${personId}
    where deleted_at is null and output_id in (select id from outputs where recipe_id = ${id})`.execute(tx);
  await sql`
    update outputs set deleted_at = ${now}, updater_id = ${personId}
    where deleted_at is null and recipe_id = ${id}`.execute(tx);
  await sql`
    update recipes set deleted_at = ${now}, updated_at = ${now}, updater_id = ${personId} where id = ${id}`.execute(
    tx,
  );
  await sql`update flow_nodes set deleted_at = ${now} where id = ${id}`.execute(tx);
}

/** The live recipes of a flow, in the order of their ids. */
export async function readRecipesOfFlow(db: Read, flowId: number): Promise<{ id: number; name: string }[]> {
  return db
    .selectFrom('recipes')
    .select(['id', 'name'])
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
}
