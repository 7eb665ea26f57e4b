// Pure: what has to be done so that a flow as it is becomes what a document says: the difference of two documents.
import { foldName } from '@flowhook/contract/flow/name';
import type { FlowDocument, FlowDocumentGiven } from '@flowhook/contract/flow/flow-document';
import { listItems, type Item, type ItemKind, type SecretWord } from './document-item.ts';
import { settleDocument, switchOff } from './document-settle.ts';

export interface FieldChange {
  readonly field: string;
  /** Undefined for what was not there. */
  readonly before: unknown;
  /** Undefined for what goes. */
  readonly after: unknown;
}

export interface Change {
  readonly kind: ItemKind;
  readonly key: string;
  readonly name: string;
  readonly action: 'create' | 'change' | 'delete';
  readonly fields: readonly FieldChange[];
}

export type FieldPath = readonly (string | number)[];

export interface DocumentFault {
  /** Where it stands in the document that was given. */
  readonly path: FieldPath;
  readonly detail: string;
}

export interface DocumentPlan {
  /** What was given, with what becomes of each secret: kept, given, or missing; without one a task is off. */
  readonly document: FlowDocumentGiven;
  /** In the order in which they are done. */
  readonly changes: readonly Change[];
  /** Not empty: nothing can be done. */
  readonly faults: readonly DocumentFault[];
}

/** `before` is null for a flow that is not there yet. What `wanted` does not name is deleted. */
export function planDocument(
  before: FlowDocument | null,
  wanted: FlowDocumentGiven,
  word: SecretWord = () => 'given',
): DocumentPlan {
  const document = settleDocument(before, wanted);
  const old = before === null ? [] : listItems(asItIs(before), word);
  const now = listItems(document, word);
  const made = now.flatMap((item) => compare(old.find(isSame(item)), item));
  const gone = old.filter((item) => !now.some(isSame(item))).toReversed();
  const faults = before === null ? findNewFaults(document) : findFaults(before, document);
  return { document, changes: orderChanges([...made, ...gone.map(toDeletion)]), faults };
}

/** What waits for a secret is off, whatever it is meant to be. */
function asItIs(document: FlowDocument): FlowDocumentGiven {
  return { ...document, webhookTasks: document.webhookTasks.map(switchOff) };
}

function isSame({ kind, key }: Item): (other: Item) => boolean {
  return (other) => other.kind === kind && other.key === key;
}

function compare(before: Item | undefined, after: Item): Change[] {
  const { kind, key, name } = after;
  const names = [...new Set([...Object.keys(before?.fields ?? {}), ...Object.keys(after.fields)])];
  const fields = names.flatMap((field): FieldChange[] => {
    const [old, value] = [before?.fields[field], after.fields[field]];
    return isEqual(old, value) ? [] : [{ field, before: old, after: value }];
  });
  if (before === undefined) return [{ kind, key, name, action: 'create', fields }];
  return fields.length === 0 ? [] : [{ kind, key, name, action: 'change', fields }];
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return writeStable(one) === writeStable(other);
}

/** JSON with the members of objects in order; members that are undefined count as not there. */
export function writeStable(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function toDeletion({ kind, key, name }: Item): Change {
  return { kind, key, name, action: 'delete', fields: [] };
}

/** What makes room for others goes first; a recipe goes when nothing names it any more, a dataset after it. */
const lastToGo: readonly ItemKind[] = ['recipe', 'dataset'];

function orderChanges(changes: readonly Change[]): Change[] {
  const stay = changes.filter(({ action }) => action !== 'delete');
  const gone = changes.filter(({ action }) => action === 'delete');
  const late = gone.filter(({ kind }) => lastToGo.includes(kind));
  return [...gone.filter((change) => !late.includes(change)), ...stay, ...late];
}

function findNewFaults({ recipes }: FlowDocumentGiven): DocumentFault[] {
  return recipes.flatMap(({ waitsForSql }, index) => (waitsForSql ? [waiting(index)] : []));
}

function waiting(index: number): DocumentFault {
  const detail =
    'A recipe that waits for its SQL comes in by a package alone: write its SQL, or import the package.';
  return { path: ['recipes', index, 'waitsForSql'], detail };
}

function findFaults(before: FlowDocument, wanted: FlowDocumentGiven): DocumentFault[] {
  return [
    ...findMovedDatasets(before, wanted),
    ...wanted.recipes.flatMap(({ name, waitsForSql }, index) => {
      const now = before.recipes.find((each) => foldName(each.name) === foldName(name));
      return waitsForSql && now?.waitsForSql !== true ? [waiting(index)] : [];
    }),
    ...findTurnedTasks(before, wanted),
  ];
}

function findMovedDatasets(before: FlowDocument, { datasets }: FlowDocumentGiven): DocumentFault[] {
  return datasets.flatMap(({ name, uri, pathPattern }, index): DocumentFault[] => {
    const now = before.datasets.find((each) => foldName(each.name) === foldName(name));
    if (now === undefined) return [];
    const way = 'A dataset keeps its address: give this one another name.';
    const fault = (field: string, detail: string) => [{ path: ['datasets', index, field], detail }];
    if (now.uri !== uri)
      return fault('uri', `The dataset ${name} reads ${now.uri ?? 'an upload'} at the server. ${way}`);
    if (isEqual(now.pathPattern, pathPattern)) return [];
    return fault('pathPattern', `The dataset ${name} has another pattern at the server. ${way}`);
  });
}

function findTurnedTasks(before: FlowDocument, { webhookTasks }: FlowDocumentGiven): DocumentFault[] {
  const detail =
    'A webhook task that sends a request does not become one that runs a recipe: give it another name.';
  return webhookTasks.flatMap(({ name, runs }, index) => {
    const now = before.webhookTasks.find((task) => task.name === name);
    return now?.runs === null && runs !== null ? [{ path: ['webhookTasks', index, 'runs'], detail }] : [];
  });
}
