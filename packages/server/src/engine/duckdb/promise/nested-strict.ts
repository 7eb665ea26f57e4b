// Pure: lists and structs of JSON, each value within them read by its own type as strictly as one that stands alone.
import type { Column, FileOptions } from '../../dataset.ts';
import { quoteName, quoteText } from '../quote.ts';
import { readShape, type TypeShape } from '../type-shape.ts';
import { readStrictly, type Strict } from './strict-sql.ts';

/** The type as which it is read: texts in place of values. Null where there is nothing to hold them against. */
export function looseType(type: string): string | null {
  const shape = readShape(type);
  return isHeld(shape) ? loosen(shape) : null;
}

/** Keys of maps can't be read as texts of another type. */
function isHeld(shape: TypeShape): boolean {
  if (shape.kind === 'list') return isHeld(shape.of);
  return (
    shape.kind === 'plain' || (shape.kind === 'struct' && shape.members.every(([, member]) => isHeld(member)))
  );
}

function loosen(shape: TypeShape): string {
  if (shape.kind === 'list') return `${loosen(shape.of)}[]`;
  if (shape.kind !== 'struct') return shape.kind === 'plain' && shape.type === 'JSON' ? 'JSON' : 'VARCHAR';
  return `STRUCT(${shape.members.map(([name, member]) => `${quoteName(name)} ${loosen(member)}`).join(', ')})`;
}

/** How `raw`, of the loose type, becomes a value of the column's; null where it is one. */
export function readNested(raw: string, column: Column, options: FileOptions): Strict | null {
  const shape = readShape(column.type);
  return isHeld(shape) ? readPart(raw, shape, { column, options, depth: 0 }) : null;
}

interface Place {
  readonly column: Column;
  readonly options: FileOptions;
  readonly depth: number;
}

function readPart(raw: string, shape: TypeShape, place: Place): Strict | null {
  if (shape.kind === 'list') return readList(raw, shape.of, place);
  if (shape.kind === 'struct') return readStruct(raw, shape.members, place);
  if (shape.kind === 'map' || shape.type === 'JSON') return null;
  return readStrictly(raw, { name: place.column.name, type: shape.type }, place.options);
}

const orMissing = (raw: string, fits: string): string => `(${raw} IS NULL OR coalesce(${fits}, false))`;

function readList(raw: string, of: TypeShape, place: Place): Strict | null {
  const each = `v${place.depth}`;
  const strict = readPart(each, of, { ...place, depth: place.depth + 1 });
  if (strict === null) return null;
  const judged = `list_transform(${raw}, lambda ${each}: ${orMissing(each, strict.fits)})`;
  return {
    fits: `coalesce(list_bool_and(${judged}), true)`,
    value: `list_transform(${raw}, lambda ${each}: ${strict.value})`,
  };
}

function readStruct(
  raw: string,
  members: readonly (readonly [string, TypeShape])[],
  place: Place,
): Strict | null {
  const parts = members.map(([name, shape]) => {
    const part = `struct_extract(${raw}, ${quoteText(name)})`;
    return { name, part, strict: readPart(part, shape, place) };
  });
  const fits = parts.flatMap(({ part, strict }) => (strict === null ? [] : [orMissing(part, strict.fits)]));
  if (fits.length === 0) return null;
  const values = parts.map(({ name, part, strict }) => `${quoteText(name)}: ${strict?.value ?? part}`);
  return {
    fits: `(${fits.join(' AND ')})`,
    value: `CASE WHEN ${raw} IS NULL THEN NULL ELSE {${values.join(', ')}} END`,
  };
}

/** Paths of keys within a column that the promise does not have. */
export function listExtraKeys(promised: string, found: string, path: string): string[] {
  return listExtra(readShape(promised), readShape(found), path);
}

function listExtra(promised: TypeShape, found: TypeShape, path: string): string[] {
  if (promised.kind === 'list' && found.kind === 'list') return listExtra(promised.of, found.of, path);
  if (promised.kind !== 'struct' || found.kind !== 'struct') return [];
  const known = new Map(promised.members);
  return found.members.flatMap(([name, member]) => {
    const own = known.get(name);
    const below = `${path}.${name}`;
    return own === undefined ? [below] : listExtra(own, member, below);
  });
}
