// Reads a flow through the public API as code has it.
import { foldName } from '@flowhook/contract/flow/name';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import type { AnswerOf } from '../call-input.ts';
import type { Caller } from '../caller.ts';
import { Problem, refuse } from '../problem.ts';
import { outputKey } from './flow-item.ts';
import type { StoredFlow } from './flow-plan.ts';
import { findTwice, type DatasetSpec, type FlowSpec, type OutputSpec } from './flow-spec.ts';
import { readTask, type RecipeName, type ShownTask } from './read-task.ts';

/** A flow with what is broken in it, and the ids of what is in it: by folded name, outputs by `outputKey`, tasks by their name. */
export interface RemoteFlow extends StoredFlow {
  /** Folded names of recipes that are not valid as things are. */
  readonly broken: ReadonlySet<string>;
  readonly ids: {
    readonly datasets: ReadonlyMap<string, number>;
    readonly recipes: ReadonlyMap<string, number>;
    readonly outputs: ReadonlyMap<string, number>;
    readonly tasks: ReadonlyMap<string, number>;
    readonly parameters: ReadonlyMap<string, number>;
    readonly schedule: number | null;
  };
}

type ShownDataset = AnswerOf<typeof datasets.get>;
type ShownRecipe = AnswerOf<typeof recipes.get>;
type ShownOutput = AnswerOf<typeof outputs.get>;

/** Throws a Problem, also where two things have one name: code knows them by their names. */
export async function readRemoteFlow(caller: Caller, id: number): Promise<RemoteFlow> {
  const { call } = caller;
  const query = { flowId: id, noLimit: true, sort: 'id' };
  const params = { id };
  const flow = await call(flows.get, { params });
  const graph = await call(flows.flowNodes, { params });
  const withheld = graph.data.find((node) => node.withheld !== null);
  // Code would have it made anew.
  if (withheld !== undefined) throw refuse('dataset_withheld', withheld.withheld!);
  const stored = await readDatasets(
    caller,
    graph.data.flatMap(({ importedDataset }) => importedDataset?.id ?? []),
  );
  const { data: made } = await call(recipes.list, { query });
  const { data: written } = await call(outputs.list, { query });
  const { data: values } = await call(parameters.list, { params });
  const { data: watching } = await call(tasks.list, { query });
  const [schedule] = (await call(schedules.list, { query })).data;
  refuseTwice(flow.name, { dataset: stored, recipe: made, 'webhook task': watching });
  const recipeName = await nameRecipes(caller, { id, name: flow.name }, made, watching);
  const nameOfDataset = new Map(stored.map((each) => [each.id, each.name]));
  const nameOfRecipe = new Map(made.map((each) => [each.id, each.name]));
  const spec: FlowSpec = {
    name: flow.name,
    description: flow.description,
    parameters: values.map(({ name, type, defaultValue, description }) => ({
      name,
      type,
      default: defaultValue,
      description,
    })),
    datasets: stored.map(toDatasetSpec),
    recipes: made.map((recipe) => ({
      name: recipe.name,
      description: recipe.description,
      sql: recipe.sql,
      waitsForSql: !recipe.runnable,
      input: toInput(recipe, nameOfDataset, nameOfRecipe),
      adhoc: findOutput(written, recipe.id, true),
      scheduled: findOutput(written, recipe.id, false),
    })),
    tasks: watching.map((task) => readTask(task, recipeName).spec),
    schedule: schedule === undefined ? null : toScheduleSpec(schedule),
  };
  return {
    id,
    spec,
    broken: new Set(made.filter(isBroken).map(({ name }) => foldName(name))),
    secrets: new Map(watching.map((task) => [task.name, readTask(task, recipeName).secrets])),
    ids: {
      datasets: byName(stored),
      recipes: byName(made),
      outputs: new Map(
        written.map((output) => [
          outputKey(nameOfRecipe.get(output.flowNodeId) ?? '', output.isAdhoc ? 'adhoc' : 'scheduled'),
          output.id,
        ]),
      ),
      tasks: new Map(watching.map(({ id, name }) => [name, id])),
      parameters: byName(values),
      schedule: schedule?.id ?? null,
    },
  };
}

