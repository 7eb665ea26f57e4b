// Pure: what a webhook task came without, as by an import: it can be kept so, but not be switched on.
import type { HeaderValues } from './header.ts';
import { readTarget } from './url-template.ts';

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
