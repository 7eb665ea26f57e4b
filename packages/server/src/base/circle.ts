// Pure: the one search for circles: whatever leads on, by whatever it is told apart.

/** How to walk: what tells two steps apart, which step is back where it began, and what follows a step. */
export interface Walk<Step, Key> {
  keyOf(step: Step): Key;
  closes(step: Step): boolean;
  goOn(step: Step): readonly Step[];
}

/** The shortest way from one of the first steps to one that closes a circle, both included; null where none does. */
export function findCircle<Step, Key>(first: readonly Step[], walk: Walk<Step, Key>): Step[] | null {
  const seen = new Set<Key>();
  let ways = first.map((step) => [step]);
  while (ways.length > 0) {
    const closed = ways.find((way) => walk.closes(way.at(-1)!));
    if (closed !== undefined) return closed;
    ways = ways
      .flatMap((way) => walk.goOn(way.at(-1)!).map((step) => [...way, step]))
      .filter((way) => {
        const key = walk.keyOf(way.at(-1)!);
        const isNew = !seen.has(key);
        seen.add(key);
        return isNew;
      });
  }
  return null;
}
