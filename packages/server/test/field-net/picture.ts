// A flow with everything in it as the API shows it, names in place of ids: what two flows can be compared by.
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { writeSettingEndpoints as settings } from '@flowhook/contract/flow/write-setting';
import type { Client } from '../client.ts';
import { dropPlaces, flatten, type Flat } from './flat.ts';
import type { ThingName } from './thing.ts';

type Kind = 'flow' | 'recipe' | 'dataset' | 'output';
/** Names of things by their kind and id. */
export type Names = Readonly<Record<Kind, ReadonlyMap<number, string>>>;
/** By a key that both flows have for it. */
export type Picture = Readonly<Record<ThingName, ReadonlyMap<string, Flat>>>;

/** Where an answer refers to another thing. */
const references: Readonly<Record<string, Kind>> = {
  'flow.id': 'flow',
  'tasks.runFlow.flowId': 'flow',
  flowNodeId: 'recipe',
  'flowNode.id': 'recipe',
  flowNodeIds: 'recipe',
  'recipe.id': 'recipe',
  'wrangledDataset.id': 'recipe',
  'runWrangledDataset.id': 'recipe',
  'importedDataset.id': 'dataset',
  'outputObject.id': 'output',
};
const stamps = new Set(['id', 'createdAt', 'updatedAt', 'creator.id', 'updater.id', 'creator', 'updater']);

/** An answer without its stamp, flat, with names for ids. */
export function drawThing(shown: object, names: Names): Flat {
  const kept = Object.entries(flatten(shown)).filter(([path]) => !isStamp(dropPlaces(path)));
  return Object.fromEntries(kept.map(([path, value]) => [path, nameValue(dropPlaces(path), value, names)]));
}

function isStamp(path: string): boolean {
  return stamps.has(path.replace(/^writeSettings\.data\./u, ''));
}

function nameValue(path: string, value: unknown, names: Names): unknown {
  const kind = references[path] ?? (path.endsWith('.outputObject.id') ? 'output' : undefined);
  if (kind === undefined) return value;
  const name = (id: unknown) => names[kind].get(Number(id)) ?? id;
  return Array.isArray(value)
    ? value.map((id) => String(name(id))).toSorted((a, b) => (a < b ? -1 : 1))
    : name(value);
}

/** `others` are recipes of other flows by their ids. */
export async function drawFlow(
  client: Client,
  flowId: number,
  others: ReadonlyMap<number, string>,
): Promise<Picture> {
  const query = { flowId, noLimit: 'true', sort: 'id' } as const;
  const params = { id: flowId };
  const flow = await client.call(flows.get, { params });
  const { data: nodes } = await client.call(flows.flowNodes, { params });
  const madeDatasets = [];
  for (const { importedDataset } of nodes)
    if (importedDataset) madeDatasets.push(await client.call(datasets.get, { params: importedDataset }));
  const madeRecipes = [];
  for (const { id, wrangled } of nodes)
    if (wrangled) madeRecipes.push(await client.call(recipes.get, { params: { id } }));
  const { data: madeOutputs } = await client.call(outputs.list, { query });
  const { data: madeTasks } = await client.call(tasks.list, { query });
  const { data: madeParameters } = await client.call(parameters.list, { params });
  const { data: madeSchedules } = await client.call(schedules.list, { query });
  const nameOf = new Map(madeRecipes.map(({ id, name }) => [id, name]));
  const keyOf = ({ flowNodeId, isAdhoc }: (typeof madeOutputs)[number]) =>
    `${nameOf.get(flowNodeId)!} ${isAdhoc ? 'ad hoc' : 'scheduled'}`;
  const names: Names = {
    flow: new Map([[flowId, 'this flow']]),
    recipe: new Map([...others, ...nameOf]),
    dataset: new Map(madeDatasets.map(({ id, name }) => [id, name])),
    output: new Map(madeOutputs.map((output) => [output.id, keyOf(output)])),
  };
  const madeSettings = [];
  for (const output of madeOutputs) {
    const of = { outputObjectId: output.id, noLimit: 'true', sort: 'id' } as const;
    const { data } = await client.call(settings.list, { query: of });
    madeSettings.push(...data.map((each) => ({ key: `${keyOf(output)} ${each.path}`, each })));
  }
  const draw = <Item extends object>(items: readonly Item[], key: (item: Item) => string) =>
    new Map(items.map((item) => [key(item), drawThing(item, names)]));
  const byName = ({ name }: { readonly name: string }) => name;
  return {
    flow: draw([flow], () => 'the flow'),
    parameter: draw(madeParameters, byName),
    dataset: draw(madeDatasets, byName),
    recipe: draw(madeRecipes, byName),
    output: draw(madeOutputs, keyOf),
    'write setting': new Map(madeSettings.map(({ key, each }) => [key, drawThing(each, names)])),
    schedule: draw(madeSchedules, () => 'the schedule'),
    task: draw(madeTasks, byName),
  };
}
