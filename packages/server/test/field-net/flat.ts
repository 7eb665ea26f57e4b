// Pure: objects as values by path, as `condition.count` or `triggers.0.timeBased`, and where two of them differ.
import { isDeepStrictEqual } from 'node:util';

export type Flat = Readonly<Record<string, unknown>>;

/** Lists of plain values are values; an empty object has nothing to lose. */
export function flatten(value: unknown, path = ''): Flat {
  if (!isBranch(value)) return { [path]: value };
  const parts = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.assign(
    {},
    ...parts.map(([name, each]) => flatten(each, path === '' ? name : `${path}.${name}`)),
  ) as Flat;
}

function isBranch(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) || (value.length > 0 && value.every(isBranch));
}

/** The paths at which the two differ. */
export function listDifferent(before: Flat, after: Flat): string[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return paths.filter((path) => !isDeepStrictEqual(before[path], after[path]));
}

/** The path without places in lists: `triggers.0.timeBased` is a `triggers.timeBased`. */
export function dropPlaces(path: string): string {
  return path.replaceAll(/\.\d+(?=\.|$)/gu, '');
}

/** True for the path of a field and for those below it. */
export function isWithin(path: string, field: string): boolean {
  const plain = dropPlaces(path);
  return plain === field || plain.startsWith(`${field}.`);
}
