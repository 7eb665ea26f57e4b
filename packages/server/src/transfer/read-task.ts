// Webhook tasks of a packed flow; one that lacks a secret, or whose URL is refused, comes in disabled and says why.
import { unpackFields } from '@flowhook/contract/webhook/task-field';
import { invalidField } from '../base/error.ts';
import { carriesBody } from '../webhooks/messages/compiled-task.ts';
import { connectionHeaderNames, ownHeaderNames } from '../webhooks/messages/header.ts';
import { checkTask, type TaskDefinition } from '../webhooks/tasks/task-rule.ts';
import { listWithheld, writeWithheldUrl } from '../webhooks/tasks/missing-secret.ts';
import { describeCircle, findRunCircle, type ChainTask } from '../webhooks/tasks/chain-graph.ts';
import { listSubjects } from '../webhooks/events/condition.ts';
import type { Key, TaskPart, TaskTarget } from './flow-content.ts';
import type { ImportReport } from './import-report.ts';
import type { PackedFlow, PackedTask } from './package-shape.ts';
import { indexOnce } from './read-graph.ts';

interface Around {
  readonly recipes: ReadonlySet<Key>;
  readonly nodes: ReadonlySet<Key>;
  /** Why the egress policy refuses a URL; null where it does not. */
  judgeUrl(url: string): string | null;
}

export function readPackedTasks(
  { webhookflowtasks: tasks }: PackedFlow,
  around: Around,
  path: string,
  report: ImportReport,
): TaskPart[] {
  indexOnce(tasks, `${path}.webhookflowtasks`);
  const chain: ChainTask[] = [];
  return tasks.flatMap((packed, index) => {
    const at = `${path}.webhookflowtasks[${index}]`;
    refuseStrangers(packed, around, at);
    const drop = (reason: string) => {
      report.dropped.push({ kind: 'webhookflowtasks', path: at, name: packed.name, reason });
      return [];
    };
    const target = readTarget(packed, around, at);
    const task = toTask(packed, around, at, report);
    const runRecipeId = target === null ? null : target.kind === 'own' ? target.recipe : elsewhere;
    const faults = checkTask({ ...task, runRecipeId, enabled: false }, { recipeIds: around.recipes });
    if (faults.length > 0) return drop(faults.map(({ field, detail }) => `${field}: ${detail}`).join(' '));
    const circle =
      target?.kind === 'own'
        ? closeChain(chain, task, { id: packed.id, toRecipeId: target.recipe }, around)
        : null;
    return circle === null ? [settle({ key: packed.id, task, target }, around, at, report)] : drop(circle);
  });
}

/** Stands for a recipe of another flow: its id is not known yet. */
const elsewhere = Number.MAX_SAFE_INTEGER;

function readTarget(
  { runWrangledDataset: run }: PackedTask,
  { recipes }: Around,
  at: string,
): TaskTarget | null {
  if (run == null) return null;
  if (!('flowNodeId' in run)) return { kind: 'other', flow: run.flow, recipe: run.recipe, id: null };
  const recipe = Number(run.flowNodeId);
  if (recipes.has(recipe)) return { kind: 'own', recipe };
  throw invalidField(
    `${at}.runWrangledDataset.flowNodeId`,
    `names no recipe: there is none with id ${recipe}.`,
  );
}

/** Why the task would close a circle with those before it; null where it does not, and is one of them then. */
function closeChain(
  chain: ChainTask[],
  { name, condition, triggerObject, recipeIds }: TaskDefinition,
  { id, toRecipeId }: Pick<ChainTask, 'id' | 'toRecipeId'>,
  { recipes }: Around,
): string | null {
  if (!listSubjects(condition).includes('jobEnd')) return null;
  const fromRecipeIds = triggerObject === 'some' ? recipeIds : [...recipes];
  const added = { id, name, fromRecipeIds, toRecipeId };
  const circle = findRunCircle(added, chain);
  if (circle !== null) return describeCircle(circle);
  chain.push(added);
  return null;
}

