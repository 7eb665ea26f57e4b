// Pure: what a flow's datasets and recipes read of each other: names, circles, order.
import { foldName } from '@flowhook/contract/flow/name';
import { findCircle } from '../../base/circle.ts';

/** A dataset or recipe of a flow, by its flow node's id. */
export interface GraphNode {
  readonly id: number;
  readonly kind: 'dataset' | 'recipe';
  readonly name: string;
  /** Recipes only; empty for datasets. */
  readonly inputIds: readonly number[];
  readonly primaryInputId: number | null;
  /** Its SQL names what it reads; without SQL a recipe passes its primary input on. */
  readonly readsByName: boolean;
}

export type Graph<Node extends GraphNode = GraphNode> = ReadonlyMap<number, Node>;

/** What `name` can mean in the SQL of a recipe: one node where it is clear, several where it is not. The primary input wins. */
export function findByName<Node extends GraphNode>(
  graph: Graph<Node>,
  name: string,
  reader: { readonly id: number | null; readonly primaryInputId: number | null },
  preferred: readonly number[] = [],
): Node[] {
  const folded = foldName(name);
  const all = [...graph.values()].filter((node) => foldName(node.name) === folded);
  const primary = all.filter(({ id }) => id === reader.primaryInputId);
  if (primary.length > 0) return primary;
  const known = all.filter(({ id }) => preferred.includes(id));
  if (known.length === 1) return known;
  const others = all.filter(({ id }) => id !== reader.id);
  return others.length > 0 ? others : all;
}

/** The way from a recipe back to itself if it read `inputIds`, as ids that begin and end with it; null if there is none. */
export function findReadingCircle(
  graph: Graph,
  recipeId: number,
  inputIds: readonly number[],
): number[] | null {
  const way = findCircle(inputIds, {
    keyOf: (id) => id,
    closes: (id) => id === recipeId,
    goOn: (id) => graph.get(id)?.inputIds ?? [],
  });
  return way === null ? null : [recipeId, ...way];
}

/** What `ids` reach through their inputs, themselves included: each after all that it reads. */
export function orderUpstream<Node extends GraphNode>(graph: Graph<Node>, ids: readonly number[]): Node[] {
  const order = new Map<number, Node>();
  const seen = new Set<number>();
  const visit = (id: number): void => {
    const node = graph.get(id);
    if (node === undefined || seen.has(id)) return;
    seen.add(id);
    node.inputIds.forEach(visit);
    order.set(id, node);
  };
  ids.forEach(visit);
  return [...order.values()];
}

/** The recipes that read one of `ids`, directly or not: each after all that it reads. `ids` themselves are not among them. */
export function orderDownstream<Node extends GraphNode>(graph: Graph<Node>, ids: readonly number[]): Node[] {
  const reached = new Set(ids);
  const order = orderUpstream(graph, [...graph.keys()]);
  for (const { id, inputIds } of order) if (inputIds.some((input) => reached.has(input))) reached.add(id);
  return order.filter(({ id }) => reached.has(id) && !ids.includes(id));
}

/** Two things that one query would have to read by the same name. */
export interface NameClash {
  readonly clash: readonly [GraphNode, GraphNode];
}

/**
 * A name for each node that no other of them carries, as one query needs it. Who is read by name keeps its own;
 * others of the same name get their kind and id behind it. Two of one name that are both read by name clash.
 */
export function nameApart(nodes: readonly GraphNode[]): Map<number, string> | NameClash {
  const readByName = new Set(nodes.filter((node) => node.readsByName).flatMap(({ inputIds }) => inputIds));
  const names = new Map<number, string>();
  const takenBy = new Map<string, GraphNode>();
  const inOrder = [...nodes].sort((a, b) => Number(readByName.has(b.id)) - Number(readByName.has(a.id)));
  for (const node of inOrder) {
    const taken = takenBy.get(foldName(node.name));
    if (taken !== undefined && readByName.has(node.id)) return { clash: [taken, node] };
    let name = node.name;
    while (takenBy.has(foldName(name))) name += ` (${node.kind} ${node.id})`;
    takenBy.set(foldName(name), node);
    names.set(node.id, name);
  }
  return names;
}
