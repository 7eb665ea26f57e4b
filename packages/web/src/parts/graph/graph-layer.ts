// Pure: where the nodes of a graph stand that is drawn in columns: each one column right of all that lead to it.

export interface LayerEdge {
  readonly source: string;
  readonly target: string;
}

/** The columns from left to right. What is in a circle, which no such graph has, would stand in the last one. */
export function layOutLayers(keys: readonly string[], edges: readonly LayerEdge[]): string[][] {
  const depths = new Map<string, number>();
  const depthOf = (key: string, above: readonly string[]): number => {
    const known = depths.get(key);
    if (known !== undefined) return known;
    if (above.includes(key)) return above.length;
    const inputs = edges.filter(({ target }) => target === key);
    const depth = Math.max(-1, ...inputs.map(({ source }) => depthOf(source, [...above, key]))) + 1;
    depths.set(key, depth);
    return depth;
  };
  const layers: string[][] = [];
  for (const key of keys) (layers[depthOf(key, [])] ??= []).push(key);
  return layers.filter((layer) => layer !== undefined);
}
