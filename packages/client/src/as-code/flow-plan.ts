// Pure: what has to be done so that a flow at the server becomes what code says.
import { foldName } from '@flowhook/contract/flow/name';
import { type FlowSpec, type SecretSource, type SecretState, type TaskSpec } from './flow-spec.ts';
import { listItems, type Item, type ItemKind } from './flow-item.ts';

/** A flow as a server has it. */
export interface StoredFlow {
  readonly id: number;
  readonly spec: FlowSpec;
  /** Of each task by its name: its secrets by the API's field. */
  readonly secrets: ReadonlyMap<string, ReadonlyMap<string, SecretState>>;
}

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

export interface PlanFault {
  readonly kind: ItemKind;
  readonly key: string;
  readonly field: string;
  readonly detail: string;
}

/** What becomes of a secret: it stays, is sent with this value, or waits for one. */
export type SecretFate =
  | { readonly kind: 'keep' | 'wait' }
  | { readonly kind: 'send'; readonly value: string };

export interface FlowPlan {
  readonly spec: FlowSpec;
  readonly changes: readonly Change[];
  /** What a reader should know beside the changes. */
  readonly notes: readonly string[];
  /** Not empty: nothing can be applied. */
  readonly faults: readonly PlanFault[];
  /** By task name and field. */
  readonly fates: ReadonlyMap<string, ReadonlyMap<string, SecretFate>>;
}

export interface PlanChoices {
  /** The environment that secrets are taken from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What code does not name is deleted. */
  readonly prune: boolean;
  /** Secrets are sent again where the server has one. */
  readonly sendSecrets: boolean;
}

/** `stored` is null for a flow that the server does not have. */
export function planFlow(stored: StoredFlow | null, wanted: FlowSpec, choices: PlanChoices): FlowPlan {
  const fates = new Map(
    wanted.tasks.map((task) => {
      const again = choices.sendSecrets || isMoved(stored, task);
      const now = stored?.secrets.get(task.name);
      return [task.name, settleSecrets(task, now, choices.env, again)];
    }),
  );
  const spec = { ...wanted, tasks: wanted.tasks.map((task) => switchOff(task, fates.get(task.name)!)) };
  const before = stored === null ? [] : listStored(stored);
  const after = listItems(spec, (task, field) =>
    describeFate(task, field, fates.get(task.name)!.get(field)!),
  );
  const made = after.flatMap((item) => compare(before.find(sameAs(item)), item));
  const extra = before.filter((item) => !after.some(sameAs(item)));
  const gone = choices.prune ? extra.filter(({ kind }) => kind !== 'dataset').toReversed() : [];
  return {
    spec,
    changes: [...made, ...gone.map(toDeletion)],
    notes: [...noteExtra(extra, choices.prune), ...noteWaiting(spec.tasks, fates)],
    faults: [
      ...findDatasetFaults(stored, spec),
      ...findRecipeFaults(stored, spec),
      ...findTaskFaults(stored, spec),
      ...findMoved(stored, spec, fates),
    ],
    fates,
  };
}

function listStored({ spec, secrets }: StoredFlow): Item[] {
  const state = (task: TaskSpec, field: string) => secrets.get(task.name)?.get(field) ?? 'set';
  const waits = (task: TaskSpec) => [...(secrets.get(task.name)?.values() ?? [])].includes('waiting');
  const tasks = spec.tasks.map((task) => (waits(task) ? { ...task, enabled: false } : task));
  return listItems({ ...spec, tasks }, state);
}

function sameAs({ kind, key }: Item): (other: Item) => boolean {
  return (other) => other.kind === kind && other.key === key;
}

/** Fields that code may leave out: the server's stay then. */
const leaveAlone: Readonly<Partial<Record<ItemKind, readonly string[]>>> = {
  recipe: ['input'],
  dataset: ['format', 'compression'],
};

function compare(before: Item | undefined, after: Item): Change[] {
  const { kind, key, name } = after;
  const names = [...new Set([...Object.keys(before?.fields ?? {}), ...Object.keys(after.fields)])];
  const fields = names.flatMap((field): FieldChange[] => {
    const [old, value] = [before?.fields[field], after.fields[field]];
    if (before !== undefined && value === null && leaveAlone[kind]?.includes(field)) return [];
    return isSame(old, value) ? [] : [{ field, before: old, after: value }];
  });
  if (before === undefined) return [{ kind, key, name, action: 'create', fields }];
  return fields.length === 0 ? [] : [{ kind, key, name, action: 'change', fields }];
}

