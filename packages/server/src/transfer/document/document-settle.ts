// Pure: a document as it is meant: names as those they refer to are written, and what becomes of each secret.
import { foldName } from '@flowhook/contract/flow/name';
import type {
  DocumentRecipe,
  DocumentTask,
  FlowDocument,
  FlowDocumentGiven,
  SecretGiven,
} from '@flowhook/contract/flow/flow-document';
import { isSecret, listSecrets } from './document-item.ts';

/** `before` is null for a flow that is not there yet. */
export function settleDocument(before: FlowDocument | null, wanted: FlowDocumentGiven): FlowDocumentGiven {
  const tasks = new Map(before?.webhookTasks.map((task) => [task.name, task]));
  return {
    ...wanted,
    recipes: wanted.recipes.map((recipe) => ({ ...recipe, input: settleInput(wanted, recipe.input) })),
    webhookTasks: wanted.webhookTasks.map((task) => settleTask(wanted, task, tasks.get(task.name))),
  };
}

/** Letter case means nothing in a name: as it is written where it is given. */
function writtenAs(items: readonly { readonly name: string }[], name: string): string {
  return items.find((item) => foldName(item.name) === foldName(name))?.name ?? name;
}

function settleInput(
  { datasets, recipes }: FlowDocumentGiven,
  input: DocumentRecipe['input'],
): DocumentRecipe['input'] {
  if (input === null) return null;
  return 'dataset' in input
    ? { dataset: writtenAs(datasets, input.dataset) }
    : { recipe: writtenAs(recipes, input.recipe) };
}

type Run = NonNullable<DocumentTask['runs']>;

function settleRun({ name, recipes }: FlowDocumentGiven, { flow, recipe }: Run, before: Run | null): Run {
  if (flow === null || flow === name) return { flow: null, recipe: writtenAs(recipes, recipe) };
  return before?.flow === flow && foldName(before.recipe) === foldName(recipe) ? before : { flow, recipe };
}

export function switchOff(task: DocumentTask): DocumentTask {
  return isWaiting(task) ? { ...task, enabled: false } : task;
}

function isWaiting(task: DocumentTask): boolean {
  return listMissing(task).length > 0;
}

/** The fields of a task that have no value. */
export function listMissing(task: DocumentTask): string[] {
  return listSecrets(task).flatMap(([field, secret]) =>
    'state' in secret && secret.state === 'missing' ? [field] : [],
  );
}

function settleTask(
  wanted: FlowDocumentGiven,
  task: DocumentTask,
  before: DocumentTask | undefined,
): DocumentTask {
  const stored = new Map(before === undefined ? [] : listSecrets(before));
  const settle = <Value extends string | SecretGiven | null>(
    field: string,
    value: Value,
  ): Value | SecretGiven => (isSecret(value) ? settleSecret(value, stored.get(field)) : value);
  const under = <Value extends string | SecretGiven>(kind: string, values: Readonly<Record<string, Value>>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, settle(`${kind}.${name}`, value)]),
    );
  return switchOff({
    ...task,
    runs: task.runs === null ? null : settleRun(wanted, task.runs, before?.runs ?? null),
    url: settle('url', task.url),
    headers: under('headers', task.headers),
    secretKey: settle('secretKey', task.secretKey),
    secrets: under('secrets', task.secrets),
  });
}

function settleSecret(secret: SecretGiven, before: SecretGiven | undefined): SecretGiven {
  if ('value' in secret || secret.state === 'missing') return secret;
  return before !== undefined && 'state' in before ? before : { state: 'missing' };
}
