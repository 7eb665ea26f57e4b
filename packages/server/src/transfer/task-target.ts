// Recipes that the tasks of a content run in other flows: found by id or by names, where the caller may see them.
import { sql } from 'kysely';
import type { Read } from '../db/database.ts';
import type { Caller } from '../people/caller.ts';
import { visibleFlows } from '../people/flow-access-store.ts';

/** Those of these recipes that are there and that the caller may see. */
export async function findVisibleRecipes(
  db: Read,
  caller: Caller,
  ids: readonly number[],
): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: number }>`
    select r.id from recipes r join flows f on f.id = r.flow_id
    where r.id in (${sql.join([...ids])}) and r.deleted_at is null and f.deleted_at is null
      and ${visibleFlows(caller, 'r.flow_id')}`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** The one recipe of these names that the caller may see; null where there is none, or several. */
export async function findRecipeByNames(
  db: Read,
  caller: Caller,
  names: { readonly flow: string; readonly recipe: string },
): Promise<number | null> {
  const { rows } = await sql<{ id: number }>`
    select r.id from recipes r join flows f on f.id = r.flow_id
    where f.name = ${names.flow} and r.name = ${names.recipe} and r.deleted_at is null and f.deleted_at is null
      and ${visibleFlows(caller, 'r.flow_id')} limit 2`.execute(db);
  return rows.length === 1 ? rows[0]!.id : null;
}
