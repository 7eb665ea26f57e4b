// What a webhook task must fulfil beyond its shape, and what a change makes of the stored one.
import type { TaskFields } from '@flowhook/contract/webhook/task-field';
import { findSecretFault, SECRET_FAULTS } from '@flowhook/signature';
import { carriesBody, type TaskOfNow } from '../messages/compiled-task.ts';
import { checkCondition } from './condition-rule.ts';
import { maxBodyBytes, maxUrlBytes } from '../messages/oversize.ts';
import { checkHeaders, type Fault, type HeaderValues } from '../messages/header.ts';
import { keyPattern } from '../messages/template.ts';
import { countOwnText, parseUrlTemplate } from '../messages/url-template.ts';
import { listWithheld } from './missing-secret.ts';

/** A whole task, secrets in clear. A header's value is null where it came without it, as by an import. */
export interface TaskDefinition extends TaskFields, Omit<TaskOfNow, 'headers'> {
  readonly headers: HeaderValues;
  /** Ids of the recipes whose output is watched, where the object is `some`. */
  readonly recipeIds: readonly number[];
  /** The recipe whose output is run instead of sending a request; null or absent for a request. */
  readonly runRecipeId?: number | null;
}

/** What the rules have to know of the flow. */
export interface TaskSurroundings {
  readonly recipeIds: ReadonlySet<number>;
}

const longestName = 255;
const longestUrl = 8192;
const longestSecretKey = 1024;
const longestSecret = 8192;
const mostSecrets = 50;

/** Every fault of a task as it would be stored; an empty list lets it be saved. */
export function checkTask(task: TaskDefinition, around: TaskSurroundings): Fault[] {
  return [
    ...checkName(task.name),
    ...(task.runRecipeId ? checkRun(task) : checkRequest(task)),
    ...checkSecrets(withoutMissing(task)),
    ...checkTrigger(task, around.recipeIds),
    ...checkCondition(task),
  ];
}

/** The rules of the request alone: what a test has to fulfil, saved or not. */
export function checkRequest(
  task: Pick<TaskDefinition, 'url' | 'method' | 'headers' | 'body' | 'enabled' | 'secretKey' | 'secrets'>,
): Fault[] {
  return [...checkUrl(task.url), ...checkBody(task), ...checkHeaders(task.headers), ...checkMissing(task)];
}

/** A task that runs a job sends nothing: what belongs to a request would only mislead. */
function checkRun({ url, body, headers }: TaskDefinition): Fault[] {
  const detail = 'A task that runs a job sends no request: leave it out.';
  return [
    ...(url === '' ? [] : fault('url', detail)),
    ...(body ? fault('body', detail) : []),
    ...(Object.keys(headers).length === 0 ? [] : fault('headers', detail)),
  ];
}

function fault(field: string, detail: string): Fault[] {
  return [{ field, detail }];
}

function checkName(name: string): Fault[] {
  if (name.trim() === '') return fault('name', 'Give the task a name.');
  if (name.length > longestName) return fault('name', `A name has at most ${longestName} characters.`);
  return name.includes('\0') ? fault('name', 'A name must not hold the character NUL.') : [];
}

function checkUrl(url: string): Fault[] {
  if (url.length > longestUrl) return fault('url', `A URL has at most ${longestUrl} characters.`);
  const parsed = parseUrlTemplate(url);
  if (!parsed.ok) return fault('url', parsed.detail);
  if (countOwnText(parsed.url) <= maxUrlBytes) return [];
  return fault('url', `A URL has at most ${maxUrlBytes} bytes as it is sent, percent-encoded.`);
}

function checkBody({ method, body }: Pick<TaskDefinition, 'method' | 'body'>): Fault[] {
  if (body === null || body === '') return [];
  if (!carriesBody(method)) {
    return fault('body', `A ${method} request has no body: leave the body out, or use post, put or patch.`);
  }
  if (Buffer.byteLength(body) > maxBodyBytes)
    return fault('body', `A body has at most ${maxBodyBytes} bytes.`);
  return body.includes('\0') ? fault('body', 'A body must not hold the character NUL.') : [];
}

// What came without its secrets can be kept, but not be switched on.
function checkMissing(task: Parameters<typeof checkRequest>[0]): Fault[] {
  if (!task.enabled) return [];
  return listWithheld(task).flatMap((field) => fault(field, 'There is no value for it: give one.'));
}

function withoutMissing({ secretKey, secrets }: Pick<TaskDefinition, 'secretKey' | 'secrets'>) {
  const given = Object.entries(secrets).filter(([, value]) => value !== '');
  return { secretKey: secretKey === '' ? null : secretKey, secrets: Object.fromEntries(given) };
}

/** The rules of the secret key and the named secrets. */
export function checkSecrets({ secretKey, secrets }: Pick<TaskDefinition, 'secretKey' | 'secrets'>): Fault[] {
  const names = Object.keys(secrets);
  const tooMany = names.length > mostSecrets ? fault('secrets', `Give at most ${mostSecrets} secrets.`) : [];
  return [
    ...checkKey(secretKey),
    ...tooMany,
    ...names.flatMap((name) => checkSecret(name, secrets[name] ?? '')),
  ];
}

function checkKey(key: string | null): Fault[] {
  if (key === null) return [];
  if (key.length > longestSecretKey) {
    return fault('secretKey', `A secret key has at most ${longestSecretKey} characters.`);
  }
  const found = findSecretFault(key);
  return found === null ? [] : fault('secretKey', SECRET_FAULTS[found]);
}

function checkSecret(name: string, value: string): Fault[] {
  const field = `secrets.${name}`;
  if (!keyPattern.test(name) || name.length > 64 || name === '__proto__') {
    return fault(field, 'The name of a secret is made of 1 to 64 letters, digits and _.');
  }
  if (value === '') return fault(field, 'The secret is empty: give a value, or leave its name out.');
  if (value.length > longestSecret) return fault(field, `A secret has at most ${longestSecret} characters.`);
  return [];
}

function checkTrigger(task: TaskDefinition, recipeIds: ReadonlySet<number>): Fault[] {
  if (task.triggerObject === 'any') return [];
  if (task.recipeIds.length === 0) {
    return fault('recipeIds', 'Name at least one recipe of the flow, or set triggerObject to any.');
  }
  const strange = task.recipeIds.filter((id) => !recipeIds.has(id));
  if (strange.length === 0) return [];
  return fault('recipeIds', `These are no recipes of the flow: ${strange.slice(0, 10).join(', ')}.`);
}

/** Why a flow may have no further task; null where it may. */
export function findLimitFault(tasks: number, maxTasks: number): string | null {
  if (tasks < maxTasks) return null;
  return `The flow has ${tasks} webhook tasks and may have ${maxTasks}: delete one, or ask an administrator to raise the workspace setting webapp.webhookSettings.tasksPerFlow.`;
}
