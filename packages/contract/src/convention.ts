// What all resources share: ids, times, relations, lists and their query.
import { z } from 'zod';

/** An integer id. In paths and queries it comes as text. */
export const id = z.int().positive();
export const idText = z.coerce.number().int().positive();
/** ISO 8601, UTC, with milliseconds. */
export const time = z.iso.datetime({ offset: true });
/** A to-one relation: only the id, until `embed` fills it. */
export const reference = z.looseObject({ id }).meta({ id: 'Reference' });
/** A to-one relation in a request: only the id is read. */
export const givenReference = z.object({ id });

/** Members that every object has. */
export const stamp = {
  createdAt: time,
  updatedAt: time,
  creator: reference.nullable(),
  updater: reference.nullable(),
};

/** What people call a thing, and what they say about it. */
export const name = z.string().trim().min(1).max(255);
export const description = z.string().max(10_000).nullish();

/** `true` and `false` in any letter case, as texts in a query. */
export const flag = z.stringbool({ case: 'insensitive', truthy: ['true', '1'], falsy: ['false', '0', ''] });

export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).optional().describe('Rows a page, 25 unless given.'),
  offset: z.coerce.number().int().min(0).optional().describe('Rows to pass over.'),
  noLimit: flag.optional().describe('All rows, at most 10,000.'),
  sort: z
    .string()
    .max(200)
    .optional()
    .describe('Fields, comma-separated; a minus before a name turns the order.'),
  filter: z.string().max(500).optional().describe('Text to look for, in any letter case.'),
  filterFields: z
    .string()
    .max(200)
    .optional()
    .describe('Fields to look in, comma-separated; `name` unless given.'),
  fields: z.string().max(500).optional().describe('Members to answer, `;`-separated.'),
  embed: z
    .string()
    .max(500)
    .optional()
    .describe('Relations to fill, comma-separated; those of which a row may have many, in at most 100 rows.'),
  includeDeleted: flag.optional().describe('Deleted objects too.'),
  includeCount: flag.optional().describe('Adds `count`, the number of all that match.'),
});

/** The names that `sort`, `filterFields` and `embed` of one list may have. */
export interface ListNames {
  readonly sort: readonly string[];
  readonly filter: readonly string[];
  readonly embed: readonly string[];
}

/**
 * The query of a list that knows these names. They are told in the document, as patterns too; that a name is known is
 * checked by the server, whose refusal lists the names.
 */
export function listQueryOf({ sort, filter, embed }: ListNames) {
  const { sort: sorted, filterFields } = listQuery.shape;
  return listQuery.extend({
    sort: sorted.meta(namesOf(sorted, sort, '[-+]?')),
    filterFields: filterFields.meta(namesOf(filterFields, filter)),
    ...objectQueryOf({ embed }).pick({ embed: true }).shape,
  });
}

/** What a single object is read with. */
export function objectQueryOf({ embed }: Pick<ListNames, 'embed'>) {
  const base = listQuery.shape.embed;
  return listQuery
    .pick({ fields: true, includeDeleted: true })
    .extend({ embed: base.meta(namesOf(base, embed)) });
}

function namesOf(
  { description }: { description?: string | undefined },
  names: readonly string[],
  before = '',
) {
  const known = names.length === 0 ? 'There are none here' : `Known: ${names.join(', ')}`;
  return { description: `${description ?? ''} ${known}.`, ...namesPattern(names, before) };
}

/** Comma-separated names as a pattern of JSON Schema; nothing is fine, too. */
export function namesPattern(names: readonly string[], before = '') {
  const one = `${before}(${names.map((name) => name.replaceAll('.', String.raw`\.`)).join('|')})`;
  const pattern = names.length === 0 ? String.raw`^\s*$` : String.raw`^\s*(${one}\s*(,\s*${one}\s*)*)?$`;
  return { pattern };
}

/** A list's answer: `{"data": [...]}`, with `count` where it was asked for. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), count: z.int().optional() });
}

export const idParams = z.object({ id: idText });
export const countReply = z.object({ count: z.int() });

/** Any JSON value, as far as the contract looks into it. */
export const json = z.json().meta({ id: 'Json', description: 'Any JSON value.' });
