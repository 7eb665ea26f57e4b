// Pure: where the nodes of a job's graph stand: each one column right of all that it reads.
import type { z } from 'zod';
import type { jobGraph } from '@flowhook/contract/job-content';

export type PlanGraph = z.output<typeof jobGraph>;
export type PlanNode = PlanGraph['data'][number];

/** The columns from left to right. What is in a circle, which no plan has, would stand in the last one. */
export function layOutPlan({ data, edges }: PlanGraph): PlanNode[][] {
  const depths = new Map<string, number>();
  const depthOf = (name: string, above: readonly string[]): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    if (above.includes(name)) return above.length;
    const inputs = edges.filter(({ target }) => target === name);
    const depth = Math.max(-1, ...inputs.map(({ source }) => depthOf(source, [...above, name]))) + 1;
    depths.set(name, depth);
    return depth;
  };
  const layers: PlanNode[][] = [];
  for (const node of data) (layers[depthOf(node.name, [])] ??= []).push(node);
  return layers.filter((layer) => layer !== undefined);
}
