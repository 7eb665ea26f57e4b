// Pure: the parts of a flow one by one, each with the fields that can differ.
import { foldName } from '@flowhook/contract/flow/name';
import { type FlowSpec, type OutputSpec, type RecipeSpec, type TaskSpec } from './flow-spec.ts';

export type ItemKind = 'flow' | 'parameter' | 'dataset' | 'recipe' | 'output' | 'task' | 'schedule';

export interface Item {
  readonly kind: ItemKind;
  /** Tells it from others of its kind. */
  readonly key: string;
  /** As people read it. */
  readonly name: string;
  /** JSON values by field; undefined for what is not there. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a secret will be once it is applied, or is now: a word for it. */
export type SecretWords = (task: TaskSpec, field: string) => string;

export const outputKinds = ['adhoc', 'scheduled'] as const;
export type OutputKind = (typeof outputKinds)[number];

/** In the order in which they are made: each after what it needs. */
export function listItems(flow: FlowSpec, secretWords: SecretWords): Item[] {
  const { name, description, parameters, datasets, recipes, tasks, schedule } = flow;
  return [
    { kind: 'flow', key: '', name, fields: { description } },
    ...parameters.map(({ name, ...fields }) => named('parameter', name, fields)),
    ...datasets.map(({ name, ...fields }) => named('dataset', name, fields)),
    ...recipes.map((recipe) => named('recipe', recipe.name, toRecipeFields(recipe))),
    ...recipes.flatMap((recipe) =>
      outputKinds.flatMap((kind) =>
        recipe[kind] === null ? [] : [toOutput(recipe.name, kind, recipe[kind])],
      ),
    ),
    ...tasks.map((task): Item => ({
      kind: 'task',
      key: task.name,
      name: task.name,
      fields: toTaskFields(task, secretWords),
    })),
    ...(schedule === null
      ? []
      : [{ kind: 'schedule' as const, key: '', name: 'schedule', fields: { ...schedule } }]),
  ];
}

function named(kind: ItemKind, name: string, fields: Item['fields']): Item {
  return { kind, key: foldName(name), name, fields: { name, ...fields } };
}

/** Line ends are those of whoever checked the files out. */
export function plainText(text: string | null): string | null {
  return text === null ? null : text.replaceAll('\r\n', '\n').trimEnd();
}

function toRecipeFields({ description, sql, waitsForSql, input }: RecipeSpec): Item['fields'] {
  return { description, sql: plainText(sql), ...(waitsForSql && { waitsForSql }), input };
}

export function outputKey(recipe: string, kind: OutputKind): string {
  return `${kind} ${foldName(recipe)}`;
}

function toOutput(recipe: string, kind: OutputKind, { execution, profiler, files }: OutputSpec): Item {
  return {
    kind: 'output',
    key: outputKey(recipe, kind),
    name: `${recipe} (${kind})`,
    fields: { execution, profiler, files },
  };
}

function toTaskFields(task: TaskSpec, secretWords: SecretWords): Item['fields'] {
  const { name: _, recipes, secrets, secretHeaders, ...fields } = task;
  const words = Object.keys(secrets)
    .toSorted()
    .map((field) => [field, secretWords(task, field)]);
  const plain = Object.entries(task.headers).map(([name, value]) => [`headers.${name}`, value]);
  return {
    ...fields,
    headers: undefined,
    recipes: recipes?.map(foldName).toSorted() ?? null,
    secretHeaders: secretHeaders.map((name) => name.toLowerCase()).toSorted(),
    ...Object.fromEntries(plain),
    ...Object.fromEntries(words),
  };
}
