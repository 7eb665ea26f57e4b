// Reads a YAML text into plain values, and tells where each of them stands. A file is hostile input.
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';

/** A fault with its place, both from 1; in a field by its dotted path, where it is in one. */
export interface FileFault {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly field: string | null;
  readonly detail: string;
}

export type FieldPath = readonly (string | number)[];

export interface ReadYaml {
  readonly value: unknown;
  /** Where a field stands, or the nearest that is there and holds it. */
  locate(path: FieldPath): { line: number; column: number };
}

const deepest = 20;
const maxNodes = 200_000;

/** The value, or the faults of the file. */
export function readYaml(text: string, file: string): ReadYaml | FileFault[] {
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      logLevel: 'error',
    });
  } catch (error) {
    // The parser walks down by recursion: a million brackets end its stack.
    const detail = error instanceof RangeError ? 'is nested too deeply.' : (error as Error).message;
    return [{ file, line: null, column: null, field: null, detail }];
  }
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    file,
    ...at(pos[0]),
    field: null,
    detail: message,
  }));
  if (faults.length > 0) return faults.slice(0, 20);
  try {
    const value = toValue(document.contents, { depth: 0, count: { nodes: 0 } });
    return { value, locate: (path) => at(findOffset(document, path)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [{ file, ...at(error.offset), field: null, detail: error.message }];
  }
}

class Refusal extends Error {
  readonly offset: number;
  constructor(node: Node, message: string) {
    super(message);
    this.offset = node.range?.[0] ?? 0;
  }
}

interface Walk {
  readonly depth: number;
  readonly count: { nodes: number };
}

const plainTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

function toValue(node: Node | null, walk: Walk): unknown {
  if (node === null) return null;
  refuseTricks(node, walk);
  const deeper = { ...walk, depth: walk.depth + 1 };
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => toValue(item as Node, deeper));
  if (!isMap(node)) throw new Refusal(node, 'is nothing that a flow is made of.');
  return Object.fromEntries(node.items.map((pair) => readPair(pair as Pair<Node, Node | null>, deeper)));
}

function readPair({ key, value }: Pair<Node, Node | null>, walk: Walk): [string, unknown] {
  const name = isScalar(key) ? String(key.value) : '';
  refuseTricks(key, walk);
  if (name === '__proto__') throw new Refusal(key, 'a field can not have the name __proto__.');
  return [name, toValue(value, walk)];
}

/** What makes much out of little, or something else than what stands there. */
function refuseTricks(node: Node, { depth, count }: Walk): void {
  count.nodes += 1;
  if (count.nodes > maxNodes) throw new Refusal(node, `the file has more than ${maxNodes} parts.`);
  if (depth > deepest) throw new Refusal(node, `is nested deeper than ${deepest} levels.`);
  if (isAlias(node)) throw new Refusal(node, 'aliases (*name) are not read: write the value out.');
  const { anchor } = node as { anchor?: string };
  if (anchor !== undefined) throw new Refusal(node, 'anchors (&name) are not read: write the value out.');
  const { tag } = node;
  if (tag !== undefined && !plainTags.has(tag)) throw new Refusal(node, `the tag ${tag} is not read.`);
  if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value))
    throw new Refusal(node, 'must be a number that JSON can hold.');
}

function findOffset(document: Document.Parsed, path: FieldPath): number {
  let node: unknown = document.contents;
  let offset = rangeOf(node);
  for (const part of path) {
    if (!isCollection(node)) break;
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === part) : undefined;
    const next: unknown = pair === undefined ? node.get(part, true) : pair.value;
    // A field begins at its name.
    offset = pair === undefined ? rangeOf(next, offset) : rangeOf(pair.key, offset);
    if (next === undefined || next === null) break;
    node = next;
  }
  return offset;
}

function rangeOf(node: unknown, otherwise = 0): number {
  return (node as Node | undefined | null)?.range?.[0] ?? otherwise;
}

/** A path as people read it: `recipes[2].sql`. */
export function writePath(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
