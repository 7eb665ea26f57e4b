// Pure: values for a zod schema, made from the schema itself, so that a new field has some without being listed.
import type { z } from 'zod';

/** Values by the path of a field, as `condition.cron`, where any that fit the schema won't do; none leaves the field out. */
export type SpecialValues = Readonly<Record<string, readonly unknown[]>>;

const texts = ['A "text", ü', 'other', 'text_1', 'x'];
const numbers = [42, 17, 1.5];

/** Parts that are judged by themselves; whether the members of a whole fit together is not theirs to say. */
const judged = new Set(['string', 'number', 'lazy', 'unknown', 'custom', 'transform']);

/** Values of a field, the default of the schema last. Throws where none can be made. */
export function listValues(schema: z.core.$ZodType, path: string, special: SpecialValues = {}): unknown[] {
  const given = special[path];
  if (given !== undefined) return [...given];
  const made = makeValues(schema as z.core.$ZodTypes, path, special);
  const { type } = schema._zod.def;
  const valid = judged.has(type)
    ? made.filter((value) => (schema as z.ZodType).safeParse(value).success)
    : made;
  if (valid.length > 0) return valid;
  throw new Error(`No value can be made for ${path} (${type}): give it one in the special values.`);
}

function makeValues(schema: z.core.$ZodTypes, path: string, special: SpecialValues): unknown[] {
  const { def } = schema._zod;
  const inner = (each: z.core.$ZodType, at = path) => listValues(each, at, special);
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- What has no case here gets its values by hand.
  switch (def.type) {
    case 'string':
      return texts;
    case 'number':
      return numbers;
    case 'boolean':
      return [true, false];
    case 'enum':
      return Object.values(def.entries);
    case 'literal':
      return [...def.values];
    case 'lazy':
    case 'unknown':
      return texts.slice(0, 1);
    case 'array':
      return [inner(def.element).slice(0, 2)];
    case 'record':
      return [makeRecord(inner(def.keyType), inner(def.valueType))];
    case 'object':
      return makeObjects(def.shape, path, special);
    case 'union':
      return def.options.flatMap((option) => inner(option));
    case 'optional':
    case 'nullable':
      return inner(def.innerType);
    case 'default':
      return putLast(inner(def.innerType), def.defaultValue);
    case 'pipe':
      return inner(def.in);
    default:
      return [];
  }
}

function makeRecord(keys: readonly unknown[], values: readonly unknown[]): object {
  return Object.fromEntries(keys.slice(0, 2).map((key, index) => [key, values[index] ?? values[0]]));
}

function putLast(values: readonly unknown[], last: unknown): unknown[] {
  return [...values.filter((value) => value !== last), ...values.filter((value) => value === last)];
}

/** Objects that together hold every value of every field; the first has each field's first. */
function makeObjects(
  shape: Readonly<Record<string, z.core.$ZodType>>,
  path: string,
  special: SpecialValues,
): object[] {
  const lists = Object.entries(shape).flatMap(([name, schema]) => {
    const values = listValues(schema, path === '' ? name : `${path}.${name}`, special);
    return values.length === 0 ? [] : [[name, values] as const];
  });
  const count = Math.max(1, ...lists.map(([, values]) => values.length));
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(lists.map(([name, values], place) => [name, choose(values, index, place)])),
  );
}

/** Fields of two values change at different paces: two that were mixed up would not look alike. */
function choose(values: readonly unknown[], index: number, place: number): unknown {
  return values[index < values.length ? index : (index >> (place % 4)) % values.length];
}

/** The fields of an object schema, also of one that is transformed afterwards. */
export function listFields(schema: z.core.$ZodType): [string, z.core.$ZodType][] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'pipe') return listFields(def.in);
  if (def.type === 'object') return Object.entries(def.shape);
  throw new Error(`This is no object but ${def.type}.`);
}

export function listMembers(schema: z.core.$ZodType): string[] {
  return listFields(schema).map(([name]) => name);
}

/** True for yes or no, and for a word of a closed list. */
export function isChoice(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ('innerType' in def) return isChoice(def.innerType);
  return def.type === 'enum' || def.type === 'boolean';
}
