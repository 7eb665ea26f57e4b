// A route: an endpoint of the contract and the function that answers it.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AnyEndpoint, BodyOf, Endpoint, ParamsOf, QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import type { Caller } from '../people/caller.ts';

export interface RouteInput<E> {
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** Who calls. On an `open` endpoint it throws `not_signed_in` when read without a sign-in. */
  readonly caller: Caller;
  /** For uploads, downloads, cookies and streams; all others leave them alone. */
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface Route {
  readonly endpoint: AnyEndpoint;
  handle(input: RouteInput<AnyEndpoint>): Promise<unknown>;
}

/** What has already been sent through `reply` (a download, a stream) answers with this. */
export const alreadySent = Symbol('already sent');

/** Ties a handler to its endpoint; `api/server.ts` checks params, query and body before it is called. */
export function implement<E extends Endpoint>(
  endpoint: E,
  handle: (input: RouteInput<E>) => Promise<ReplyOf<E> | typeof alreadySent>,
): Route {
  return { endpoint, handle };
}
