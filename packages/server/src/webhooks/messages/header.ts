// The rules for the headers of a webhook task: which are refused, which are secret, which are added.
import { maxHeaderBytes, maxHeadersBytes } from './oversize.ts';
import { parseTemplate, readOwnText } from './template.ts';

/** A fault in what the caller gave: the field it is in and what to do about it. */
export interface Fault {
  readonly field: string;
  readonly detail: string;
}

/** Header values by name; null stands for a stored value that the caller can't see. */
export type HeaderValues = Readonly<Record<string, string | null>>;

const mostHeaders = 50;
const longestHeaderName = 256;
const longestHeaderValue = maxHeaderBytes;

/** The HTTP client sets these, or can't send them; in lower case. */
export const connectionHeaderNames: readonly string[] = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'proxy-connection',
  'te',
  'trailer',
  'expect',
  'upgrade',
  'keep-alive',
];

/** The server sets these on what it sends, so that a receiver can rely on them; in lower case. */
export const ownHeaderNames: readonly string[] = [
  'x-webhook-signature',
  'x-webhook-delivery',
  'x-webhook-attempt',
  'x-webhook-event',
  'x-webhook-hop',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
];

const connectionHeaders = new Set(connectionHeaderNames);
const ownHeaders = new Set(ownHeaderNames);

const headerNameForm = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;
// Latin-1 without its control characters; a tab is allowed (RFC 9110, 5.5).
const headerValueForm = /^[\t\u0020-\u007e\u00a0-\u00ff]*$/u;
const notInValue = /[^\t\u0020-\u007e\u00a0-\u00ff]/gu;

/** Every fault of a task's headers; each field reads `headers.<name>`. */
export function checkHeaders(headers: HeaderValues): Fault[] {
  const names = Object.keys(headers);
  const faults = names.length > mostHeaders ? [refuse(null, `Give at most ${mostHeaders} headers.`)] : [];
  const seen = new Set<string>();
  for (const name of names) {
    const detail = findNameFault(name, seen) ?? findValueFault(headers[name] ?? null);
    if (detail !== null) faults.push(refuse(name, detail));
    seen.add(name.toLowerCase());
  }
  const size = names.reduce((sum, name) => sum + name.length + countOwnText(headers[name] ?? ''), 0);
  if (size > maxHeadersBytes)
    faults.push(refuse(null, `All headers together have at most ${maxHeadersBytes} characters.`));
  return faults;
}

function countOwnText(value: string): number {
  return readOwnText(parseTemplate(value)).length;
}

function refuse(name: string | null, detail: string): Fault {
  return { field: name === null ? 'headers' : `headers.${name}`, detail };
}

function findNameFault(name: string, seen: ReadonlySet<string>): string | null {
  const lower = name.toLowerCase();
  if (name === '') return 'A header needs a name.';
  if (name.length > longestHeaderName) return `A header name has at most ${longestHeaderName} characters.`;
  if (!headerNameForm.test(name))
    return "A header name is made of letters, digits and !#$%&'*+-.^_`|~ alone.";
  if (lower === '__proto__') return 'This name is not allowed: choose another.';
  if (connectionHeaders.has(lower)) return 'The HTTP client sets this header itself: leave it out.';
  if (ownHeaders.has(lower))
    return 'The server sets this header itself, so that receivers can rely on it: leave it out.';
  return seen.has(lower) ? 'This header is given twice; upper and lower case are the same.' : null;
}

function findValueFault(value: string | null): string | null {
  if (value === null || (headerValueForm.test(value) && value.length <= longestHeaderValue)) return null;
  if (value.length > longestHeaderValue)
    return `A header value has at most ${longestHeaderValue} characters.`;
  return 'A header value holds Latin-1 characters only, without line breaks or other control characters.';
}

/** The value of a header whatever the case of its name; undefined where it is not there. */
export function findHeader(headers: HeaderValues, name: string): string | null | undefined {
  const lower = name.toLowerCase();
  const found = Object.keys(headers).find((given) => given.toLowerCase() === lower);
  return found === undefined ? undefined : (headers[found] ?? null);
}

/** The headers that are sent where the caller gave none of that name. */
export function addDefaultHeaders(
  headers: Readonly<Record<string, string>>,
  request: { readonly bodyIsJson: boolean; readonly version: string },
): Record<string, string> {
  const all = { ...headers };
  if (findHeader(headers, 'user-agent') === undefined) all['User-Agent'] = `Flowhook/${request.version}`;
  if (request.bodyIsJson && findHeader(headers, 'content-type') === undefined) {
    all['Content-Type'] = 'application/json';
  }
  return all;
}

/** A value as it can stand in a header: a line break becomes a space, what Latin-1 can't hold a question mark. */
export function writeInHeader(value: string): string {
  return headerValueForm.test(value) ? value : value.replaceAll(/[\r\n]+/gu, ' ').replaceAll(notInValue, '?');
}
