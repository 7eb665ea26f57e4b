// Pure: whether a field was changed, and of the body of a change only what was.

/** The members of `after` that are others than in `before`. What is left out of a change stays as it is. */
export function pickChanged<Body>(before: Body, after: Body): Body {
  const old = before as Readonly<Record<string, unknown>>;
  const changed = Object.entries(after as object).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]),
  );
  return Object.fromEntries(changed) as Body;
}

/** `plain` gives what of a value counts; all of it unless given. */
export function hasSame<Values extends Readonly<Record<string, unknown>>>(
  { plain = (_, value) => value }: { plain?(field: string, value: unknown): unknown },
  field: string,
  a: Values,
  b: Values,
): boolean {
  return JSON.stringify(plain(field, a[field]) ?? null) === JSON.stringify(plain(field, b[field]) ?? null);
}

/** These fields of `theirs`, all others of `mine`. */
export function takeFields<Values extends Readonly<Record<string, unknown>>>(
  mine: Values,
  theirs: Values,
  fields: readonly string[],
): Values {
  return { ...mine, ...Object.fromEntries(fields.map((field) => [field, theirs[field]])) };
}