export function isBroken({ columns, runnable }: Pick<ShownRecipe, 'columns' | 'runnable'>): boolean {
  return columns === null && runnable;
}

interface Named {
  readonly id: number;
  readonly name: string;
}

function byName(items: readonly Named[]): Map<string, number> {
  return new Map(items.map(({ id, name }) => [foldName(name), id]));
}

function refuseTwice(flow: string, kinds: Readonly<Record<string, readonly Named[]>>): void {
  for (const [kind, items] of Object.entries(kinds)) {
    const twice = kind === 'webhook task' ? findTwice(items, (name) => name) : findTwice(items);
    if (twice !== undefined)
      throw refuse(
        'conflict',
        `The flow ${flow} has two of the kind ${kind} that are named ${twice.name}: rename one, since code knows them by their names.`,
      );
  }
}

async function readDatasets({ call }: Caller, ids: readonly number[]): Promise<ShownDataset[]> {
  const found = [];
  for (const id of ids) found.push(await call(datasets.get, { params: { id } }));
  return found;
}

export function toDatasetSpec({
  name,
  description,
  origin,
  uri,
  pathPattern,
  given,
}: ShownDataset): DatasetSpec {
  return {
    name,
    description,
    uri: origin === 'upload' ? null : uri,
    pathPattern,
    format: given.format ?? null,
    compression: given.compression ?? null,
    options: given.options,
  };
}

function toInput(
  { importedDataset: dataset, wrangledDataset: recipe }: ShownRecipe,
  nameOfDataset: ReadonlyMap<number, string>,
  nameOfRecipe: ReadonlyMap<number, string>,
): FlowSpec['recipes'][number]['input'] {
  const [kind, name] =
    dataset === null
      ? (['recipe', nameOfRecipe.get(recipe?.id ?? 0)] as const)
      : (['dataset', nameOfDataset.get(dataset.id)] as const);
  return name === undefined ? null : { kind, name };
}

function findOutput(written: readonly ShownOutput[], recipeId: number, isAdhoc: boolean): OutputSpec | null {
  const output = written.find((each) => each.flowNodeId === recipeId && each.isAdhoc === isAdhoc);
  if (output === undefined) return null;
  const files = output.writeSettings.data.map(
    ({ path, action, format, compression, zstd, header, asSingleFile, delim, hasQuotes }) => ({
      path,
      action,
      format,
      compression,
      zstd,
      header,
      asSingleFile,
      delim,
      hasQuotes,
    }),
  );
  return { execution: output.execution, profiler: output.profiler, files };
}

function toScheduleSpec(schedule: AnswerOf<typeof schedules.get>): NonNullable<FlowSpec['schedule']> {
  const { name, enabled, triggers, missed, overlap, tasks } = schedule;
  return {
    name,
    enabled,
    times: triggers.map(({ timeBased }) => ({
      cron: timeBased.cron.expression,
      timezone: timeBased.timezone,
    })),
    missed,
    overlap,
    parameters: tasks[0]?.runFlow.runParameters.overrides.data ?? [],
  };
}

/** The recipes that tasks watch and run, by id; those of other flows are asked for one by one. */
async function nameRecipes(
  { call }: Caller,
  flow: Named,
  own: readonly ShownRecipe[],
  watching: readonly ShownTask[],
): Promise<ReadonlyMap<number, RecipeName>> {
  const names = new Map(own.map(({ id, name }): [number, RecipeName] => [id, { flow: null, recipe: name }]));
  for (const { runWrangledDataset: run } of watching) {
    if (run === null || names.has(run.id)) continue;
    const input = { params: { id: run.id }, query: { embed: 'flow', includeDeleted: true } };
    const found = await call(recipes.get, input).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    });
    const of = found?.flow as { id: number; name?: string } | undefined;
    names.set(run.id, {
      flow: of === undefined || of.id === flow.id ? null : (of.name ?? null),
      recipe: found === null ? `(recipe ${run.id}, which is not seen here)` : found.name,
    });
  }
  return names;
}
