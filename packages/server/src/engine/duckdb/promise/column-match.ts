// Pure: the columns of a file beside those that its dataset promises: by name where the file has names, else by place.

export interface ColumnMatch {
  /** For each promised column its place in the file; -1 where it is not there. */
  readonly places: readonly number[];
  /** Names of the file that nobody promised. */
  readonly extra: readonly string[];
}

/** The same name first; else one that differs in letter case alone, where just one does. */
export function matchColumns(promised: readonly string[], found: readonly string[]): ColumnMatch {
  const byName = new Map(found.map((name, place) => [name, place]));
  const byFolded = Map.groupBy(found.keys(), (place) => found[place]!.toLowerCase());
  const places = promised.map((name) => {
    const alike = byFolded.get(name.toLowerCase()) ?? [];
    return byName.get(name) ?? (alike.length === 1 ? alike[0]! : -1);
  });
  const taken = new Set(places);
  return { places, extra: found.filter((_, place) => !taken.has(place)) };
}

const maxNamed = 20;

export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, maxNamed).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
