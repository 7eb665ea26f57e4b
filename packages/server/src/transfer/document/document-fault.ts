// Pure: what a flow document can't say about itself part by part: names that are given twice or mean nothing, secrets in the open.
import type {
  DocumentRecipe,
  DocumentTask,
  FlowDocument,
  FlowDocumentGiven,
} from '@flowhook/contract/flow/flow-document';
import { foldName } from '@flowhook/contract/flow/name';
import { isSecretByName } from '@flowhook/contract/webhook/webhook-definition';
import { writeStable, type DocumentFault, type FieldPath } from './document-plan.ts';

/** Every fault; an empty list lets it be compared with a flow. */
export function findDocumentFaults(
  document: FlowDocumentGiven,
  before: FlowDocument | null = null,
): DocumentFault[] {
  const { parameters, datasets, recipes, webhookTasks } = document;
  return [
    ...refuseTwice('parameters', parameters),
    ...refuseTwice('datasets', datasets),
    ...refuseTwice('recipes', recipes),
    ...refuseTwice('webhookTasks', webhookTasks, (name) => name),
    ...recipes.flatMap((recipe, index) => checkRecipe(document, recipe, index)),
    ...webhookTasks.flatMap((task, index) => {
      const known = before?.webhookTasks.find(({ name }) => name === task.name);
      // What it runs was deleted: it is off, and stays as it is until somebody mends it.
      const isKept = writeStable(known?.runs) === writeStable(task.runs);
      return checkTask(document, { task, index, isKept });
    }),
  ];
}

interface Named {
  readonly name: string;
}

/** The first name that two of them have; undefined where there is none. */
export function findTwice<Item extends Named>(
  items: readonly Item[],
  fold: (name: string) => string = foldName,
): Item | undefined {
  const seen = new Set<string>();
  return items.find(({ name }) => {
    const key = fold(name);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

function refuseTwice(
  list: string,
  items: readonly Named[],
  fold?: (name: string) => string,
): DocumentFault[] {
  const twice = findTwice(items, fold);
  if (twice === undefined) return [];
  const path = [list, items.indexOf(twice), 'name'];
  return [{ path, detail: `${JSON.stringify(twice.name)} is given twice: names tell things apart.` }];
}

function checkRecipe(
  { datasets, recipes }: FlowDocumentGiven,
  { sql, waitsForSql, input }: DocumentRecipe,
  index: number,
): DocumentFault[] {
  const fault = (field: string, detail: string) => [{ path: ['recipes', index, field], detail }];
  if (input === null)
    return sql !== null || waitsForSql
      ? []
      : fault('sql', 'is needed, or `input`: without SQL a recipe passes its input on.');
  const [kind, known, name] =
    'dataset' in input
      ? (['dataset', datasets, input.dataset] as const)
      : (['recipe', recipes, input.recipe] as const);
  return hasName(known, name)
    ? []
    : fault('input', `The document has no ${kind} named ${JSON.stringify(name)}.`);
}

const foldedNames = new WeakMap<readonly Named[], ReadonlySet<string>>();

/** A document may name its recipes a million times: they are folded once. */
function hasName(items: readonly Named[], name: string): boolean {
  let names = foldedNames.get(items);
  if (names === undefined) {
    names = new Set(items.map((item) => foldName(item.name)));
    foldedNames.set(items, names);
  }
  return names.has(foldName(name));
}

interface Placed {
  readonly task: DocumentTask;
  readonly index: number;
  /** It runs what it runs already. */
  readonly isKept: boolean;
}

function checkTask(
  { name: flow, recipes }: FlowDocumentGiven,
  { task, index, isKept }: Placed,
): DocumentFault[] {
  const at = (...path: (string | number)[]): FieldPath => ['webhookTasks', index, ...path];
  const unknown = (path: FieldPath, name: string) =>
    hasName(recipes, name)
      ? []
      : [{ path, detail: `The document has no recipe named ${JSON.stringify(name)}.` }];
  const { runs, headers } = task;
  const own = runs !== null && !isKept && (runs.flow === null || runs.flow === flow);
  return [
    ...(task.recipes ?? []).flatMap((name, place) => unknown(at('recipes', place), name)),
    ...(own ? unknown(at('runs', 'recipe'), runs.recipe) : []),
    ...refuseMixed(task).map(([field, detail]) => ({ path: at(field), detail })),
    ...Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && isSecretByName(name)
        ? [{ path: at('headers', name), detail: 'is a secret: give it as {"value": …}, or say where it is.' }]
        : [],
    ),
  ];
}

function refuseMixed({ runs, url, body, headers }: DocumentTask): [field: string, detail: string][] {
  if (runs === null) return url === null ? [['url', 'is needed, or `runs`: one of the two.']] : [];
  const detail = 'does not stand beside `runs`: a task that runs a recipe sends no request.';
  return [
    ...(url === null ? [] : [['url', detail] as [string, string]]),
    ...(body === null || body === '' ? [] : [['body', detail] as [string, string]]),
    ...(Object.keys(headers).length === 0 ? [] : [['headers', detail] as [string, string]]),
  ];
}

/** `recipes[2].sql` */
export function writePath(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
