// Pure: applies a change to a stored webhook task so that no stored secret can be drawn out by it.
import { dropUndefined } from '../../base/drop-undefined.ts';
import type { Fault, HeaderValues } from '../messages/header.ts';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import { overlapKeys } from '../messages/key-overlap.ts';
import { maskedText } from '../messages/frozen-body.ts';
import type { TaskDefinition } from './task-rule.ts';
import { readReceiver, readTarget } from '../messages/url-template.ts';

type Simple = Omit<TaskDefinition, 'headers' | 'secretKey' | 'earlierKey' | 'secrets'>;

/** What a caller asks to change; what is undefined stays. */
export type TaskChange = { readonly [Key in keyof Simple]?: Simple[Key] | undefined } & {
  /** Replaces all headers; null keeps a stored value. */
  readonly headers?: HeaderValues | undefined;
  /** Empty removes the key, null leaves it. */
  readonly secretKey?: string | null | undefined;
  /** For so long the key of until now signs beside the new one. */
  readonly secretKeyOverlapSeconds?: number | undefined;
  /** Replaces all secrets; null keeps a stored value. */
  readonly secrets?: Readonly<Record<string, string | null>> | undefined;
};

export interface ChangedTask {
  readonly task: TaskDefinition;
  /** Not empty: the change must be refused. */
  readonly faults: readonly Fault[];
}

/** The task that a change makes of a stored one, at this time. `checkTask` is still to be asked about it. */
export function changeTask(stored: TaskDefinition, given: TaskChange, now: number): ChangedTask {
  const { secretKeyOverlapSeconds, ...change } = given;
  const url = change.url === undefined || change.url === maskUrl(stored) ? stored.url : change.url;
  const secretHeaders = change.secretHeaders ?? stored.secretHeaders;
  const headers = changeHeaders(stored, change.headers, secretHeaders);
  const secrets = changeSecrets(stored.secrets, change.secrets);
  const moved = findMove(stored, { url, sslVerification: change.sslVerification ?? stored.sslVerification });
  const keys = overlapKeys(
    stored,
    { secretKey: change.secretKey, secretKeyOverlapSeconds },
    { moved: moved !== null, now },
  );
  const task: TaskDefinition = {
    ...stored,
    ...dropUndefined(change),
    url,
    secretHeaders,
    headers: headers.values,
    secretKey: change.secretKey == null ? stored.secretKey : change.secretKey || null,
    earlierKey: keys.earlierKey,
    secrets: secrets.values,
  };
  const kept = moved === null ? [] : listKept(change, task, moved);
  const own = [...headers.faults, ...secrets.faults, ...keys.faults];
  return { task, faults: [...own, ...kept, ...checkUrlSecret(stored, task)] };
}

export type Receiving = Pick<TaskDefinition, 'url' | 'sslVerification'>;

/** Why stored secrets would go to somebody else by this change, as a sentence; null where they would not. */
export function findMove(stored: Receiving, changed: Receiving): string | null {
  if (stored.sslVerification && !changed.sslVerification)
    return 'Without checks of certificates anybody on the way could read it: type this secret again, or remove it.';
  if (stored.url === changed.url) return null;
  const receiver = readReceiver(changed.url);
  if (receiver !== null && receiver === readReceiver(stored.url)) return null;
  return 'The URL points to another scheme, host, port or path: type this secret again, or remove it, so that it goes nowhere unawares.';
}

/** How the URL of a task is shown: path and query are masked where they are a credential. */
export function maskUrl({ url, urlSecret }: Pick<TaskDefinition, 'url' | 'urlSecret'>): string {
  return urlSecret ? `${readTarget(url)?.origin ?? ''}/${maskedText}` : url;
}

function changeHeaders(
  stored: TaskDefinition,
  wanted: HeaderValues | undefined,
  secretHeaders: readonly string[],
) {
  const old = new Map(Object.entries(stored.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const faults: Fault[] = [];
  const keep = (name: string): string | null => {
    const value = old.get(name.toLowerCase());
    if (value === undefined) faults.push(needValue(`headers.${name}`));
    // Else taking a header off the list would be a way to read its value.
    const shown = isSecretHeader(name, stored.secretHeaders) && !isSecretHeader(name, secretHeaders);
    return shown ? '' : (value ?? null);
  };
  const entries = Object.entries(wanted ?? stored.headers).map(
    ([name, value]) => [name, value === null || wanted === undefined ? keep(name) : value] as const,
  );
  return { values: Object.fromEntries(entries), faults };
}

function changeSecrets(stored: TaskDefinition['secrets'], wanted: TaskChange['secrets']) {
  if (wanted === undefined) return { values: stored, faults: [] };
  const faults = Object.keys(wanted)
    .filter((name) => wanted[name] === null && !Object.hasOwn(stored, name))
    .map((name) => needValue(`secrets.${name}`));
  const entries = Object.entries(wanted).map(([name, value]) => [name, value ?? stored[name] ?? ''] as const);
  return { values: Object.fromEntries(entries), faults };
}

function needValue(field: string): Fault {
  return { field, detail: 'Null keeps a stored value, and there is none: give the value.' };
}

/** The stored secrets that the new receiver would get without being typed again. */
function listKept(change: TaskChange, task: TaskDefinition, detail: string): Fault[] {
  const headers = Object.keys(task.headers)
    .filter((name) => isSecretHeader(name, task.secretHeaders) && task.headers[name])
    .filter((name) => change.headers?.[name] == null)
    .map((name) => `headers.${name}`);
  const key = task.secretKey && change.secretKey == null ? ['secretKey'] : [];
  const secrets = Object.keys(task.secrets)
    .filter((name) => task.secrets[name])
    .filter((name) => change.secrets?.[name] == null)
    .map((name) => `secrets.${name}`);
  return [...headers, ...key, ...secrets].map((field) => ({ field, detail }));
}

// Else switching it off would be a way to read the URL.
function checkUrlSecret(stored: TaskDefinition, task: TaskDefinition): Fault[] {
  if (!stored.urlSecret || task.urlSecret || task.url !== stored.url) return [];
  return [{ field: 'url', detail: 'The URL is stored as a secret: give another one to make it readable.' }];
}
