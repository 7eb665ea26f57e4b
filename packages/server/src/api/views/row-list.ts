// Lists of rows: the plan of a list narrowed to what the caller may see, read, counted and shown.
import { sql, type RawBuilder } from 'kysely';
import { answerList, requireBounded, type ListPlan } from './list.ts';

/** The plan with more conditions; rows of `alias` that are deleted only where they are asked for. */
export function narrowPlan(
  plan: ListPlan,
  alias: string,
  conditions: readonly (RawBuilder<boolean> | undefined)[],
): ListPlan {
  const alive = plan.includeDeleted ? [] : [sql<boolean>`${sql.raw(alias)}.deleted_at is null`];
  const given = conditions.filter((condition) => condition !== undefined);
  return { ...plan, where: sql<boolean>`${sql.join([plan.where, ...alive, ...given], sql` and `)}` };
}

/** A condition on an id that may not be asked for. */
export function equals(column: string, id: number | undefined): RawBuilder<boolean> | undefined {
  return id === undefined ? undefined : sql<boolean>`${sql.raw(column)} = ${id}`;
}

/** A condition on a closed list's word; true where none is asked for. */
export function isOneOf(column: string, words: readonly string[] | undefined): RawBuilder<boolean> {
  if (words === undefined || words.length === 0) return sql<boolean>`1 = 1`;
  return sql<boolean>`${sql.raw(column)} in (${sql.join([...words])})`;
}

export interface RowList<Row, Item extends object> {
  read(plan: ListPlan): Promise<Row[]>;
  count(where: RawBuilder<boolean>): Promise<number>;
  show(rows: readonly Row[], embed: ReadonlySet<string>): Promise<Item[]> | Item[];
}

/** Reads a page and shows it. */
export async function answerRows<Row, Item extends object>(
  plan: ListPlan,
  { read, count, show }: RowList<Row, Item>,
): Promise<{ data: Item[]; count?: number }> {
  const rows = await read(plan);
  requireBounded(rows, plan);
  const items = await show(rows, plan.embed);
  return answerList(items, plan, plan.includeCount ? await count(plan.where) : 0);
}
