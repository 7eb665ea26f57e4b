// What an import made, or would make, as the API shows it: every id is this server's.
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { flowTransferEndpoints } from '@flowhook/contract/flow/flow-transfer';
import type { FlowContent } from '../../transfer/flow-content.ts';
import type { Imported } from '../../transfer/import.ts';
import { newReport, type ImportReport } from '../../transfer/import-report.ts';
import type { Written } from '../../transfer/write-content.ts';
import { listWithheld } from '../../webhooks/tasks/missing-secret.ts';
import { refer } from './list.ts';

type Shown = ReplyOf<typeof flowTransferEndpoints.importPackage>;

export function showImport({ package: { contents, primaryKeys, report }, written }: Imported): Shown {
  const shown = contents.map((content, index) => showContent(content, written?.[index] ?? null));
  const primary = contents.flatMap(({ key }, index) =>
    primaryKeys.includes(key) && written !== null ? [written[index]!.flowId] : [],
  );
  return {
    ...showReport(report),
    createdObjectMapping: written === null ? {} : mapObjects(contents, written),
    primaryFlowIds: primary,
    ...joinAll(shown),
    ...(written === null && { flowName: contents[0]!.name }),
  };
}

/** The same for what an export would hold: ids are those of what is exported. */
export function showExport(content: FlowContent, leftOut: readonly string[]): Shown {
  const own = (parts: readonly { readonly key: number }[]) => new Map(parts.map(({ key }) => [key, key]));
  const written: Written = {
    flowId: content.key,
    nodes: own([...content.datasets, ...content.recipes]),
    datasets: new Map(
      content.datasets.map(({ key, source }) => [
        key,
        source.kind === 'existing' ? source.dataset.id : source.kind === 'withheld' ? source.id : key,
      ]),
    ),
    outputs: content.outputs.map((_, index) => ({ id: index + 1, settingIds: [] })),
    tasks: own(content.tasks),
    scheduleId: null,
  };
  return {
    ...showReport(newReport()),
    createdObjectMapping: {},
    primaryFlowIds: [content.key],
    ...showContent(content, written),
    warnings: [...leftOut],
    flowName: content.name,
  };
}

function showReport({ changes, dropped, warnings }: ImportReport) {
  const groups = Map.groupBy(dropped, ({ kind }) => kind);
  const deleted = [...groups].map(([kind, all]) => [
    kind,
    all.map(({ path, name, reason }) => ({ path, name, reason })),
  ]);
  return {
    importRuleChanges: { object: [], value: [...changes] },
    deletedObjects: Object.fromEntries(deleted) as Shown['deletedObjects'],
    warnings: [...warnings],
  };
}

type Parts = Pick<
  Shown,
  | 'flows'
  | 'flownodes'
  | 'flowedges'
  | 'recipes'
  | 'outputobjects'
  | 'datasources'
  | 'webhookflowtasks'
  | 'runparameters'
  | 'schedules'
>;

function showContent(content: FlowContent, written: Written | null): Parts {
  const node = (key: number) => written?.nodes.get(key) ?? null;
  const flow = refer(written?.flowId ?? null);
  return {
    flows: [{ id: written?.flowId ?? null, name: content.name, description: content.description }],
    flownodes: [
      ...content.datasets.map(({ key }) => ({ id: node(key), wrangled: false })),
      ...content.recipes.map(({ key }) => ({ id: node(key), scriptId: node(key), wrangled: true })),
    ],
    flowedges: content.recipes.flatMap(({ key, inputs }) =>
      inputs.map((input) => ({ inFlowNodeId: node(input), outFlowNodeId: node(key) })),
    ),
    recipes: content.recipes.map(({ key, name, sql, note }) => ({
      id: node(key),
      name,
      flow,
      runnable: sql !== null || note === null,
    })),
    outputobjects: content.outputs.map(({ recipe, isAdhoc }, index) => ({
      id: written?.outputs[index]?.id ?? null,
      flowNodeId: node(recipe),
      isAdhoc,
    })),
    datasources: content.datasets.map(({ key, name, source }) => ({
      id: written?.datasets.get(key) ?? null,
      name,
      flow,
      waiting: source.kind === 'waiting',
    })),
    webhookflowtasks: content.tasks.map(({ key, task, disabledReason }) => ({
      id: written?.tasks.get(key) ?? null,
      name: task.name,
      flow,
      enabled: task.enabled,
      disabledReason,
      missingSecrets: listWithheld(task),
    })),
    runparameters: content.parameters.map(({ name }) => ({ name })),
    schedules:
      content.schedule === null ? [] : [{ id: written?.scheduleId ?? null, name: content.schedule.name }],
  };
}

function joinAll(all: readonly Parts[]): Parts {
  return {
    flows: all.flatMap(({ flows }) => flows),
    flownodes: all.flatMap(({ flownodes }) => flownodes),
    flowedges: all.flatMap(({ flowedges }) => flowedges),
    recipes: all.flatMap(({ recipes }) => recipes),
    outputobjects: all.flatMap(({ outputobjects }) => outputobjects),
    datasources: all.flatMap(({ datasources }) => datasources),
    webhookflowtasks: all.flatMap(({ webhookflowtasks }) => webhookflowtasks),
    runparameters: all.flatMap(({ runparameters }) => runparameters),
    schedules: all.flatMap(({ schedules }) => schedules),
  };
}

/** Ids of the package as texts, as JSON has names. Two flows of a package may use one id twice: the last one stays. */
function mapObjects(
  contents: readonly FlowContent[],
  written: readonly Written[],
): Shown['createdObjectMapping'] {
  const flat = (pick: (each: Written) => ReadonlyMap<number, number>) =>
    Object.fromEntries(written.flatMap((each) => [...pick(each)].map(([key, id]) => [String(key), id])));
  return {
    flows: Object.fromEntries(contents.map(({ key }, index) => [String(key), written[index]!.flowId])),
    flownodes: flat(({ nodes }) => nodes),
    webhookflowtasks: flat(({ tasks }) => tasks),
  };
}
