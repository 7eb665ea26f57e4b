// One change of a plan as calls of the public API.
import { foldName } from '@flowhook/contract/flow/name';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { fillId, Refused, type Ask } from '../api-client.ts';
import { readEvery } from './api-read.ts';
import { outputKey, outputKinds, plainText, type OutputKind } from './flow-item.ts';
import { writeStable, type Change, type FlowPlan } from './flow-plan.ts';
import { type DatasetSpec, type RecipeSpec, type ScheduleSpec } from './flow-spec.ts';
import { toDatasetSpec } from './read-flow.ts';
import { toTaskBody } from './task-body.ts';

/** Finds what a task runs in another flow; throws `Refused` where it is not there, or not the only one. */
export type FindRecipe = (flow: string, recipe: string) => Promise<number>;

/** Where a writing stands: ids grow as things are made. */
export interface Writing {
  readonly ask: Ask;
  readonly plan: FlowPlan;
  readonly findRecipe: FindRecipe;
  flowId: number | null;
  schedule: number | null;
  readonly datasets: Map<string, number>;
  readonly recipes: Map<string, number>;
  readonly outputs: Map<string, number>;
  readonly tasks: Map<string, number>;
  readonly parameters: Map<string, number>;
  readonly madeDatasets: number[];
}

/** Throws `Refused` or `Unreachable`. */
export async function writeChange(writing: Writing, change: Change): Promise<void> {
  await writers[change.kind](writing, change);
}

type Writer = (writing: Writing, change: Change) => Promise<void>;

const writers: Readonly<Record<Change['kind'], Writer>> = {
  flow: writeFlowItself,
  parameter: writeParameter,
  dataset: writeDataset,
  recipe: writeRecipe,
  output: writeOutput,
  task: writeTask,
  schedule: writeSchedule,
};

async function create(ask: Ask, path: string, body: object): Promise<number> {
  return (await ask('POST', path, { body }))['id'] as number;
}

async function writeFlowItself(writing: Writing, { action }: Change): Promise<void> {
  const { ask, plan } = writing;
  const { name, description } = plan.spec;
  if (action === 'create') writing.flowId = await create(ask, flows.create.path, { name, description });
  else await ask('PATCH', fillId(flows.change.path, writing.flowId!), { body: { description } });
}

async function writeParameter(writing: Writing, { action, key }: Change): Promise<void> {
  const { ask, plan, flowId, parameters: ids } = writing;
  const list = fillId(parameters.list.path, flowId!);
  if (action === 'delete') return void (await ask('DELETE', `${list}/${ids.get(key)!}`));
  const { default: defaultValue, ...rest } = pick(plan.spec.parameters, key);
  const body = { ...rest, defaultValue };
  if (action === 'create') ids.set(key, await create(ask, list, body));
  else await ask('PATCH', `${list}/${ids.get(key)!}`, { body });
}

function pick<Part extends { readonly name: string }>(parts: readonly Part[], key: string): Part {
  return parts.find(({ name }) => foldName(name) === key)!;
}

async function writeDataset(writing: Writing, { action, key, fields }: Change): Promise<void> {
  const { ask, plan, datasets: ids } = writing;
  const spec = pick(plan.spec.datasets, key);
  if (action === 'change') return changeDataset(ask, ids.get(key)!, spec, fields);
  const id = (await findDataset(ask, spec)) ?? (await makeDataset(writing, spec));
  await ask('POST', fillId(datasets.addToFlow.path, id), { body: { flow: { id: writing.flowId! } } });
  ids.set(key, id);
}

/** One that is there already: the same name over the same file. An upload is never made. */
async function findDataset(ask: Ask, spec: DatasetSpec): Promise<number | null> {
  const query = { filter: spec.name, filterFields: 'name', noLimit: 'true', sort: 'id' };
  const alike = (await readEvery(ask, datasets.list, query)).filter(({ name }) => name === spec.name);
  if (spec.uri !== null)
    return alike.find((each) => writeStable(toDatasetSpec(each)) === writeStable(spec))?.id ?? null;
  const uploads = alike.filter(({ origin }) => origin === 'upload');
  if (uploads.length === 1) return uploads[0]!.id;
  throw new Refused(
    404,
    uploads.length === 0
      ? `There is no uploaded dataset named ${JSON.stringify(spec.name)}: upload its file first (POST /v4/importedDatasets/upload).`
      : `Several uploaded datasets are named ${JSON.stringify(spec.name)}: rename all but one.`,
  );
}

async function makeDataset({ ask, madeDatasets }: Writing, spec: DatasetSpec): Promise<number> {
  const { format, compression, ...rest } = spec;
  const body = { ...rest, ...(format !== null && { format }), ...(compression !== null && { compression }) };
  const id = await create(ask, datasets.create.path, body);
  madeDatasets.push(id);
  return id;
}

