// The client of a whole server: every endpoint of the contract as a method, by resource.
import { endpointsByResource } from '@flowhook/contract/endpoints';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { eventStreamEndpoints } from '@flowhook/contract/workspace/event-stream';
import type { AnswerOf, CallArguments, RowOf } from './call-input.ts';
import { createCaller, type Caller, type CallerOptions, type CallOptions } from './caller.ts';
import { holdsRows } from './rows.ts';

type Resources = typeof endpointsByResource;

/** A method calls its endpoint; that of a list has `each` for all of its rows, that of events follows them. */
export type Method<E extends Endpoint> = E extends typeof eventStreamEndpoints.open
  ? Caller['follow']
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

export interface Client extends Caller, Methods {}

export function createClient(options: CallerOptions): Client {
  const caller = createCaller(options);
  const methods = mapValues(endpointsByResource, (group) =>
    mapValues(group as Record<string, Endpoint>, (endpoint) => makeMethod(caller, endpoint)),
  );
  return { ...caller, ...(methods as unknown as Methods) };
}

function makeMethod(caller: Caller, endpoint: Endpoint): unknown {
  if (endpoint === eventStreamEndpoints.open) return caller.follow;
  const call = (input?: object, own?: CallOptions) => caller.call(endpoint, input, own);
  if (!holdsRows(endpoint)) return call;
  return Object.assign(call, {
    each: (input?: object, own?: CallOptions) => caller.each(endpoint, input, own),
  });
}

function mapValues<Value, Made>(
  values: Readonly<Record<string, Value>>,
  make: (value: Value) => Made,
): Record<string, Made> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, make(value)]));
}
