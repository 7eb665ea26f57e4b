// Pure: the columns of a file beside those that its dataset promises: by name where the file has names, else by place.
import { foldName } from '@flowhook/contract/flow/name';

export interface ColumnMatch {
  /** For each promised column its place in the file; -1 where it is not there. */
  readonly places: readonly number[];
  /** Names of the file that nobody promised. */
  readonly extra: readonly string[];
}

/** The same name first; else one that the engine takes for the same by `fold`, where just one is. */
export function matchColumns(
  promised: readonly string[],
  found: readonly string[],
  fold: (name: string) => string = foldName,
): ColumnMatch {
  const byName = new Map(found.map((name, place) => [name, place]));
  const byFolded = Map.groupBy(found.keys(), (place) => fold(found[place]!));
  const places = promised.map((name) => {
    const alike = byFolded.get(fold(name)) ?? [];
    return byName.get(name) ?? (alike.length === 1 ? alike[0]! : -1);
  });
  const taken = new Set(places);
  return { places, extra: found.filter((_, place) => !taken.has(place)) };
}

/** The engine reads a key of JSON by its letters as they are: another letter case is another key. */
export function matchKeys(promised: readonly string[], found: readonly string[]): ColumnMatch {
  return matchColumns(promised, found, (key) => key);
}

const maxNamed = 20;

export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, maxNamed).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
