// Pure: what stands in an input and not in what was read of it: fields that nobody knows.

/** The paths of such fields, at most 20. `read` is what a schema made of `given`, without changing names. */
export function findUnknown(
  given: unknown,
  read: unknown,
  path: readonly (string | number)[] = [],
): (string | number)[][] {
  if (typeof given !== 'object' || given === null || typeof read !== 'object' || read === null) return [];
  return Object.entries(given)
    .flatMap(([name, value]) => {
      const place = [...path, Array.isArray(given) ? Number(name) : name];
      if (!Object.hasOwn(read, name)) return [place];
      return findUnknown(value, (read as Record<string, unknown>)[name], place);
    })
    .slice(0, 20);
}
