// The conventions of lists in one place: page, order, text filter, chosen members, embedded relations.
import type { ListNames } from '@flowhook/contract/convention';
import { sql, type RawBuilder } from 'kysely';
import { invalidField } from '../../base/error.ts';

/** What the names of a list mean: API names to SQL columns. */
export interface ListRules<Names extends ListNames = ListNames> {
  readonly sortable: Readonly<Record<Names['sort'][number], string>>;
  readonly filterable: Readonly<Record<Names['filter'][number], string>>;
  readonly embeds: Names['embed'];
  /** Relations of which a row may have many. */
  readonly costly?: readonly Names['embed'][number][];
  /** The parameter that goes on from a row; lists without it go on by `offset`. */
  readonly cursor?: 'after';
  /** Members that `fields` can't leave out, beside the usual ones. */
  readonly alwaysKept?: readonly string[];
}

export interface ListQuery {
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly noLimit?: boolean | undefined;
  readonly sort?: string | undefined;
  readonly filter?: string | undefined;
  readonly filterFields?: string | undefined;
  readonly fields?: string | undefined;
  readonly embed?: string | undefined;
  readonly includeDeleted?: boolean | undefined;
  readonly includeCount?: boolean | undefined;
}

export interface ListPlan {
  /** True for every row that is asked for; to stand in `where`. */
  readonly where: RawBuilder<boolean>;
  readonly orderBy: RawBuilder<unknown>;
  /** `limit … offset …`, or nothing. */
  readonly page: RawBuilder<unknown>;
  readonly embed: ReadonlySet<string>;
  readonly includeDeleted: boolean;
  readonly includeCount: boolean;
  readonly fields: readonly string[] | null;
  /** Rows that may be read at once. */
  readonly bound: Bound;
}

interface Bound {
  readonly max: number;
  /** What to say where there are more. */
  readonly fault: { readonly field: string; readonly detail: string };
}

const usualLimit = 25;
/** Rows of an answer, and of one with relations of which each row may have many. */
const maxRows = 10_000;
const maxEmbedding = 100;
const alwaysKept = ['id', 'createdAt', 'updatedAt'];

/** Reads a list's query; unknown names are refused with the names that are known. */
export function planList(query: ListQuery, rules: ListRules): ListPlan {
  const embed = readEmbed(query.embed, rules);
  const bound = planBound(embed, rules);
  return {
    where: planFilter(query, rules),
    orderBy: planOrder(query.sort, rules),
    page: planPage(query, bound),
    bound,
    embed,
    includeDeleted: query.includeDeleted ?? false,
    includeCount: query.includeCount ?? false,
    fields: readFields(query.fields, rules.alwaysKept),
  };
}

function planFilter({ filter, filterFields }: ListQuery, { filterable }: ListRules): RawBuilder<boolean> {
  const names = readNames(filterFields, ',') ?? [
    Object.hasOwn(filterable, 'name') ? 'name' : Object.keys(filterable)[0]!,
  ];
  const columns = names.map((name) => findColumn('filterFields', name, filterable));
  if (filter === undefined || filter === '') return sql<boolean>`1 = 1`;
  const parts = columns.map((column) => contains(sql.raw(column), filter));
  return sql<boolean>`(${sql.join(parts, sql` or `)})`;
}

/** SQLite folds the case of ASCII alone, PostgreSQL that of its locale: the text as it was typed is found by both. */
function contains(column: RawBuilder<unknown>, text: string): RawBuilder<boolean> {
  const [typed, folded] = [text, text.toLowerCase()].map(toPattern);
  return sql<boolean>`(lower(${column}) like ${folded} escape '\\' or ${column} like ${typed} escape '\\')`;
}

function toPattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/gu, String.raw`\$&`)}%`;
}

function planOrder(sort: string | undefined, { sortable }: ListRules): RawBuilder<unknown> {
  const names = readNames(sort, ',') ?? ['-id'];
  const parts = names.map((name) => {
    const column = findColumn('sort', name.replace(/^[-+]/u, ''), sortable);
    return sql.raw(`${column} ${name.startsWith('-') ? 'desc' : 'asc'}`);
  });
  // The id at the end makes the order whole, so that pages do not overlap.
  return sql.join([...parts, sql.raw(`${sortable['id']!} desc`)]);
}

function planPage({ limit, offset, noLimit }: ListQuery, { max, fault }: Bound): RawBuilder<unknown> {
  if (noLimit === true) return sql`limit ${max + 1}`;
  if ((limit ?? usualLimit) > max) throw invalidField(fault.field, fault.detail);
  return sql`limit ${limit ?? usualLimit} offset ${offset ?? 0}`;
}

function planBound(embed: ReadonlySet<string>, { costly = [], cursor }: ListRules): Bound {
  const name = costly.find((each) => embed.has(each));
  const way = cursor === undefined ? 'offset' : `${cursor} (the id of the last row of the page before)`;
  if (name === undefined) {
    const detail = `gives at most ${maxRows} rows, and there are more: ask page by page, with limit and ${way}.`;
    return { max: maxRows, fault: { field: 'noLimit', detail } };
  }
  const detail = `${name} can be embedded in at most ${maxEmbedding} rows: ask page by page, with limit and ${way}.`;
  return { max: maxEmbedding, fault: { field: 'embed', detail } };
}

/** Refuses more rows than an answer may have. To be asked before anything is read for each of them. */
export function requireBounded(rows: readonly unknown[], { bound }: Pick<ListPlan, 'bound'>): void {
  if (rows.length > bound.max) throw invalidField(bound.fault.field, bound.fault.detail);
}

function findColumn(field: string, name: string, columns: Readonly<Record<string, string>>): string {
  if (Object.hasOwn(columns, name)) return columns[name]!;
  throw invalidField(
    field,
    `${JSON.stringify(name)} is not known; known are ${Object.keys(columns).join(', ')}.`,
  );
}

/** The relations to fill; refuses a name that this resource does not have. */
export function readEmbed(
  embed: string | undefined,
  { embeds }: Pick<ListRules, 'embeds'>,
): ReadonlySet<string> {
  const names = readNames(embed, ',') ?? [];
  const wrong = names.find((name) => !embeds.includes(name));
  if (wrong !== undefined) {
    const valid = embeds.length === 0 ? 'this resource has none' : `valid are ${embeds.join(', ')}`;
    throw invalidField('embed', `${JSON.stringify(wrong)} can't be embedded; ${valid}.`);
  }
  return new Set(names);
}

function readNames(text: string | undefined, separator: string): string[] | null {
  const names = (text ?? '')
    .split(separator)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  // Each is read once, however often it is named.
  return names.length === 0 ? null : [...new Set(names)];
}

/** The members that `fields` asks for, with those that come always; null for all. */
export function readFields(
  fields: string | undefined,
  kept: readonly string[] = [],
): readonly string[] | null {
  const names = readNames(fields, ';');
  return names === null ? null : [...alwaysKept, ...kept, ...names];
}

/** Leaves of an object what `fields` names. */
export function pickFields<Item extends object>(item: Item, fields: readonly string[] | null): Item {
  if (fields === null) return item;
  const kept = new Set([...alwaysKept, ...fields]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name))) as Item;
}

/** A list's answer. */
export function answerList<Item extends object>(
  items: readonly Item[],
  plan: ListPlan,
  count: number,
): { data: Item[]; count?: number } {
  requireBounded(items, plan);
  const data = items.map((item) => pickFields(item, plan.fields));
  return plan.includeCount ? { data, count } : { data };
}

/** Epoch milliseconds as the API writes times. */
export function writeTime(time: number): string {
  return new Date(time).toISOString();
}

export function writeTimeOrNull(time: number | null): string | null {
  return time === null ? null : writeTime(time);
}

/** A relation by its id. */
export function refer(id: number): { id: number };
export function refer(id: number | null): { id: number } | null;
export function refer(id: number | null): { id: number } | null {
  return id === null ? null : { id };
}
