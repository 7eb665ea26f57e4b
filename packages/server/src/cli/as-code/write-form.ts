// Writes a flow of code as the text of a flow.yaml, and its SQL as files: always the same for the same flow.
import { Document, Scalar, visit } from 'yaml';
import { plainText } from '@flowhook/client/as-code/flow-item';
import type {
  DatasetSpec,
  FlowSpec,
  OutputSpec,
  RecipeSpec,
  TaskSpec,
} from '@flowhook/client/as-code/flow-spec';
import { chooseFileNames } from './file-name.ts';

/** Texts by file name. */
export type FolderFiles = ReadonlyMap<string, string>;

/** `known` says which files recipes have already: they keep their names. */
export function writeForm(spec: FlowSpec, known: ReadonlyMap<string, string> = new Map()): FolderFiles {
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

function toForm(spec: FlowSpec, sqlFiles: ReadonlyMap<string, string>): object {
  return {
    flow: spec.name,
    ...given({ description: spec.description }),
    ...list(
      'parameters',
      byName(spec.parameters).map(({ type, description, ...rest }) => ({
        ...rest,
        ...(type !== 'text' && { type }),
        ...given({ description }),
      })),
    ),
    ...list('datasets', byName(spec.datasets).map(writeDataset)),
    ...list(
      'recipes',
      byName(spec.recipes).map((recipe) => writeRecipe(recipe, sqlFiles.get(recipe.name))),
    ),
    ...list('webhookTasks', byName(spec.tasks).map(writeTask)),
    ...(spec.schedule === null ? {} : { schedule: writeSchedule(spec.schedule) }),
  };
}

/** Members that are null are left out. */
function given(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

function list(name: string, items: readonly object[]): object {
  return items.length === 0 ? {} : { [name]: items };
}

/** By code points, so that no locale changes the order. */
export function byName<Item extends { readonly name: string }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function inOrder<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function writeDataset({
  name,
  description,
  uri,
  pathPattern,
  format,
  compression,
  options,
}: DatasetSpec): object {
  return {
    name,
    ...given({ description }),
    ...(uri === null ? { upload: true } : { uri }),
    ...given({ pathPattern, format, compression }),
    ...(Object.keys(options).length > 0 && { options: inOrder(options) }),
  };
}

function writeRecipe(recipe: RecipeSpec, sql: string | undefined): object {
  const { name, description, waitsForSql, input, adhoc, scheduled } = recipe;
  const outputs = {
    ...(adhoc !== null && { adhoc: writeOutput(adhoc) }),
    ...(scheduled !== null && { scheduled: writeOutput(scheduled) }),
  };
  return {
    name,
    ...given({ description }),
    ...(sql !== undefined && { sql }),
    ...(waitsForSql && { waitsForSql }),
    ...(input !== null && { input: { [input.kind]: input.name } }),
    ...(Object.keys(outputs).length > 0 && { outputs }),
  };
}

const usualFile = {
  compression: 'none',
  zstd: false,
  header: true,
  asSingleFile: true,
  delim: ',',
  hasQuotes: false,
} as const;

function writeOutput({ execution, profiler, files }: OutputSpec): object {
  const shown = files.map((file) =>
    Object.fromEntries(
      Object.entries(file).filter(([name, value]) => usualFile[name as keyof typeof usualFile] !== value),
    ),
  );
  return {
    ...(execution !== 'photon' && { execution }),
    ...(!profiler && { profiler }),
    ...list('files', shown),
  };
}

function writeTask(task: TaskSpec): object {
  const { name, enabled, triggerEvent, recipes, condition, runs, method, url, headers, body } = task;
  const under = (kind: string) =>
    inOrder(
      Object.fromEntries(
        Object.entries(task.secrets)
          .filter(([field]) => field.startsWith(`${kind}.`))
          .map(([field, source]) => [field.slice(kind.length + 1), source]),
      ),
    );
  const record = (name: string, values: object) => (Object.keys(values).length > 0 ? { [name]: values } : {});
  return {
    name,
    ...(!enabled && { enabled }),
    triggerEvent,
    ...given({ recipes: recipes === null ? null : recipes.toSorted(), condition }),
    ...(runs !== null && { runs: given(runs) }),
    ...(runs === null && { method }),
    ...given({ url }),
    ...given({ urlFrom: task.secrets['url'] ?? null }),
    ...record('headers', inOrder(headers)),
    ...record('headersFrom', under('headers')),
    ...given({ body, secretKeyFrom: task.secrets['secretKey'] ?? null }),
    ...record('secretsFrom', under('secrets')),
    ...(!task.sslVerification && { sslVerification: false }),
    ...(!task.retryOnFailure && { retryOnFailure: false }),
  };
}

function writeSchedule({
  name,
  enabled,
  times,
  missed,
  overlap,
  parameters,
}: NonNullable<FlowSpec['schedule']>): object {
  return {
    ...given({ name }),
    ...(!enabled && { enabled }),
    times: times.map((time) => ({ ...time })),
    missed,
    overlap,
    ...list(
      'parameters',
      parameters.map((each) => ({ ...each })),
    ),
  };
}
