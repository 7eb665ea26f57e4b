// A package's document as contents to write, with a report of what was changed and dropped on the way.
import type { FlowContent } from './flow-content.ts';
import { newReport, type ImportReport } from './import-report.ts';
import { listDropped, readPackedDocument, type PackedFlow } from './package-shape.ts';
import { indexOnce, readPackedGraph } from './read-graph.ts';
import { readPackedParameters, readPackedSchedule } from './read-parameter.ts';
import { readPackedOutputs } from './read-output.ts';
import { readPackedTasks } from './read-task.ts';

export interface ReadPackage {
  readonly contents: readonly FlowContent[];
  /** Ids of the package. */
  readonly primaryKeys: readonly number[];
  readonly report: ImportReport;
}

export interface PackageSurroundings {
  /** Why the egress policy refuses a URL; null where it does not. */
  judgeUrl(url: string): string | null;
  /** Epoch milliseconds: a schedule whose times are over is dropped. */
  readonly now: number;
}

/** `field` is the part of the form that the package came in. Throws `validation_failed`. */
export function readPackage(value: unknown, field: string, around: PackageSurroundings): ReadPackage {
  const document = readPackedDocument(value, field);
  const report = newReport();
  const { flows } = document.data;
  const known = indexOnce(flows, 'data.flows');
  const contents = flows.map((flow, index) => readFlow(flow, `data.flows[${index}]`, around, report));
  for (const path of listDropped(document))
    report.warnings.push(`${path} is not kept: it means nothing here.`);
  const primary = (document.metadata?.primaryFlowIds ?? []).filter((id) => known.has(id));
  return { contents, primaryKeys: primary.length === 0 ? flows.map(({ id }) => id) : primary, report };
}

function readFlow(
  flow: PackedFlow,
  path: string,
  { judgeUrl, now }: PackageSurroundings,
  report: ImportReport,
): FlowContent {
  const { datasets, recipes } = readPackedGraph(flow, path, report);
  const keys = new Set(recipes.map(({ key }) => key));
  const around = { recipes: keys, nodes: new Set(flow.flownodes.map(({ id }) => id)) };
  return {
    key: flow.id,
    name: flow.name,
    description: flow.description ?? null,
    datasets,
    recipes,
    outputs: readPackedOutputs(flow, around, path, report),
    tasks: readPackedTasks(flow, { ...around, judgeUrl }, path, report),
    parameters: readPackedParameters(flow, path, report),
    schedule: readPackedSchedule(flow, path, now, report),
  };
}