function refuseStrangers({ flownodes }: PackedTask, { nodes }: Around, at: string): void {
  const index = flownodes.findIndex(({ id }) => !nodes.has(id));
  if (index !== -1)
    throw invalidField(
      `${at}.flownodes[${index}].id`,
      `names no flow node: there is none with id ${flownodes[index]!.id}.`,
    );
}

function toTask(packed: PackedTask, { recipes }: Around, at: string, report: ImportReport): TaskDefinition {
  const { url, urlSecret, urlHost, method, body, triggerObject } = packed;
  const runs = packed.runWrangledDataset != null;
  const recipeIds = packed.flownodes.map(({ id }) => id).filter((id) => recipes.has(id));
  const kept = body != null && body !== '' && !carriesBody(method) ? null : (body ?? null);
  if (kept === null && body)
    report.changes.push({
      path: `${at}.body`,
      from: 'a body',
      to: null,
      reason: `A ${method} request has none.`,
    });
  return {
    ...unpackFields(packed),
    name: packed.name.trim() || 'Webhook task',
    url: runs ? '' : url === null || isPlaceholder(url) ? writeWithheldUrl(urlHost ?? null) : url,
    urlSecret: !runs && (urlSecret === true || url === null),
    headers: readHeaders(packed, at, report),
    body: kept === '' ? null : kept,
    recipeIds: triggerObject === 'some' ? [...new Set(recipeIds)] : [],
    secretKey: readKey(packed),
    secrets: Object.fromEntries(
      Object.entries(packed.secrets ?? {}).map(([name, value]) => [name, isPlaceholder(value) ? '' : value!]),
    ),
  };
}

/** Null where there was no key, an empty text where it was withheld. */
function readKey(packed: PackedTask): string | null {
  const { secretKey } = packed;
  if (secretKey === undefined || secretKey === '') return null;
  return isPlaceholder(secretKey) ? '' : secretKey;
}

/** Null, and the stars that some write in its place, stand for a withheld value and never become one. */
function isPlaceholder(value: string | null): boolean {
  return value === null || /^(?:Bearer |Basic )?[*•]+$/u.test(value);
}

function readHeaders(
  { headers }: PackedTask,
  at: string,
  report: ImportReport,
): Record<string, string | null> {
  const own = new Set([...connectionHeaderNames, ...ownHeaderNames]);
  const entries = Object.entries(headers ?? {}).filter(([name]) => {
    if (!own.has(name.toLowerCase())) return true;
    const reason = 'The server sets this header itself.';
    report.changes.push({ path: `${at}.headers.${name}`, from: name, to: null, reason });
    return false;
  });
  return Object.fromEntries(entries.map(([name, value]) => [name, isPlaceholder(value) ? null : value]));
}

function settle(
  { key, task, target }: Pick<TaskPart, 'key' | 'task' | 'target'>,
  { judgeUrl }: Around,
  at: string,
  report: ImportReport,
): TaskPart {
  const missing = listWithheld(task);
  const refusal = missing.includes('url') || target !== null ? null : judgeUrl(task.url);
  const nothingLeft = task.triggerObject === 'some' && task.recipeIds.length === 0;
  const reasons = [
    ...(missing.length > 0 ? [`It came without its secrets: give ${missing.join(', ')} and enable it.`] : []),
    ...(refusal === null ? [] : [`The egress policy refuses its URL: ${refusal}`]),
    ...(nothingLeft ? ['None of the recipes that it watched came with it.'] : []),
  ];
  if (reasons.length === 0)
    return {
      key,
      target,
      task,
      disabledReason: task.enabled ? null : 'It was switched off where it was exported.',
    };
  const reason = reasons.join(' ');
  if (task.enabled) report.changes.push({ path: at, from: 'enabled', to: 'disabled', reason });
  report.warnings.push(`The webhook task ${task.name} comes in disabled. ${reason}`);
  return { key, target, task: { ...task, enabled: false }, disabledReason: reason };
}
