// Pure: flows in an order in which each stands after those whose recipes its tasks run, as far as there is one.
import type { CodeDocument } from './code-document.ts';

export function orderByRuns<Flow extends { readonly spec: CodeDocument }>(flows: readonly Flow[]): Flow[] {
  const byName = new Map(flows.map((flow) => [flow.spec.name, flow]));
  const order = new Set<Flow>();
  const begun = new Set<Flow>();
  const visit = (flow: Flow): void => {
    if (begun.has(flow)) return;
    begun.add(flow);
    for (const { runs } of flow.spec.webhookTasks) {
      const needed = runs?.flow == null ? undefined : byName.get(runs.flow);
      if (needed !== undefined) visit(needed);
    }
    order.add(flow);
  };
  flows.forEach(visit);
  return [...order];
}
