// Pure: a webhook task as the editor's fields have it, and the requests that are made of them.
import type { z } from 'zod';
import {
  initialFields,
  taskFieldNames,
  taskFields,
  type TaskFieldName,
  type TaskFields,
} from '@flowhook/contract/webhook/task-field';
import type { WebhookPreset } from '@flowhook/contract/webhook/webhook-preset';
import type {
  webhookTask,
  webhookTaskChange,
  webhookTaskCreate,
} from '@flowhook/contract/webhook/webhook-task';
import type { FieldFault } from '@flowhook/client/problem';
import { conditionText } from '../../text/webhook/webhook-condition.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { noCondition, toCondition, toConditionValues, type ConditionValues } from './condition-values.ts';

export type Task = z.output<typeof webhookTask>;
type CreateBody = z.input<typeof webhookTaskCreate>;
type ChangeBody = z.input<typeof webhookTaskChange>;

/** A header or a named secret. `stored`: the server has a value that it does not show; an empty value keeps it. */
export interface Row {
  /** Of this row alone, as long as the editor stands. */
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
  readonly stored: boolean;
  /** Its value was typed before, and a draft keeps no secret. */
  readonly lost?: boolean;
}

type PlainField = Exclude<TaskFieldName, 'condition' | 'secretHeaders'>;
/** Fields that an input has as they are; an empty input has an empty text. */
type PlainValues = {
  readonly [Name in PlainField]: null extends TaskFields[Name] ? string : TaskFields[Name];
};

/** A type, not an interface: forms want an index signature. */
export type TaskValues = PlainValues & {
  readonly kind: Task['kind'];
  /** The id of the recipe that a task which runs a job runs; empty for none. */
  readonly runRecipeId: string;
  readonly url: string;
  readonly flowNodeIds: readonly string[];
  readonly condition: ConditionValues;
  readonly headers: readonly Row[];
  readonly secretKey: string;
  readonly secretKeyRemoved: boolean;
  readonly overlap: boolean;
  readonly secrets: readonly Row[];
  /** What was typed before and is not kept, since it is secret. */
  readonly lost: readonly ('url' | 'secretKey')[];
};

const plainFields = taskFieldNames.filter(
  (name): name is PlainField => name !== 'condition' && name !== 'secretHeaders',
);

function toPlain(fields: Pick<TaskFields, PlainField>): PlainValues {
  return Object.fromEntries(plainFields.map((name) => [name, fields[name] ?? ''])) as PlainValues;
}

type PlainOf<Of> = Pick<
  TaskFields,
  { [Name in PlainField]: (typeof taskFields)[Name]['of'] extends Of ? Name : never }[PlainField]
>;

/** What of these belongs to the task itself, or to its request. */
function fromPlain<Of extends 'task' | 'request'>(values: PlainValues, of: Of): PlainOf<Of> {
  const names = plainFields.filter((name) => taskFields[name].of === of);
  const read = (name: PlainField) => {
    const nothing = values[name] === '' && taskFields[name].schema.safeParse(null).success;
    return nothing ? null : values[name];
  };
  return Object.fromEntries(names.map((name) => [name, read(name)])) as unknown as PlainOf<Of>;
}

let made = 0;

export function makeRow(row: Partial<Omit<Row, 'key'>> = {}): Row {
  made += 1;
  return { key: String(made), name: '', value: '', secret: false, stored: false, ...row };
}

export const blankValues: TaskValues = {
  ...toPlain({
    ...initialFields,
    name: '',
    method: 'post',
    triggerEvent: 'onJobDone',
    triggerObject: 'any',
  }),
  kind: 'request',
  runRecipeId: '',
  url: '',
  flowNodeIds: [],
  condition: noCondition,
  headers: [],
  secretKey: '',
  secretKeyRemoved: false,
  overlap: false,
  secrets: [],
  lost: [],
};

export function toValues(task: Task): TaskValues {
  const secretNames = new Set(task.secretHeaders.map((name) => name.toLowerCase()));
  return {
    ...blankValues,
    ...toPlain(task),
    kind: task.kind,
    runRecipeId: task.runWrangledDataset === null ? '' : String(task.runWrangledDataset.id),
    url: task.url,
    flowNodeIds: task.flowNodeIds.map(String),
    condition: toConditionValues(task.condition),
    headers: Object.entries(task.headers).map(([name, value]) =>
      makeRow({
        name,
        value: value ?? '',
        stored: value === null,
        secret: secretNames.has(name.toLowerCase()),
      }),
    ),
    secrets: task.secretNames.map((name) => makeRow({ name, stored: true, secret: true })),
  };
}

/** What a preset begins a new task with; what was typed as its name stays. */
export function withPreset(values: TaskValues, preset: WebhookPreset, baseUrl: string): TaskValues {
  const secret = new Set(preset.secretHeaders);
  return {
    ...values,
    name: values.name === '' ? preset.name : values.name,
    method: preset.method,
    headers: Object.entries(preset.headers).map(([name, value]) =>
      makeRow({ name, value, secret: secret.has(name) }),
    ),
    body: preset.body,
    triggerEvent: preset.triggerEvent,
    secrets: Object.keys(preset.secrets).map((name) => makeRow({ name, secret: true })),
    urlSecret: preset.urlSecret,
    url: preset.url?.replace('{baseUrl}', baseUrl) ?? values.url,
  };
}

