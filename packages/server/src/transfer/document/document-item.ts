// Pure: the parts of a flow document one by one, each with the fields that can differ.
import { foldName } from '@flowhook/contract/flow/name';
import type {
  DocumentOutput,
  DocumentRecipe,
  DocumentTask,
  FlowDocumentGiven,
  SecretGiven,
} from '@flowhook/contract/flow/flow-document';

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

/** A word for a secret that is given with its value; `field` is secretKey, url, headers.NAME or secrets.NAME. */
export type SecretWord = (task: string, field: string) => string;

export const outputKinds = ['adhoc', 'scheduled'] as const;
export type OutputKind = (typeof outputKinds)[number];

/** In the order in which they are made: each after what it needs. */
export function listItems(document: FlowDocumentGiven, word: SecretWord): Item[] {
  const { name, description, parameters, datasets, recipes, webhookTasks, schedule } = document;
  return [
    { kind: 'flow', key: '', name, fields: { name, description } },
    ...parameters.map((parameter) => named('parameter', parameter)),
    ...datasets.map((dataset) => named('dataset', dataset)),
    ...recipes.map((recipe) => named('recipe', toRecipeFields(recipe))),
    ...recipes.flatMap((recipe) =>
      outputKinds.flatMap((kind) => toOutput(recipe.name, kind, recipe.outputs[kind])),
    ),
    ...webhookTasks.map((task) => toTask(task, word)),
    ...(schedule === null
      ? []
      : [{ kind: 'schedule' as const, key: '', name: 'schedule', fields: { ...schedule } }]),
  ];
}

function named(kind: ItemKind, fields: { readonly name: string }): Item {
  return { kind, key: foldName(fields.name), name: fields.name, fields: { ...fields } };
}

/** Line ends are those of whoever checked the files out. */
export function plainText(text: string | null): string | null {
  return text === null ? null : text.replaceAll('\r\n', '\n').trimEnd();
}

function toRecipeFields(recipe: DocumentRecipe) {
  const { outputs: _, sql, waitsForSql, ...rest } = recipe;
  return { ...rest, sql: plainText(sql), ...(waitsForSql && { waitsForSql }) };
}

export function outputKey(recipe: string, kind: OutputKind): string {
  return `${kind} ${foldName(recipe)}`;
}

function toOutput(recipe: string, kind: OutputKind, output: DocumentOutput | null): Item[] {
  if (output === null) return [];
  const item = { key: outputKey(recipe, kind), name: `${recipe} (${kind})`, fields: { ...output } };
  return [{ kind: 'output', ...item }];
}

function toTask(task: DocumentTask, word: SecretWord): Item {
  const { name, recipes, headers, secrets, secretKey, url, ...fields } = task;
  const say = (field: string, value: string | SecretGiven | null) =>
    isSecret(value) ? describeSecret(value, () => word(name, field)) : value;
  const under = (kind: string, values: Readonly<Record<string, string | SecretGiven>>) =>
    Object.entries(values).map(([each, value]) => [`${kind}.${each}`, say(`${kind}.${each}`, value)]);
  const parts = [...under('headers', headers), ...under('secrets', secrets)];
  return {
    kind: 'task',
    key: name,
    name,
    fields: {
      ...fields,
      recipes: recipes?.map(foldName).toSorted() ?? null,
      url: say('url', url),
      secretKey: secretKey === null ? undefined : say('secretKey', secretKey),
      ...(Object.fromEntries(parts) as Record<string, unknown>),
    },
  };
}

export function isSecret(value: string | SecretGiven | null): value is SecretGiven {
  return typeof value === 'object' && value !== null;
}

/** `set` and `waiting` are words that a server's own state has, too: they are no difference to it. */
function describeSecret(secret: SecretGiven, given: () => string): string {
  if ('value' in secret) return given();
  return secret.state === 'stored' ? 'set' : 'waiting';
}

/** Every secret of a task, by its field. */
export function listSecrets({ url, secretKey, headers, secrets }: DocumentTask): [string, SecretGiven][] {
  const under = (kind: string, values: Readonly<Record<string, string | SecretGiven>>) =>
    Object.entries(values).map(([name, value]) => [`${kind}.${name}`, value] as const);
  const all = [
    ['url', url] as const,
    ['secretKey', secretKey] as const,
    ...under('headers', headers),
    ...under('secrets', secrets),
  ];
  return all.flatMap(([field, value]) => (isSecret(value) ? [[field, value]] : []));
}
