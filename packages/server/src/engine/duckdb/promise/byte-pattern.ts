// Pure: patterns over bytes, and the table that walks through them: one step a byte, whatever the pattern.

/** What may come: a set of bytes, several things in a row, one of several, or one any number of times. */
export type Pattern =
  | { readonly set: ReadonlySet<number> }
  | { readonly row: readonly Pattern[] }
  | { readonly any: readonly Pattern[] }
  | { readonly star: Pattern };

export const row = (...parts: Pattern[]): Pattern => ({ row: parts });
export const any = (...parts: Pattern[]): Pattern => ({ any: parts });
export const star = (part: Pattern): Pattern => ({ star: part });
export const nothing: Pattern = { row: [] };
export const maybe = (part: Pattern): Pattern => any(nothing, part);
export const oneOf = (signs: string): Pattern => ({ set: new Set(Buffer.from(signs)) });
export const word = (text: string): Pattern =>
  row(...[...Buffer.from(text)].map((byte) => ({ set: new Set([byte]) })));
export const between = (part: Pattern, min: number, max: number): Pattern => {
  const further = Array.from({ length: max - min }).reduce<Pattern>(
    (rest) => maybe(row(part, rest)),
    nothing,
  );
  return row(...Array.from({ length: min }, () => part), further);
};
/** Every byte but these. */
export const noneOf = (signs: string): Pattern => {
  const left = new Set(Buffer.from(signs));
  return { set: new Set([...Array(256).keys()].filter((byte) => !left.has(byte))) };
};

interface Node {
  readonly free: number[];
  step: { readonly set: ReadonlySet<number>; readonly to: number } | null;
}

/** The pattern as a net of nodes: from the first one to the last one. */
function weave(pattern: Pattern): Node[] {
  const nodes: Node[] = [];
  const node = (): number => nodes.push({ free: [], step: null }) - 1;
  const link = (from: number, to: number): void => void nodes[from]!.free.push(to);
  function add(part: Pattern, from: number): number {
    if ('row' in part) return part.row.reduce((at, each) => add(each, at), from);
    const to = node();
    if ('set' in part) {
      const own = node();
      link(from, own);
      nodes[own]!.step = { set: part.set, to };
    } else if ('any' in part) for (const each of part.any) link(add(each, from), to);
    else {
      link(from, to);
      const begin = node();
      link(to, begin);
      link(add(part.star, begin), to);
    }
    return to;
  }
  const end = add(pattern, node());
  link(end, node());
  return nodes;
}

/** Begin with `state` 0 and take `steps[state + classes[byte]]` for each byte; `dead` is never left again. */
export interface Walk {
  readonly classes: Uint8Array;
  readonly steps: Uint32Array;
  readonly dead: number;
  /** The states in which the pattern may end. */
  readonly ends: ReadonlySet<number>;
}

const maxStates = 20_000;

/** Null where the pattern would take too many states. */
export function compile(pattern: Pattern): Walk | null {
  const nodes = weave(pattern);
  const states = new Map<string, { readonly id: number; readonly nodes: readonly number[] }>();
  const rows: Uint32Array[] = [];
  const idOf = (from: readonly number[]): number => {
    const all = follow(nodes, from);
    const key = all.join();
    const known = states.get(key);
    if (known !== undefined) return known.id;
    states.set(key, { id: states.size, nodes: all });
    return states.size - 1;
  };
  idOf([0]);
  const dead = idOf([]);
  for (const { nodes: own } of states.values()) {
    if (states.size > maxStates) return null;
    rows.push(stepsOf(nodes, own, dead, idOf));
  }
  const ends = [...states.values()]
    .filter(({ nodes: own }) => own.includes(nodes.length - 1))
    .map(({ id }) => id);
  return pack(rows, dead, ends);
}

function follow(nodes: readonly Node[], from: readonly number[]): number[] {
  const seen = new Set(from);
  for (const at of seen) for (const next of nodes[at]!.free) seen.add(next);
  return [...seen]
    .filter((at) => nodes[at]!.step !== null || at === nodes.length - 1)
    .toSorted((a, b) => a - b);
}

function stepsOf(
  nodes: readonly Node[],
  own: readonly number[],
  dead: number,
  idOf: (from: readonly number[]) => number,
): Uint32Array {
  const targets: number[][] = Array.from({ length: 256 }, () => []);
  for (const at of own) {
    const { step } = nodes[at]!;
    if (step !== null) for (const byte of step.set) targets[byte]!.push(step.to);
  }
  const known = new Map<string, number>();
  return Uint32Array.from(targets, (to) => {
    if (to.length === 0) return dead;
    const key = to.join();
    const id = known.get(key) ?? idOf(to);
    known.set(key, id);
    return id;
  });
}

/** Bytes that lead from every state to the same one are one class: the table stays small enough to be near. */
function pack(rows: readonly Uint32Array[], dead: number, ends: readonly number[]): Walk {
  const kinds = new Map<string, number>();
  const classes = Uint8Array.from({ length: 256 }, (_, byte) => {
    const key = rows.map((steps) => steps[byte]).join();
    const kind = kinds.get(key) ?? kinds.size;
    kinds.set(key, kind);
    return kind;
  });
  const width = kinds.size;
  const steps = new Uint32Array(rows.length * width);
  for (const [state, all] of rows.entries())
    for (let byte = 0; byte < 256; byte += 1) steps[state * width + classes[byte]!] = all[byte]! * width;
  return { classes, steps, dead: dead * width, ends: new Set(ends.map((id) => id * width)) };
}