/** True for the methods that carry a body. */
export function carriesBody(method: Task['method']): boolean {
  return method === 'post' || method === 'put' || method === 'patch';
}

function toRecord(rows: readonly Row[]): Record<string, string | null> {
  const named = rows.filter(({ name }) => name.trim() !== '');
  return Object.fromEntries(
    named.map(({ name, value, stored }) => [name.trim(), stored && value === '' ? null : value]),
  );
}

/** What a task is, whatever it does when it fires. */
function toTrigger(values: TaskValues) {
  const condition = toCondition(values.condition);
  const watched = values.triggerObject === 'some' && { flowNodeIds: values.flowNodeIds.map(Number) };
  return { ...fromPlain(values, 'task'), ...watched, condition };
}

function toRequest(values: TaskValues) {
  const plain = fromPlain(values, 'request');
  const secretHeaders = values.headers.filter(({ secret }) => secret).map((row) => row.name.trim());
  return {
    ...plain,
    url: values.url,
    headers: toRecord(values.headers),
    secretHeaders: secretHeaders.filter((header) => header !== ''),
    body: carriesBody(plain.method) ? plain.body : null,
    secrets: toRecord(values.secrets),
  };
}

/** A task that runs a job has no request: whatever was typed for one stays behind. */
function toDefinition(values: TaskValues) {
  if (values.kind === 'request') return { ...toTrigger(values), ...toRequest(values) };
  const { runRecipeId } = values;
  const run = runRecipeId !== '' && { runWrangledDataset: { id: Number(runRecipeId) } };
  return { ...toTrigger(values), ...run };
}

const daySeconds = 86_400;

export function toCreate(values: TaskValues, flowId: number): CreateBody {
  const { kind, secretKey } = values;
  const signed = kind === 'request' && { secretKey: secretKey === '' ? null : secretKey };
  // The contract refuses null for a header that has no stored value, and says so at its field.
  return { ...(toDefinition(values) as CreateBody), flowId, ...signed };
}

export function toChange(values: TaskValues): ChangeBody {
  const { kind, secretKey, secretKeyRemoved, overlap } = values;
  if (kind === 'runJob') return toDefinition(values);
  return {
    ...toDefinition(values),
    secretKey: secretKey !== '' ? secretKey : secretKeyRemoved ? '' : null,
    ...(secretKey !== '' && overlap && { secretKeyOverlapSeconds: daySeconds }),
  };
}

/** What a test or a preview is asked with: the saved task, changed as the fields stand. */
export function toTrial(values: TaskValues, task: { flowId: number; id?: number; jobGroupId?: number }) {
  const { secretKeyOverlapSeconds: _, name, ...change } = toChange(values);
  // Nothing is saved: a task can be tried before it has a name.
  return { ...change, ...(name !== '' && { name }), url: values.url, ...task };
}

/** What a backtest is asked with: any task, also one that is not finished. */
export function toBacktest(values: TaskValues, task: { flowId: number; id?: number; days: number }) {
  const { secretKeyOverlapSeconds: _, name, url, ...change } = toChange(values);
  return {
    ...change,
    ...(name !== '' && { name }),
    ...(url !== undefined && url !== '' && { url }),
    ...task,
  };
}

/** What only the editor can know to be wrong. */
export function checkValues(values: TaskValues): FieldFault[] {
  const { kind, runRecipeId, condition } = values;
  const { min, max } = condition;
  return [
    ...(kind === 'runJob' ? checkRecipe(runRecipeId) : checkRows(values)),
    ...(condition.kind === 'rowsOutside' && min === '' && max === ''
      ? [{ field: 'condition.min', detail: conditionText.noBound }]
      : []),
  ];
}

function checkRecipe(runRecipeId: string): FieldFault[] {
  return runRecipeId === '' ? [{ field: 'runRecipeId', detail: text.chooseRecipe }] : [];
}

function checkRows({ headers }: TaskValues): FieldFault[] {
  const names = headers.map(({ name }) => name.trim().toLowerCase());
  return names.flatMap((name, index) =>
    name !== '' && names.indexOf(name) < index
      ? [{ field: `headers[${index}].name`, detail: text.headerTwice }]
      : [],
  );
}

/** The inputs that stand for what the server calls `headers.Accept` or `secrets.token`. */
export function fieldsOf({ headers, secrets }: TaskValues): Record<string, string> {
  const of = (list: string, rows: readonly Row[]) =>
    rows.map(({ name }, index): [string, string] => [`${list}.${name.trim()}`, `${list}[${index}].value`]);
  return {
    ...Object.fromEntries([...of('headers', headers), ...of('secrets', secrets)]),
    runWrangledDataset: 'runRecipeId',
    'runWrangledDataset.id': 'runRecipeId',
  };
}
