// One change of a plan as calls of the public API.
import { foldName } from '@flowhook/contract/flow/name';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import type { Endpoint } from '@flowhook/contract/endpoint';
import type { AnswerOf, CallArguments } from '../call-input.ts';
import type { Caller, CallOptions } from '../caller.ts';
import { refuse } from '../problem.ts';
import { outputKey, outputKinds, plainText, type OutputKind } from './flow-item.ts';
import { writeStable, type Change, type FlowPlan } from './flow-plan.ts';
import { type DatasetSpec, type RecipeSpec, type ScheduleSpec } from './flow-spec.ts';
import { toDatasetSpec } from './read-flow.ts';
import { toTaskBody } from './task-body.ts';

/** Finds what a task runs in another flow; throws a Problem where it is not there, or not the only one. */
export type FindRecipe = (flow: string, recipe: string) => Promise<number>;

/** Where a writing stands: ids grow as things are made. */
export interface Writing {
  readonly caller: Caller;
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

/** Throws a Problem. */
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

/** What code holds is plain JSON: the server judges it, and says best what is wrong. */
function write<E extends Endpoint>(
  { caller }: Writing,
  endpoint: E,
  input: { readonly params?: object; readonly body?: object },
): Promise<AnswerOf<E>> {
  return caller.call(endpoint, ...([input] as unknown as CallArguments<E, CallOptions>));
}

async function writeFlowItself(writing: Writing, { action }: Change): Promise<void> {
  const { name, description } = writing.plan.spec;
  if (action === 'create')
    writing.flowId = (await write(writing, flows.create, { body: { name, description } })).id;
  else await write(writing, flows.change, { params: { id: writing.flowId }, body: { description } });
}

async function writeParameter(writing: Writing, { action, key }: Change): Promise<void> {
  const { plan, flowId: id, parameters: ids } = writing;
  const params = { id, parameterId: ids.get(key) };
  if (action === 'delete') return void (await write(writing, parameters.remove, { params }));
  const { default: defaultValue, ...rest } = pick(plan.spec.parameters, key);
  const body = { ...rest, defaultValue };
  if (action === 'create')
    ids.set(key, (await write(writing, parameters.create, { params: { id }, body })).id);
  else await write(writing, parameters.change, { params, body });
}

function pick<Part extends { readonly name: string }>(parts: readonly Part[], key: string): Part {
  return parts.find(({ name }) => foldName(name) === key)!;
}

async function writeDataset(writing: Writing, { action, key, fields }: Change): Promise<void> {
  const { plan, datasets: ids } = writing;
  const spec = pick(plan.spec.datasets, key);
  if (action === 'change') return changeDataset(writing, ids.get(key)!, spec, fields);
  const id = (await findDataset(writing, spec)) ?? (await makeDataset(writing, spec));
  await write(writing, datasets.addToFlow, { params: { id }, body: { flow: { id: writing.flowId } } });
  ids.set(key, id);
}

/** One that is there already: the same name over the same file. An upload is never made. */
async function findDataset({ caller }: Writing, spec: DatasetSpec): Promise<number | null> {
  const query = { filter: spec.name, filterFields: 'name', noLimit: true, sort: 'id' };
  const { data } = await caller.call(datasets.list, { query });
  const alike = data.filter(({ name }) => name === spec.name);
  if (spec.uri !== null)
    return alike.find((each) => writeStable(toDatasetSpec(each)) === writeStable(spec))?.id ?? null;
  const uploads = alike.filter(({ origin }) => origin === 'upload');
  if (uploads.length === 1) return uploads[0]!.id;
  throw refuse(
    'not_found',
    uploads.length === 0
      ? `There is no uploaded dataset named ${JSON.stringify(spec.name)}: upload its file first (POST /v4/importedDatasets/upload).`
      : `Several uploaded datasets are named ${JSON.stringify(spec.name)}: rename all but one.`,
  );
}

async function makeDataset(writing: Writing, spec: DatasetSpec): Promise<number> {
  const { format, compression, ...rest } = spec;
  const body = { ...rest, ...(format !== null && { format }), ...(compression !== null && { compression }) };
  const { id } = await write(writing, datasets.create, { body });
  writing.madeDatasets.push(id);
  return id;
}

async function changeDataset(
  writing: Writing,
  id: number,
  spec: DatasetSpec,
  fields: Change['fields'],
): Promise<void> {
  const params = { id };
  const { name, description, format, compression, options } = spec;
  // Options that were given earlier stay, unless all are forgotten first.
  if (fields.some(({ field }) => field === 'options'))
    await write(writing, datasets.change, { params, body: { options: {} } });
  const reading = {
    ...(format !== null && { format }),
    ...(compression !== null && { compression }),
    ...(Object.keys(options).length > 0 && { options }),
  };
  await write(writing, datasets.change, { params, body: { name, description, ...reading } });
}

async function writeRecipe(writing: Writing, { action, key }: Change): Promise<void> {
  const { plan, recipes: ids } = writing;
  const params = { id: ids.get(key) };
  if (action === 'delete') return write(writing, recipes.remove, { params });
  const body = toRecipeBody(writing, pick(plan.spec.recipes, key));
  if (action === 'change') return void (await write(writing, recipes.change, { params, body }));
  const flow = { id: writing.flowId };
  ids.set(key, (await write(writing, recipes.create, { body: { ...body, flow } })).id);
}

function toRecipeBody(writing: Writing, { name, description, sql, input }: RecipeSpec): object {
  const text = plainText(sql);
  if (input === null) return { name, description, sql: text };
  const id = (input.kind === 'dataset' ? writing.datasets : writing.recipes).get(foldName(input.name));
  if (id === undefined)
    throw refuse('not_found', `There is no ${input.kind} named ${input.name} in the flow.`);
  const member = input.kind === 'dataset' ? 'importedDataset' : 'wrangledDataset';
  return { name, description, sql: text, [member]: { id } };
}

async function writeOutput(writing: Writing, { action, key }: Change): Promise<void> {
  const { plan, outputs: ids } = writing;
  const params = { id: ids.get(key) };
  if (action === 'delete') return write(writing, outputs.remove, { params });
  const { recipe, kind } = findOutput(plan.spec.recipes, key);
  const { files: writeSettings, ...rest } = recipe[kind]!;
  const body = { ...rest, writeSettings };
  if (action === 'change') return void (await write(writing, outputs.change, { params, body }));
  const place = { flowNodeId: writing.recipes.get(foldName(recipe.name))!, isAdhoc: kind === 'adhoc' };
  ids.set(key, (await write(writing, outputs.create, { body: { ...body, ...place } })).id);
}

export function findOutput(
  list: readonly RecipeSpec[],
  key: string,
): { readonly recipe: RecipeSpec; readonly kind: OutputKind } {
  const all = list.flatMap((recipe) => outputKinds.map((kind) => ({ recipe, kind })));
  return all.find(({ recipe, kind }) => outputKey(recipe.name, kind) === key)!;
}

async function writeTask(writing: Writing, { action, key }: Change): Promise<void> {
  const { plan, tasks: ids } = writing;
  const params = { id: ids.get(key) };
  if (action === 'delete') return void (await write(writing, tasks.remove, { params }));
  const spec = plan.spec.tasks.find(({ name }) => name === key)!;
  const flow = spec.runs?.flow ?? null;
  const own = (name: string) => {
    const id = writing.recipes.get(foldName(name));
    if (id === undefined) throw refuse('not_found', `There is no recipe named ${name} in the flow.`);
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
  if (action === 'change') return void (await write(writing, tasks.change, { params, body }));
  const { flowId } = writing;
  ids.set(key, (await write(writing, tasks.create, { body: { ...body, flowId } })).id);
}

async function writeSchedule(writing: Writing, { action }: Change): Promise<void> {
  const { plan, flowId, schedule: id } = writing;
  if (action === 'delete') return write(writing, schedules.remove, { params: { id } });
  const body = toScheduleBody(plan.spec.schedule!, flowId!);
  if (action === 'create') writing.schedule = (await write(writing, schedules.create, { body })).id;
  else await write(writing, schedules.replace, { params: { id }, body });
}

function toScheduleBody({ times, parameters: data, ...rest }: ScheduleSpec, flowId: number): object {
  return {
    ...rest,
    triggers: times.map(({ cron, timezone }) => ({ timeBased: { cron: { expression: cron }, timezone } })),
    tasks: [{ runFlow: { flowId, runParameters: { overrides: { data } } } }],
  };
}
