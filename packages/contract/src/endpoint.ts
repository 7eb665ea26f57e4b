// An endpoint: everything that server, web, CLI and the OpenAPI document need to know of one route.
import { z } from 'zod';

const nothing = z.object({});
type Nothing = typeof nothing;
const absent = z.undefined();

/** Characters of a header that an endpoint declares. */
export const maxHeaderLength = 255;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call at all, before any single object is looked at:
 * `open` needs no sign-in, `viewer` any signed-in person, `author` one who may make and change things,
 * `administrator` one who administers the workspace.
 */
export type Access = 'open' | 'viewer' | 'author' | 'administrator';

type Schema = z.ZodType;

/** What has a version of its own, which another change of it, and nothing else, makes another. */
export type VersionedThing =
  | 'flow'
  | 'dataset'
  | 'recipe'
  | 'output'
  | 'writeSetting'
  | 'schedule'
  | 'parameter'
  | 'task';

export interface Endpoint<
  Params extends Schema = Schema,
  Query extends Schema = Schema,
  Body extends Schema = Schema,
  Reply extends Schema = Schema,
> {
  readonly method: Method;
  /** Path with `:name` parameters, as `/v4/flows/:id`. */
  readonly path: string;
  /** One line in the imperative, shown in the OpenAPI document. */
  readonly summary: string;
  /** The section of the OpenAPI document. */
  readonly tag: string;
  readonly access: Access;
  /** True where nothing is changed: a read-only token may call it. */
  readonly readOnly: boolean;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The status of success, and what is answered with it (`z.void()` for no content and for a redirect). */
  readonly status: 200 | 201 | 204 | 302;
  readonly reply: Reply;
  /** What the request and the reply are made of, where that is not JSON. */
  readonly requestType?: 'multipart/form-data';
  readonly replyType?: string;
  /** Statuses beyond those that follow from the rest (400, 401, 403, 404, 413, 415, 429, 500). */
  readonly problems?: readonly number[];
  /** Whether a POST takes an Idempotency-Key: those that answer 201 do unless this is false, others where it is true. */
  readonly idempotent?: boolean;
  /** Bytes of the largest body, where that is not the usual one. */
  readonly largestBody?: number;
  /** Request headers that mean something to this route alone, by name; of at most `maxHeaderLength` characters. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The thing whose version the answer has as ETag, and If-Match names where it is changed or deleted. */
  readonly versionOf?: VersionedThing;
  /** Answers beside the usual one that are no problems, with the reason: `{304: 'Started already.'}`. */
  readonly alsoAnswers?: Readonly<Record<number, string>>;
}

export type AnyEndpoint = Endpoint;

/** What of an endpoint its request is written by and its answer read: no schema. */
export type EndpointHead = Pick<AnyEndpoint, 'method' | 'path' | 'status'> &
  Partial<Pick<AnyEndpoint, 'access' | 'requestType' | 'replyType' | 'idempotent' | 'alsoAnswers'>>;
export type ParamsOf<E> = E extends Endpoint<infer P> ? z.output<P> : never;
export type QueryOf<E> = E extends Endpoint<Schema, infer Q> ? z.output<Q> : never;
export type BodyOf<E> = E extends Endpoint<Schema, Schema, infer B> ? z.output<B> : never;
/** What a handler gives: the reply before it is serialised. */
export type ReplyOf<E> = E extends Endpoint<Schema, Schema, Schema, infer R> ? z.input<R> : never;

type Defaults = 'params' | 'query' | 'body' | 'readOnly' | 'status';

/** Defines an endpoint; what is left out is empty, a GET is read-only, a POST answers 201, all others 200. */
export function defineEndpoint<
  Params extends Schema = Nothing,
  Query extends Schema = Nothing,
  Body extends Schema = z.ZodUndefined,
  Reply extends Schema = z.ZodVoid,
>(
  endpoint: Omit<Endpoint<Params, Query, Body, Reply>, Defaults> &
    Partial<Pick<Endpoint<Params, Query, Body, Reply>, Defaults>>,
): Endpoint<Params, Query, Body, Reply> {
  return { ...emptyParts(endpoint.method), ...endpoint } as Endpoint<Params, Query, Body, Reply>;
}

function emptyParts(method: Method) {
  return {
    params: nothing,
    query: nothing,
    body: absent,
    readOnly: method === 'GET',
    status: method === 'POST' ? 201 : 200,
  };
}

/** True where the thing may be required to be the version that was read. */
export function takesIfMatch({ method, versionOf }: AnyEndpoint): boolean {
  return versionOf !== undefined && (method === 'PATCH' || method === 'PUT' || method === 'DELETE');
}

/** True where the answer has the thing's version as ETag: what is deleted has none. */
export function showsVersion({ method, versionOf }: AnyEndpoint): boolean {
  return versionOf !== undefined && method !== 'DELETE';
}
