// A flow's content as a package's document, readable and in a stable order, without any secret.
import { createHash } from 'node:crypto';
import { packFields } from '@flowhook/contract/webhook/task-field';
import { readUploadUri, readWaitingUri } from '../flows/datasets/location.ts';
import { readWithheldHost } from '../webhooks/tasks/missing-secret.ts';
import type { DatasetPart, FlowContent, RecipePart, TaskPart, TaskTarget } from './flow-content.ts';

export interface PackageMetadata {
  readonly exportedAt: string;
  /** The exporter's id: the only thing about a person that a package holds. */
  readonly exportedBy: number;
  readonly uuid: string;
  readonly version: string;
}

/** The document of one flow. Ids are those of this server. */
export function writePackage(content: FlowContent, metadata: PackageMetadata): object {
  const { exportedAt, exportedBy, uuid, version } = metadata;
  const data = { artifacts: [], connections: [], flows: [writeFlow(content)] };
  return {
    type: 'flow',
    kind: 'artifact',
    metadata: {
      exportedAt,
      exportedBy,
      uuid,
      comment: '',
      primaryFlowIds: [content.key],
      flowhookVersion: version,
      edition: 'Flowhook',
    },
    data,
    hash: createHash('sha256').update(JSON.stringify(data)).digest('hex'),
  };
}

/** `flow_<name>.json`, with what no file system minds. */
export function namePackage(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/gu, '')
    .slice(0, 100);
  return `flow_${plain === '' ? 'unnamed' : plain}`;
}

function writeFlow(content: FlowContent) {
  const { key, name, description, datasets, recipes, outputs, tasks, parameters, schedule } = content;
  const place = new Map([...datasets, ...recipes].map((part, index) => [part.key, index]));
  const inOrder = (keys: readonly number[]) => keys.toSorted((a, b) => place.get(a)! - place.get(b)!);
  return {
    id: key,
    name,
    description: description ?? '',
    defaultOutputDir: null,
    settings: { optimize: 'default' },
    flownodes: [
      ...datasets.map((part) => writeNode(part.key, false)),
      ...recipes.map((part) => writeNode(part.key, true)),
    ],
    flowedges: writeEdges(recipes, inOrder),
    recipes: [...datasets.map(writeParsing), ...recipes.map(writeRecipe)],
    outputobjects: outputs.map(({ recipe, isAdhoc, execution, profiler, settings }, index) => ({
      id: index + 1,
      flowNodeId: recipe,
      isAdhoc,
      execution,
      profiler,
      writesettings: settings.map((rule, at) => ({
        id: at + 1,
        ...rule,
        connectionId: null,
        runParameters: [],
      })),
      publications: [],
    })),
    datasources: datasets.map(writeDatasource),
    webhookflowtasks: tasks.map((task) => writeTask(task, inOrder)),
    notes: [],
    runparameters: parameters.map(writeParameter),
    schedules: schedule === null ? [] : [writeSchedule(schedule)],
    references: [],
  };
}

/** As the original has it, with what it does not know beside it. */
function writeParameter(parameter: FlowContent['parameters'][number], index: number) {
  const { name: overrideKey, type, defaultValue: value, description } = parameter;
  return {
    id: index + 1,
    type: 'variable',
    runParameterEdit: { id: index + 1, overrideKey, value: { variable: { value } }, insertionIndices: [] },
    flowhook: { type, description },
  };
}

function writeSchedule(schedule: NonNullable<FlowContent['schedule']>) {
  const { name, triggers, missed, overlap, parameters } = schedule;
  return {
    name,
    triggers: triggers.map(({ expression, timeZone: timezone }) => ({
      timeBased: { cron: { expression }, timezone },
    })),
    missed,
    overlap,
    runParameters: parameters.map(({ key, value }) => ({ key, value: value ?? null })),
  };
}

function writeNode(key: number, wrangled: boolean) {
  return { id: key, scriptId: key, wrangled, referenceId: null, flowNodeId: null };
}

function writeEdges(recipes: readonly RecipePart[], inOrder: (keys: readonly number[]) => number[]) {
  const edges = recipes.flatMap(({ key, inputs, primary }) =>
    inOrder(inputs).map((input) => ({
      inFlowNodeId: input,
      outFlowNodeId: key,
      inPortId: null,
      outPortId: null,
      primary: input === primary,
    })),
  );
  return edges.map((edge, index) => ({ id: index + 1, ...edge }));
}

/** As the original has it: a dataset's node has a recipe, which carries the dataset's name. */
function writeParsing({ key, name }: DatasetPart) {
  return { id: key, name, description: null, active: true, nextPortId: 1, steps: [], sql: null };
}

function writeRecipe({ key, name, description, sql, note }: RecipePart) {
  const steps = note === null ? [] : (JSON.parse(note) as unknown[]);
  return { id: key, name, description, active: true, nextPortId: 1, steps, sql };
}

function writeDatasource({ key, description, source, reading, pattern }: DatasetPart) {
  const reference = findReference(source);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//iu.exec(reference)?.[1] ?? null;
  const path = scheme === null ? reference : reference.slice(scheme.length + 3).replace(/^[^/]*/u, '');
  const { given, format, compression, columns } = reading;
  return {
    id: key,
    parsingScriptId: key,
    description,
    type: scheme ?? 'upload',
    path,
    storageLocation: {
      type: scheme ?? 'upload',
      fullUri: scheme === null ? null : reference,
      path,
      size: null,
    },
    runParameters: [],
    flowhook: { format, compression, given, columns, ...(pattern !== null && { pathPattern: pattern }) },
  };
}

/** An upload is known elsewhere by its file's name alone: its address here opens nothing there. */
function findReference(source: DatasetPart['source']): string {
  if (source.kind === 'withheld') return source.name;
  if (source.kind !== 'existing') return source.kind === 'uri' ? source.uri : source.reference;
  const { uri } = source.dataset;
  return readWaitingUri(uri) ?? readUploadUri(uri)?.fileName ?? uri;
}

function writeTask({ key, task, target }: TaskPart, inOrder: (keys: readonly number[]) => number[]) {
  const host = readWithheldHost(task.url);
  const withheld = Object.keys(task.secrets).length > 0 ? { secrets: toNulls(task.secrets) } : {};
  return {
    id: key,
    ...packFields({ ...task, enabled: task.enabled || lacksSecret(task) }),
    url: host === null ? task.url : null,
    ...(host !== null && { urlHost: host }),
    ...(target !== null && { runWrangledDataset: writeTarget(target) }),
    headers: task.headers,
    secretKey: task.secretKey === null ? '' : null,
    ...withheld,
    flownodes: inOrder(task.recipeIds).map((id) => ({ id })),
  };
}

/** A recipe of another flow is known elsewhere by its names alone. */
function writeTarget(target: TaskTarget) {
  if (target.kind === 'own') return { flowNodeId: target.recipe };
  return { flow: target.flow, recipe: target.recipe };
}

function toNulls(secrets: Readonly<Record<string, string>>): Record<string, null> {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, null]));
}

/** Where it arrives it is disabled for that alone, so whether it was enabled here says nothing. */
function lacksSecret({ headers, secretKey, secrets, url }: TaskPart['task']): boolean {
  return (
    secretKey !== null ||
    Object.keys(secrets).length > 0 ||
    Object.values(headers).includes(null) ||
    readWithheldHost(url) !== null
  );
}
