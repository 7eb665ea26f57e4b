// A webhook task made ready to send: parsed, filled and keyed once for each version of it.
import type { TaskFields } from '@flowhook/contract/webhook/task-field';
import { importKey, type ImportHmac, type SigningKey } from '@flowhook/signature';
import type { Facts } from './fact.ts';
import { maskedText } from './frozen-body.ts';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import { addDefaultHeaders, findHeader, writeInHeader } from './header.ts';
import type { EarlierKey } from './key-overlap.ts';
import { maxHeaderBytes, Oversize } from './oversize.ts';
import { createMask, listHeaderSecrets, listUrlSecrets, type SecretMask } from './secret-mask.ts';
import { parseTemplate, renderWith, type Template } from './template.ts';
import { parseUrlTemplate, renderUrl, type UrlTemplate } from './url-template.ts';

export type WebhookMethod = TaskFields['method'];

/** The method as it stands in a request. */
type RequestMethod = Uppercase<WebhookMethod>;

/** True for the methods that carry a body: post, put, patch. */
export function carriesBody(method: WebhookMethod): boolean {
  return method === 'post' || method === 'put' || method === 'patch';
}

/** What a request is made from, as it is stored now and with its secrets in clear. */
export interface TaskOfNow extends Pick<
  TaskFields,
  'method' | 'secretHeaders' | 'body' | 'sslVerification' | 'urlSecret'
