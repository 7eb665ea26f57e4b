// Pure: what a webhook task came without, as by an import: it can be kept so, but not be switched on.
import type { HeaderValues } from '../messages/header.ts';
import { readTarget } from '../messages/url-template.ts';

const withheldEnding = '.withheld.invalid';

/** A URL that stands for one that was withheld: no name server knows it, and the host can be read from it. */
export function writeWithheldUrl(host: string | null): string {
  const name = host !== null && /^[a-z0-9.-]{1,200}$/u.test(host) ? host : 'url';
  return `https://${name}${withheldEnding}/`;
}

/** The host of a withheld URL, `url` where nobody knew it; null for any other URL. */
export function readWithheldHost(url: string): string | null {
  const host = readTarget(url)?.host.replace(/:\d+$/u, '') ?? '';
  return host.endsWith(withheldEnding) ? host.slice(0, -withheldEnding.length) : null;
}

interface Secrets {
  readonly url: string;
  readonly headers: HeaderValues;
  readonly secretKey: string | null;
  readonly secrets: Readonly<Record<string, string>>;
}

/** The fields whose values are missing: a header is null then, a secret or the secret key an empty text. */
export function listWithheld({ url, headers, secretKey, secrets }: Secrets): string[] {
  return [
    ...(readWithheldHost(url) === null ? [] : ['url']),
    ...Object.keys(headers)
      .filter((name) => headers[name] === null)
      .map((name) => `headers.${name}`),
    ...(secretKey === '' ? ['secretKey'] : []),
    ...Object.keys(secrets)
      .filter((name) => secrets[name] === '')
      .map((name) => `secrets.${name}`),
  ];
}

/** Why the task can't be switched on; null where it can. */
export function describeMissing(task: Secrets): string | null {
  const fields = listWithheld(task);
  return fields.length === 0 ? null : `It came without its secrets: give ${fields.join(', ')} and enable it.`;
}

const missingField = /^(?:url|secretKey|(?:headers|secrets)\.([^\0]{1,256}))$/u;

/** A field that may be named as missing; what is no such field is a fault of the caller. */
export function isMissingField(field: string): boolean {
  return missingField.test(field);
}

/** The task with these fields withheld, as an import leaves them, and switched off until they are given. */
export function withhold<Task extends Secrets & { readonly enabled: boolean }>(
  task: Task,
  fields: readonly string[],
): Task {
  if (fields.length === 0) return task;
  const named = (kind: string) =>
    fields.filter((field) => field.startsWith(`${kind}.`)).map((field) => field.slice(kind.length + 1));
  const headers = named('headers').map((name): [string, null] => [name, null]);
  const secrets = named('secrets').map((name): [string, string] => [name, '']);
  return {
    ...task,
    url: fields.includes('url') ? writeWithheldUrl(readTarget(task.url)?.host ?? null) : task.url,
    headers: { ...task.headers, ...Object.fromEntries(headers) },
    secretKey: fields.includes('secretKey') ? '' : task.secretKey,
    secrets: { ...task.secrets, ...Object.fromEntries(secrets) },
    enabled: false,
  };
}
