// Pure: the request of a call, by its endpoint: address, headers, body.
import type { EndpointHead } from '@flowhook/contract/endpoint';
import { takesIdempotencyKey } from '@flowhook/contract/idempotency';
import type { LooseInput } from './call-input.ts';

type Given = string | number | boolean | null | undefined;

/** Where the path's parameters stand, percent-encoded; `server` has no `/` at its end. */
export function writeAddress(
  server: string,
  { path }: Pick<EndpointHead, 'path'>,
  { params = {}, query = {} }: LooseInput,
): string {
  const given = params as Readonly<Record<string, Given>>;
  const filled = path.replaceAll(/:(\w+)/gu, (_, name: string) => writeSegment(name, given[name]));
  const text = new URLSearchParams(listPairs(query));
  return `${server}${filled}${text.size === 0 ? '' : `?${text.toString()}`}`;
}

/** `.` and `..` would lead to another path, an empty one to a list. */
function writeSegment(name: string, value: Given): string {
  const text = String(value ?? '');
  if (/^\.{0,2}$/u.test(text)) throw new TypeError(`params.${name} is needed for this endpoint.`);
  return encodeURIComponent(text);
}

/** What is not given, or empty, is left out. */
function listPairs(query: object): [string, string][] {
  return Object.entries(query as Readonly<Record<string, Given>>).flatMap(
    ([name, value]): [string, string][] => {
      const text = String(value ?? '');
      return text === '' ? [] : [[name, text]];
    },
  );
}

export interface HeaderParts {
  readonly authorization: string | undefined;
  /** Sent where the endpoint takes one. */
  readonly idempotencyKey: string;
}

/** Without a content type for forms: fetch names their boundary. */
export function writeHeaders(
  endpoint: EndpointHead,
  { body, headers }: LooseInput,
  { authorization, idempotencyKey }: HeaderParts,
): Record<string, string> {
  const isJson = body !== undefined && endpoint.requestType === undefined;
  return {
    accept: endpoint.replyType === undefined ? 'application/json' : '*/*',
    // A 401 would make a browser ask for a password by itself.
    ...(authorization === undefined ? { 'x-requested-with': 'flowhook' } : { authorization }),
    ...(isJson && { 'content-type': 'application/json' }),
    ...(takesIdempotencyKey(endpoint) && { 'idempotency-key': idempotencyKey }),
    ...headers,
  };
}