async function changeDataset(
  ask: Ask,
  id: number,
  spec: DatasetSpec,
  fields: Change['fields'],
): Promise<void> {
  const path = fillId(datasets.change.path, id);
  const { name, description, format, compression, options } = spec;
  // Options that were given earlier stay, unless all are forgotten first.
  if (fields.some(({ field }) => field === 'options')) await ask('PATCH', path, { body: { options: {} } });
  const reading = {
    ...(format !== null && { format }),
    ...(compression !== null && { compression }),
    ...(Object.keys(options).length > 0 && { options }),
  };
  await ask('PATCH', path, { body: { name, description, ...reading } });
}

async function writeRecipe(writing: Writing, { action, key }: Change): Promise<void> {
  const { ask, plan, recipes: ids } = writing;
  if (action === 'delete') return void (await ask('DELETE', fillId(recipes.remove.path, ids.get(key)!)));
  const body = toRecipeBody(writing, pick(plan.spec.recipes, key));
  if (action === 'change')
    return void (await ask('PATCH', fillId(recipes.change.path, ids.get(key)!), { body }));
  ids.set(key, await create(ask, recipes.create.path, { ...body, flow: { id: writing.flowId! } }));
}

function toRecipeBody(writing: Writing, { name, description, sql, input }: RecipeSpec): object {
  const text = plainText(sql);
  if (input === null) return { name, description, sql: text };
  const id = (input.kind === 'dataset' ? writing.datasets : writing.recipes).get(foldName(input.name));
  if (id === undefined) throw new Refused(404, `There is no ${input.kind} named ${input.name} in the flow.`);
  const member = input.kind === 'dataset' ? 'importedDataset' : 'wrangledDataset';
  return { name, description, sql: text, [member]: { id } };
}

async function writeOutput(writing: Writing, { action, key }: Change): Promise<void> {
  const { ask, plan, outputs: ids } = writing;
  if (action === 'delete') return void (await ask('DELETE', fillId(outputs.remove.path, ids.get(key)!)));
  const { recipe, kind } = findOutput(plan.spec.recipes, key);
  const { files: writeSettings, ...rest } = recipe[kind]!;
  const body = { ...rest, writeSettings };
  if (action === 'change')
    return void (await ask('PATCH', fillId(outputs.change.path, ids.get(key)!), { body }));
  const place = { flowNodeId: writing.recipes.get(foldName(recipe.name))!, isAdhoc: kind === 'adhoc' };
  ids.set(key, await create(ask, outputs.create.path, { ...body, ...place }));
}

export function findOutput(
  list: readonly RecipeSpec[],
  key: string,
): { readonly recipe: RecipeSpec; readonly kind: OutputKind } {
  const all = list.flatMap((recipe) => outputKinds.map((kind) => ({ recipe, kind })));
  return all.find(({ recipe, kind }) => outputKey(recipe.name, kind) === key)!;
}

async function writeTask(writing: Writing, { action, key }: Change): Promise<void> {
  const { ask, plan, tasks: ids } = writing;
  if (action === 'delete') return void (await ask('DELETE', fillId(tasks.remove.path, ids.get(key)!)));
  const spec = plan.spec.tasks.find(({ name }) => name === key)!;
  const flow = spec.runs?.flow ?? null;
  const own = (name: string) => {
    const id = writing.recipes.get(foldName(name));
    if (id === undefined) throw new Refused(404, `There is no recipe named ${name} in the flow.`);
    return id;
  };
  const runs =
    spec.runs === null
      ? null
      : flow === null
        ? own(spec.runs.recipe)
        : await writing.findRecipe(flow, spec.runs.recipe);
  const watched = spec.recipes?.map(own) ?? null;
  const body = toTaskBody(spec, { watched, runs, fates: plan.fates.get(key)! });
  if (action === 'change')
    return void (await ask('PATCH', fillId(tasks.change.path, ids.get(key)!), { body }));
  ids.set(key, await create(ask, tasks.create.path, { ...body, flowId: writing.flowId! }));
}

async function writeSchedule(writing: Writing, { action }: Change): Promise<void> {
  const { ask, plan, flowId, schedule } = writing;
  if (action === 'delete') return void (await ask('DELETE', fillId(schedules.remove.path, schedule!)));
  const body = toScheduleBody(plan.spec.schedule!, flowId!);
  if (action === 'create') writing.schedule = await create(ask, schedules.create.path, body);
  else await ask('PUT', fillId(schedules.replace.path, schedule!), { body });
}

function toScheduleBody({ times, parameters: data, ...rest }: ScheduleSpec, flowId: number): object {
  return {
    ...rest,
    triggers: times.map(({ cron, timezone }) => ({ timeBased: { cron: { expression: cron }, timezone } })),
    tasks: [{ runFlow: { flowId, runParameters: { overrides: { data } } } }],
  };
}
