// Pure: when two names of datasets, recipes, parameters or columns are the same.

/**
 * What two names have in common that are the same one: they are compared as DuckDB does, without letter case in ASCII
 * alone, so that `É` and `é` are two names here as they are in SQL.
 */
export function foldName(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
}
