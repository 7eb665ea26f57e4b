// The client of a whole server: every endpoint of the contract as a method, by resource.
import { endpointsByResource } from '@flowhook/contract/endpoints';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { eventStreamEndpoints } from '@flowhook/contract/workspace/event-stream';
import type { AnswerOf, CallArguments, RowOf } from './call-input.ts';
import { createCaller, type Caller, type CallerOptions, type CallOptions } from './caller.ts';
import type { FollowInput } from './event-block.ts';
import { follow, type FollowOptions, type StreamEvents } from './follow.ts';
import { each, holdsRows } from './rows.ts';

// What programs need beside the client, so that they import it from one place.
export { Problem, type FieldFault } from './problem.ts';
export type { AnswerOf, Download, FilePart, InputOf, RowOf } from './call-input.ts';
export type { CallerOptions, CallOptions } from './caller.ts';
export type { FollowOptions, StreamEvent } from './follow.ts';

type Resources = typeof endpointsByResource;

/** A method calls its endpoint; that of a list has `each` for all of its rows, that of events follows them. */
export type Method<E extends Endpoint> = E extends typeof eventStreamEndpoints.open
  ? Client['follow']
  : Call<E> & ([RowOf<E>] extends [never] ? unknown : { readonly each: Each<E> });

type Call<E extends Endpoint> = (...rest: CallArguments<E, CallOptions>) => Promise<AnswerOf<E>>;
type Each<E extends Endpoint> = (
  ...rest: CallArguments<E, CallOptions>
) => AsyncGenerator<RowOf<E>, void, undefined>;

/** `flow.list`, `jobGroup.create`: the operation ids of the OpenAPI document. */
export type Methods = {
  readonly [Resource in keyof Resources]: {
    readonly [Name in keyof Resources[Resource]]: Resources[Resource][Name] extends Endpoint
      ? Method<Resources[Resource][Name]>
      : never;
  };
};

export interface Client extends Caller, Methods {
  /** All rows of a list, read page by page as they are asked for; `limit` is the size of a page. */
  each<E extends Endpoint>(
    endpoint: E,
    ...rest: CallArguments<E, CallOptions>
  ): AsyncGenerator<RowOf<E>, void, undefined>;
  /** What changes, for as long as it is asked; broken streams are opened again where they broke off. */
  follow(input?: FollowInput, options?: FollowOptions): StreamEvents;
}

export function createClient(options: CallerOptions): Client {
  const caller = createCaller(options);
  const methods = mapValues(endpointsByResource, (group) =>
    mapValues(group as Record<string, Endpoint>, (endpoint) => makeMethod(caller, endpoint)),
  );
  return {
    ...caller,
    ...(methods as unknown as Methods),
    each: (endpoint, ...rest) => each(caller, endpoint, ...rest),
    follow: (input, own) => follow(caller, input, own),
  };
}

function makeMethod(caller: Caller, endpoint: Endpoint): unknown {
  if (endpoint === eventStreamEndpoints.open)
    return (input?: FollowInput, own?: FollowOptions) => follow(caller, input, own);
  const call = (input?: object, own?: CallOptions) => caller.call(endpoint, input, own);
  if (!holdsRows(endpoint)) return call;
  return Object.assign(call, {
    each: (input?: object, own?: CallOptions) => each(caller, endpoint, input, own),
  });
}

function mapValues<Value, Made>(
  values: Readonly<Record<string, Value>>,
  make: (value: Value) => Made,
): Record<string, Made> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, make(value)]));
}
