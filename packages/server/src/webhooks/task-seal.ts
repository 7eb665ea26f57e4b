// A webhook task's secrets on their way into its row and out of it.
import type { SecretBox } from '../base/secret.ts';
import { readTarget } from './url-template.ts';
import { isSecretHeader, type HeaderValues } from './header.ts';
import type { TaskDefinition } from './task-rule.ts';

/** The columns that hold secrets, as they are stored. */
export interface SealedColumns {
  /** With `url_secret`: the origin in clear and all of the URL sealed behind `/#sealed:`, so that the host can still be read. */
  readonly url: string;
  /** JSON by name: a text, `{sealed}`, or null where the task was imported without the value. */
  readonly headers: string;
  readonly secret_key: string | null;
  /** A JSON object of all named secrets, sealed as one text. */
  readonly secrets: string | null;
}

export type SealedTask = SealedColumns & { readonly id: number; readonly url_secret: number };

type Opened = Pick<TaskDefinition, 'url' | 'headers' | 'secretKey' | 'secrets'>;
type StoredHeader = string | null | { readonly sealed: string };

const urlMark = '/#sealed:';

// The id and the column stand in the seal, so that nothing opens in another task or another place of it.
function nameContext(id: number, column: string): string {
  return `webhook_tasks:${id}:${column}`;
}

/** The id must be the row's own: insert it first, then store what this gives. */
export function sealTask(
  box: SecretBox,
  id: number,
  task: Opened & Pick<TaskDefinition, 'secretHeaders' | 'urlSecret'>,
): SealedColumns {
  const seal = (text: string, column: string) => box.seal(text, nameContext(id, column));
  const sealHeader = (name: string, value: string | null): StoredHeader =>
    value === null || !isSecretHeader(name, task.secretHeaders)
      ? value
      : { sealed: seal(value, `headers:${name}`) };
  const headers = Object.entries(task.headers).map(([name, value]) => [name, sealHeader(name, value)]);
  const origin = readTarget(task.url)?.origin ?? '';
  return {
    url: task.urlSecret ? `${origin}${urlMark}${seal(task.url, 'url')}` : task.url,
    headers: JSON.stringify(Object.fromEntries(headers)),
    secret_key: task.secretKey === null ? null : seal(task.secretKey, 'secret_key'),
    secrets: Object.keys(task.secrets).length === 0 ? null : seal(JSON.stringify(task.secrets), 'secrets'),
  };
}

/** The secrets in clear. Throws where they were sealed with another key or for another task. */
export function openTask(box: SecretBox, row: SealedTask): Opened {
  const open = (sealed: string, column: string) => box.open(sealed, nameContext(row.id, column));
  const stored = Object.entries(JSON.parse(row.headers) as Record<string, StoredHeader>);
  const headers: HeaderValues = Object.fromEntries(
    stored.map(([name, value]) => [
      name,
      value === null || typeof value === 'string' ? value : open(value.sealed, `headers:${name}`),
    ]),
  );
  return {
    url:
      row.url_secret === 1 ? open(row.url.slice(row.url.indexOf(urlMark) + urlMark.length), 'url') : row.url,
    headers,
    secretKey: row.secret_key === null ? null : open(row.secret_key, 'secret_key'),
    secrets: row.secrets === null ? {} : (JSON.parse(open(row.secrets, 'secrets')) as Record<string, string>),
  };
}