> {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretKey: string | null;
  /** Signs beside it while a rotation lasts. */
  readonly earlierKey?: EarlierKey | null | undefined;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Two texts that differ where secrets are: what is sent, and what may be stored and shown. A secret is masked by its place,
 * not found by its content: else whoever writes the text around it could try guesses.
 */
export interface Shown {
  readonly sent: string;
  readonly masked: string;
}

/** A text that is filled from facts at each delivery, or was filled once and for all. */
export type Filled = Shown | ((facts: Facts | null) => Shown);

export interface CompiledTask {
  readonly method: WebhookMethod;
  readonly requestMethod: RequestMethod;
  readonly url: Filled;
  readonly fixedHeaders: Readonly<Record<string, string>>;
  readonly maskedHeaders: Readonly<Record<string, string>>;
  /** Headers with references. */
  readonly filledHeaders: readonly {
    readonly name: string;
    readonly value: (facts: Facts | null) => Shown;
  }[];
  readonly hasContentType: boolean;
  readonly bodyIsJson: boolean;
  readonly secrets: ReadonlyMap<string, string>;
  readonly key: SigningKey | null;
  readonly earlier: { readonly key: SigningKey; readonly until: number } | null;
  readonly mask: SecretMask;
  /** True where URL or headers have references, so that the event's facts must be at hand. */
  readonly needsFacts: boolean;
  readonly sslVerification: boolean;
}

export type Compilation =
  | { readonly ok: true; readonly task: CompiledTask }
  | { readonly ok: false; readonly detail: string };

export interface CompileOptions {
  /** Of this server, for User-Agent. */
  readonly version: string;
  readonly importHmac: ImportHmac;
}

/**
 * Makes a task ready. Not ok only for what no save lets through: a URL or a secret key that breaks the rules. Throws
 * `Oversize` where it is too large whatever its event says.
 */
export async function compileTask(task: TaskOfNow, options: CompileOptions): Promise<Compilation> {
  const parsed = parseUrlTemplate(task.url);
  if (!parsed.ok) return parsed;
  try {
    return { ok: true, task: buildTask(task, parsed.url, await importKeys(task, options), options.version) };
  } catch (error) {
    if (error instanceof Oversize) throw error;
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

type Keys = Pick<CompiledTask, 'key' | 'earlier'>;

async function importKeys(
  { secretKey, earlierKey }: TaskOfNow,
  { importHmac }: CompileOptions,
): Promise<Keys> {
  if (!secretKey) return { key: null, earlier: null };
  const key = await importKey(secretKey, importHmac);
  if (!earlierKey) return { key, earlier: null };
  return { key, earlier: { key: await importKey(earlierKey.key, importHmac), until: earlierKey.until } };
}

function buildTask(task: TaskOfNow, url: UrlTemplate, keys: Keys, version: string): CompiledTask {
  const secrets = new Map(Object.entries(task.secrets));
  const mask = createMask(listSecrets(task, url, secrets));
  const filler = { secrets, masks: new Map([...secrets.keys()].map((name) => [name, maskedText])) };
  const headers = Object.entries(addDefaultHeaders(task.headers, { bodyIsJson: false, version })).map(
    ([name, value]) => ({ name, value: fillHeader(name, value, task.secretHeaders, filler) }),
  );
  const filledUrl = fillUrl(url, task.urlSecret, filler);
  const filledHeaders = headers.flatMap(({ name, value }) =>
    typeof value === 'function' ? { name, value } : [],
  );
  return {
    method: task.method,
    requestMethod: task.method.toUpperCase() as RequestMethod,
    url: filledUrl,
    ...splitHeaders(headers),
    filledHeaders,
    hasContentType: findHeader(task.headers, 'content-type') !== undefined,
    // Its text is frozen with the event: of what stands here now, only whether it is JSON.
    bodyIsJson: task.body !== null && parseTemplate(task.body).isJson,
    secrets,
    ...keys,
    mask,
    needsFacts: typeof filledUrl === 'function' || filledHeaders.length > 0,
    sslVerification: task.sslVerification,
  };
}

function splitHeaders(headers: readonly { name: string; value: Filled }[]) {
  const fixed = headers.flatMap(({ name, value }) =>
    typeof value === 'function' ? [] : [{ name, ...value }],
  );
  return {
    fixedHeaders: Object.fromEntries(fixed.map(({ name, sent }) => [name, sent])),
    maskedHeaders: Object.fromEntries(fixed.map(({ name, masked }) => [name, masked])),
  };
}

interface Filler {
  readonly secrets: ReadonlyMap<string, string>;
  /** The same names, masked. */
  readonly masks: ReadonlyMap<string, string>;
}

function fillHeader(name: string, text: string, secretHeaders: readonly string[], filler: Filler): Filled {
  const template = parseTemplate(text);
  const secret = isSecretHeader(name, secretHeaders);
  const renderFrom = (facts: Facts | null, secrets: ReadonlyMap<string, string>): string => {
    const writing = { facts, secrets, write: writeInHeader, max: maxHeaderBytes };
    const value = renderWith(template, writing);
    if (value === null) throw new Oversize(`headers.${name}`, maxHeaderBytes);
    return value;
  };
  const render = (facts: Facts | null): Shown => {
    const sent = renderFrom(facts, filler.secrets);
    if (secret) return { sent, masked: maskedText };
    return { sent, masked: renderFrom(facts, filler.masks) };
  };
  return template.needsFacts ? render : render(null);
}

function fillUrl(url: UrlTemplate, secret: boolean, filler: Filler): Filled {
  const render = (facts: Facts | null): Shown => {
    const sent = renderUrl(url, facts, filler.secrets);
    if (secret) return { sent, masked: `${url.origin}/${maskedText}` };
    return { sent, masked: renderUrl(url, facts, filler.masks) };
  };
  return url.rest.needsFacts ? render : render(null);
}

/** Masks what a task keeps secret now, for texts that were stored before. */
export function createTaskMask(task: TaskOfNow): SecretMask {
  const url = parseUrlTemplate(task.url);
  return createMask(listSecrets(task, url.ok ? url.url : null, new Map(Object.entries(task.secrets))));
}

/** Every value that must not be seen. Where a secret header or URL has references, its own text around them. */
function listSecrets(
  task: TaskOfNow,
  url: UrlTemplate | null,
  secrets: ReadonlyMap<string, string>,
): string[] {
  const ofHeaders = Object.entries(task.headers)
    .filter(([name]) => isSecretHeader(name, task.secretHeaders))
    .flatMap(([name, text]) => {
      const template = parseTemplate(text);
      const writing = { facts: null, secrets, write: writeInHeader, max: maxHeaderBytes };
      const value = template.needsFacts ? null : renderWith(template, writing);
      return value === null ? listOwnText(template) : listHeaderSecrets(name, value);
    });
  const keys = [task.secretKey ?? '', task.earlierKey?.key ?? ''];
  return [
    ...secrets.values(),
    ...keys,
    ...keys.map((key) => key.replace(/^whsec_/u, '')),
    ...ofHeaders,
    ...(task.urlSecret && url !== null ? listSecretsOfUrl(url, secrets) : []),
  ];
}

function listSecretsOfUrl(url: UrlTemplate, secrets: ReadonlyMap<string, string>): string[] {
  if (url.rest.needsFacts) return listOwnText(url.rest);
  try {
    return listUrlSecrets(renderUrl(url, null, secrets));
  } catch (error) {
    // It is never sent; what was stored of it before is masked all the same.
    if (error instanceof Oversize) return listOwnText(url.rest);
    throw error;
  }
}

// Shorter pieces (`Bearer `, `/v1/`) are seldom the secret, and would be found everywhere.
function listOwnText(template: Template): string[] {
  return template.segments.filter(
    (segment) => typeof segment === 'string' && segment.length >= 10,
  ) as string[];
}