function isSame(one: unknown, other: unknown): boolean {
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

function settleSecrets(
  { secrets }: TaskSpec,
  stored: ReadonlyMap<string, SecretState> | undefined,
  env: PlanChoices['env'],
  again: boolean,
): Map<string, SecretFate> {
  const fates = Object.entries(secrets).map(([field, source]): [string, SecretFate] => {
    const value = readSource(source, env);
    const isSet = stored?.get(field) === 'set';
    if (value !== null && (!isSet || again)) return [field, { kind: 'send', value }];
    return [field, { kind: isSet ? 'keep' : 'wait' }];
  });
  return new Map(fates);
}

function readSource(source: SecretSource, env: PlanChoices['env']): string | null {
  return source === 'stored' ? null : env[source.slice('env:'.length)] || null;
}

function isWaiting(fates: ReadonlyMap<string, SecretFate>): boolean {
  return [...fates.values()].some(({ kind }) => kind === 'wait');
}

/** A task without one of its secrets can't be on. */
function switchOff(task: TaskSpec, fates: ReadonlyMap<string, SecretFate>): TaskSpec {
  return isWaiting(fates) ? { ...task, enabled: false } : task;
}

/** `set` and `waiting` are words that a server's own state has, too: they are no difference to it. */
function describeFate({ secrets }: TaskSpec, field: string, { kind }: SecretFate): string {
  if (kind === 'keep') return 'set';
  return kind === 'wait' ? 'waiting' : `from ${secrets[field]!}`;
}

function noteExtra(extra: readonly Item[], prune: boolean): string[] {
  return extra.flatMap(({ kind, name }) => {
    if (kind === 'dataset') return [];
    return prune ? [] : [`${kind} ${name} is at the server alone and stays: --prune deletes it.`];
  });
}

function noteWaiting(tasks: readonly TaskSpec[], fates: FlowPlan['fates']): string[] {
  return tasks.flatMap(({ name, secrets }) => {
    const waiting = [...fates.get(name)!].filter(([, { kind }]) => kind === 'wait').map(([field]) => field);
    if (waiting.length === 0) return [];
    const ways = waiting.map((field) => {
      const source = secrets[field]!;
      return source === 'stored' ? `${field} (give it at the server)` : `${field} (set ${source.slice(4)})`;
    });
    return [`webhook task ${name} stays off: it waits for ${ways.join(', ')}.`];
  });
}

function findDatasetFaults(stored: StoredFlow | null, { datasets }: FlowSpec): PlanFault[] {
  return datasets.flatMap(({ name, uri, pathPattern }) => {
    const key = foldName(name);
    const now = stored?.spec.datasets.find((each) => foldName(each.name) === key);
    if (now === undefined) return [];
    const fault = (field: string, detail: string) => [{ kind: 'dataset' as const, key, field, detail }];
    const way = 'A dataset keeps its address: give this one another name.';
    if (now.uri !== uri)
      return fault('uri', `The dataset ${name} reads ${now.uri ?? 'an upload'} at the server. ${way}`);
    if (writeStable(now.pathPattern) !== writeStable(pathPattern))
      return fault('pathPattern', `The dataset ${name} has another pattern at the server. ${way}`);
    return [];
  });
}

function findRecipeFaults(stored: StoredFlow | null, { recipes }: FlowSpec): PlanFault[] {
  return recipes.flatMap(({ name, waitsForSql }) => {
    const key = foldName(name);
    const now = stored?.spec.recipes.find((each) => foldName(each.name) === key);
    if (!waitsForSql || now?.waitsForSql === true) return [];
    const detail =
      'A recipe that waits for its SQL comes in by a package alone: write its SQL, or import the package.';
    return [{ kind: 'recipe', key, field: 'waitsForSql', detail }];
  });
}

function findTaskFaults(stored: StoredFlow | null, { tasks }: FlowSpec): PlanFault[] {
  const detail =
    'A webhook task that sends a request does not become one that runs a recipe: give it another name.';
  return tasks.flatMap(({ name: key, runs }): PlanFault[] => {
    const now = stored?.spec.tasks.find(({ name }) => name === key);
    return now?.runs === null && runs !== null ? [{ kind: 'task', key, field: 'runs', detail }] : [];
  });
}

/** A stored secret never goes to another host unawares. */
function findMoved(stored: StoredFlow | null, { tasks }: FlowSpec, fates: FlowPlan['fates']): PlanFault[] {
  const detail =
    'The URL points to another scheme, host or port, and a stored secret does not follow: name an environment variable that is set (env:NAME).';
  return tasks
    .filter((task) => isMoved(stored, task))
    .flatMap(({ name: key }) => {
      const kept = [...fates.get(key)!].filter(([, { kind }]) => kind === 'keep');
      return kept.map(([field]): PlanFault => ({ kind: 'task', key, field, detail }));
    });
}

function isMoved(stored: StoredFlow | null, { name, url }: TaskSpec): boolean {
  const now = stored?.spec.tasks.find((task) => task.name === name);
  return now?.url != null && url !== null && readOrigin(now.url) !== readOrigin(url);
}

function readOrigin(url: string): string {
  return URL.parse(url)?.origin ?? url;
}
