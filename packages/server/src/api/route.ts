// A route: an endpoint of the contract and the function that answers it.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AnyEndpoint, BodyOf, Endpoint, ParamsOf, QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { takesIdempotencyKey } from '@flowhook/contract/idempotency';
import type { Database } from '../db/database.ts';
import { keepNothing, type Keep, type Kept } from '../db/kept-answer.ts';
import type { Caller } from '../people/caller.ts';

export interface RouteInput<E> {
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** Who calls. On an `open` endpoint it throws `not_signed_in` when read without a sign-in. */
  readonly caller: Caller;
  /**
   * What a change of a thing with a version is written with: its first transaction holds the thing to what If-Match names.
   * Elsewhere it gives what it is given.
   */
  held<C extends { readonly db: Database }>(context: C): C;
  /** For uploads, downloads, cookies and streams; all others leave them alone. */
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface Route {
  readonly endpoint: AnyEndpoint;
  handle(input: RouteInput<AnyEndpoint>): Promise<unknown>;
  /** Where it takes an Idempotency-Key: the same in two halves. */
  readonly making?: Making<AnyEndpoint, unknown>;
}

export interface Making<E, Made> {
  /** Makes it, and keeps in the same transaction what a repeat needs to be told the same. */
  make(input: RouteInput<E>, keep: Keep): Promise<Kept<Made>>;
  /** The answer, of what was made by this call or by the one that it repeats. */
  show(made: Made, input: RouteInput<E>): Promise<ReplyOf<E> | typeof alreadySent>;
}

/** What has already been sent through `reply` (a download, a stream) answers with this. */
export const alreadySent = Symbol('already sent');

/** Ties a handler to its endpoint; `api/server.ts` checks params, query and body before it is called. */
export function implement<E extends Endpoint>(
  endpoint: E,
  handle: (input: RouteInput<E>) => Promise<ReplyOf<E> | typeof alreadySent>,
): Route {
  if (takesIdempotencyKey(endpoint)) throw new Error(`${endpoint.path} takes a key: implementMaking`);
  return { endpoint, handle };
}

/** The same for an endpoint that takes an Idempotency-Key. */
export function implementMaking<E extends Endpoint, Made>(endpoint: E, making: Making<E, Made>): Route {
  if (!takesIdempotencyKey(endpoint)) throw new Error(`${endpoint.path} takes no key: implement`);
  return {
    endpoint,
    handle: async (input: RouteInput<E>) => making.show(await making.make(input, keepNothing), input),
    making,
  };
}
