// Pure: a flow.yaml as a flow of code, and the other way round.
import { foldName } from '@flowhook/contract/flow/name';
import { isSecretByName } from '@flowhook/contract/webhook/webhook-definition';
import { readValue } from '../../flows/parameter.ts';
import type { FlowSpec, RecipeSpec, SecretSource, TaskSpec } from '@flowhook/client/as-code/flow-spec';
import { plainText } from '@flowhook/client/as-code/flow-item';
import { findTwice } from '@flowhook/client/as-code/flow-spec';
import type { FlowForm } from './flow-form.ts';
import type { FieldPath } from './yaml-text.ts';

export interface FormFault {
  readonly path: FieldPath;
  readonly detail: string;
}

type Forms<Name extends 'recipes' | 'webhookTasks' | 'datasets' | 'parameters'> = FlowForm[Name][number];

/** `sqlOf` gives the text of a file that was named. */
export function toSpec(form: FlowForm, sqlOf: (file: string) => string): FlowSpec {
  return {
    name: form.flow,
    description: form.description,
    parameters: form.parameters.map(({ default: value, type, ...rest }) => {
      const read = readValue(type, value);
      return { ...rest, type, default: read.ok ? read.text : String(value) };
    }),
    datasets: form.datasets.map(({ name, description, uri, pathPattern, format, compression, options }) => ({
      name,
      description,
      uri: uri ?? null,
      pathPattern,
      format,
      compression,
      options,
    })),
    recipes: form.recipes.map((recipe) => toRecipe(recipe, sqlOf)),
    tasks: form.webhookTasks.map((task) => toTask(task, form.flow)),
    schedule: form.schedule,
  };
}

function toRecipe(form: Forms<'recipes'>, sqlOf: (file: string) => string): RecipeSpec {
  const { name, description, sql, waitsForSql = false, input, outputs } = form;
  return {
    name,
    description,
    sql: plainText(sql === undefined ? null : sqlOf(sql)),
    waitsForSql,
    input: readInput(input),
    adhoc: outputs.adhoc,
    scheduled: outputs.scheduled,
  };
}

function readInput(input: Forms<'recipes'>['input']): RecipeSpec['input'] {
  if (input === null) return null;
  return 'dataset' in input
    ? { kind: 'dataset', name: input.dataset }
    : { kind: 'recipe', name: input.recipe };
}

function toTask(form: Forms<'webhookTasks'>, flow: string): TaskSpec {
  const { url, urlFrom, headersFrom, secretKeyFrom, secretsFrom, runs, ...rest } = form;
  const entries: [string, string | undefined][] = [
    ['url', urlFrom],
    ['secretKey', secretKeyFrom],
    ...Object.entries(headersFrom).map(([name, source]): [string, string] => [`headers.${name}`, source]),
    ...Object.entries(secretsFrom).map(([name, source]): [string, string] => [`secrets.${name}`, source]),
  ];
  return {
    ...rest,
    url: url ?? null,
    runs: runs === null ? null : { ...runs, flow: runs.flow === flow ? null : runs.flow },
    secretHeaders: Object.keys(headersFrom).filter((name) => !isSecretByName(name)),
    secrets: Object.fromEntries(
      entries.flatMap(([field, source]) => (source === undefined ? [] : [[field, source as SecretSource]])),
    ),
  };
}

/** What a form can't say about itself part by part: names that are given twice or mean nothing, secrets in the open. */
export function findFormFaults(form: FlowForm): FormFault[] {
  return [
    ...refuseTwice('parameters', form.parameters),
    ...refuseTwice('datasets', form.datasets),
    ...refuseTwice('recipes', form.recipes),
    ...refuseTwice('webhookTasks', form.webhookTasks, (name) => name),
    ...form.parameters.flatMap(checkParameter),
    ...form.recipes.flatMap((recipe, index) => checkRecipe(form, recipe, index)),
    ...form.webhookTasks.flatMap((task, index) => checkTask(form, task, index)),
  ];
}

function refuseTwice(
  list: string,
  items: readonly { readonly name: string }[],
  fold?: (name: string) => string,
): FormFault[] {
  const twice = findTwice(items, fold);
  if (twice === undefined) return [];
  const path = [list, items.indexOf(twice), 'name'];
  return [{ path, detail: `${JSON.stringify(twice.name)} is given twice: names tell things apart.` }];
}

function checkParameter({ type, default: value }: Forms<'parameters'>, index: number): FormFault[] {
  const path = ['parameters', index, 'default'];
  // 1.0 is the number 1 to YAML: a text says what it means.
  if (type === 'text' && typeof value !== 'string')
    return [{ path, detail: 'must be a text: put it in quotes.' }];
  const read = readValue(type, value);
  return read.ok ? [] : [{ path, detail: read.detail }];
}

function checkRecipe(form: FlowForm, recipe: Forms<'recipes'>, index: number): FormFault[] {
  const { sql, waitsForSql, input: given } = recipe;
  const fault = (field: string, detail: string): FormFault => ({ path: ['recipes', index, field], detail });
  const input = readInput(given);
  const known = input?.kind === 'dataset' ? form.datasets : form.recipes;
  const sqlFaults =
    sql === undefined && input === null && waitsForSql !== true
      ? [fault('sql', 'is needed, or `input`: without SQL a recipe passes its input on.')]
      : [];
  const twice = form.recipes.findIndex((other) => other.sql !== undefined && other.sql === sql);
  if (sql !== undefined && twice < index)
    sqlFaults.push(fault('sql', `${sql} is the SQL of another recipe already.`));
  return [
    ...sqlFaults,
    ...(input === null || hasName(known, input.name)
      ? []
      : [fault('input', `The file has no ${input.kind} named ${JSON.stringify(input.name)}.`)]),
  ];
}

function hasName(items: readonly { readonly name: string }[], name: string): boolean {
  return items.some((item) => foldName(item.name) === foldName(name));
}

function checkTask(form: FlowForm, task: Forms<'webhookTasks'>, index: number): FormFault[] {
  const at = (...path: (string | number)[]) => ['webhookTasks', index, ...path];
  const strange = (task.recipes ?? []).flatMap((name, place) =>
    hasName(form.recipes, name) ? [] : [{ path: at('recipes', place), detail: unknownRecipe(name) }],
  );
  const { runs } = task;
  const own = runs !== null && (runs.flow === null || runs.flow === form.flow);
  const open = Object.keys(task.headers).filter(isSecretByName);
  return [
    ...strange,
    ...(own && !hasName(form.recipes, runs.recipe)
      ? [{ path: at('runs', 'recipe'), detail: unknownRecipe(runs.recipe) }]
      : []),
    ...open.map((name) => ({
      path: at('headers', name),
      detail: 'is a secret, which never stands in a file: name its source in headersFrom, as env:NAME.',
    })),
    ...Object.keys(task.headers).flatMap((name) =>
      Object.keys(task.headersFrom).some((other) => other.toLowerCase() === name.toLowerCase())
        ? [{ path: at('headers', name), detail: 'stands in headersFrom, too: give it once.' }]
        : [],
    ),
  ];
}

function unknownRecipe(name: string): string {
  return `The file has no recipe named ${JSON.stringify(name)}.`;
}
