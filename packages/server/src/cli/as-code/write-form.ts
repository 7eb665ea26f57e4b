// Writes a flow of code as the text of a flow.yaml, and its SQL as files: always the same for the same flow.
import { Document, Scalar, visit } from 'yaml';
import type { z } from 'zod';
import { plainText } from '../../transfer/document/document-item.ts';
import type { CodeDocument, CodeTask, SecretFrom } from './code-document.ts';
import { chooseFileNames } from './file-name.ts';
import { flowForm } from './flow-form.ts';

/** Texts by file name. */
export type FolderFiles = ReadonlyMap<string, string>;

/** `known` says which files recipes have already: they keep their names. */
export function writeForm(spec: CodeDocument, known: ReadonlyMap<string, string> = new Map()): FolderFiles {
  const withSql = spec.recipes.filter(({ sql }) => sql !== null);
  const names = chooseFileNames(
    withSql.map(({ name }) => name),
    { ending: '.sql', known },
  );
  const files = new Map([['flow.yaml', writeText(toForm(spec, names))]]);
  for (const { name, sql } of withSql) files.set(names.get(name)!, `${plainText(sql)!}\n`);
  return files;
}

function writeText(value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  // A text of several lines is shown as it is, where YAML can do that without changing it.
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && node.value.includes('\n')) node.type = Scalar.BLOCK_LITERAL;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Each list by name, and what is as it would be without being said left out. */
function toForm(spec: CodeDocument, sqlFiles: ReadonlyMap<string, string>): object {
  const { name: flow, description, parameters, datasets, recipes, webhookTasks, schedule } = spec;
  const form = {
    flow,
    description,
    parameters: byName(parameters).map(({ name, defaultValue, ...rest }) => ({
      name,
      default: defaultValue,
      ...rest,
    })),
    datasets: byName(datasets).map(({ name, description: said, uri, options, ...rest }) => ({
      name,
      description: said,
      ...(uri === null ? { upload: true } : { uri }),
      ...rest,
      options: inOrder(options),
    })),
    recipes: byName(recipes).map((recipe) => writeRecipe(recipe, sqlFiles.get(recipe.name))),
    webhookTasks: byName(webhookTasks).map(writeTask),
    schedule,
  };
  return dropDefaults(flowForm, form) as object;
}

/** By code points, so that no locale changes the order. */
export function byName<Item extends { readonly name: string }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function inOrder<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function writeRecipe(recipe: CodeDocument['recipes'][number], file: string | undefined): object {
  const { name, description, sql: _, waitsForSql, ...rest } = recipe;
  return { name, description, sql: file, waitsForSql: waitsForSql || undefined, ...rest };
}

function writeTask({ url, headers, secretKey, secrets, body, recipes, ...task }: CodeTask): object {
  const { name, enabled, triggerEvent, condition, runs, method, ...rest } = task;
  const open = Object.entries(headers).filter(([, value]) => typeof value === 'string');
  const hidden = Object.entries(headers).filter(
    (entry): entry is [string, SecretFrom] => typeof entry[1] === 'object',
  );
  const sources = (entries: readonly [string, SecretFrom][]) =>
    inOrder(Object.fromEntries(entries.map(([field, { from }]) => [field, from])));
  return {
    name,
    enabled,
    triggerEvent,
    recipes: recipes?.toSorted() ?? null,
    condition,
    runs,
    ...(runs === null && { method }),
    ...(typeof url === 'object' && url !== null ? { urlFrom: url.from } : { url: url ?? undefined }),
    headers: inOrder(Object.fromEntries(open)),
    headersFrom: sources(hidden),
    body,
    secretKeyFrom: secretKey?.from,
    secretsFrom: sources(Object.entries(secrets)),
    ...rest,
  };
}

/** Said all the same, since a reader looks for them. */
const alwaysSaid = new Set(['method', 'missed', 'overlap', 'timezone']);

/** Without the members that the form would give by itself. */
function dropDefaults(schema: unknown, value: unknown): unknown {
  const { element, shape } = openSchema(schema);
  if (Array.isArray(value) && element !== undefined) return value.map((each) => dropDefaults(element, each));
  if (typeof value !== 'object' || value === null || shape === undefined) return value;
  const kept = Object.entries(value).filter(
    ([name, each]) => alwaysSaid.has(name) || !isDefault(shape[name], each),
  );
  return Object.fromEntries(kept.map(([name, each]) => [name, dropDefaults(shape[name], each)]));
}

function isDefault(schema: z.ZodType | undefined, value: unknown): boolean {
  if (value === undefined) return true;
  const usual = schema?.safeParse(undefined);
  return usual?.success === true && JSON.stringify(usual.data) === JSON.stringify(value);
}

interface OpenSchema {
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

/** Below defaults, nulls and optional. */
function openSchema(schema: unknown): OpenSchema {
  const inner = schema as { unwrap?: () => unknown } & OpenSchema;
  return inner?.unwrap !== undefined && inner.element === undefined
    ? openSchema(inner.unwrap())
    : (inner ?? {});
}
