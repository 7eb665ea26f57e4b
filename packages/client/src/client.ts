// The client of a whole server: every endpoint of the contract as a method, by resource.
import { endpointsByResource } from '@flowhook/contract/endpoints';
import type { Endpoint } from '@flowhook/contract/endpoint';
import type { AnswerOf, CallArguments } from './call-input.ts';
import { createCaller, type Caller, type CallerOptions, type CallOptions } from './caller.ts';

type Resources = typeof endpointsByResource;

/** A method that calls its endpoint. */
export type Method<E extends Endpoint> = (...rest: CallArguments<E, CallOptions>) => Promise<AnswerOf<E>>;

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
  return { ...caller, ...makeMethods(caller) };
}

function makeMethods(caller: Caller): Methods {
  const groups = Object.entries(endpointsByResource).map(([resource, endpoints]) => [
    resource,
    mapValues(
      endpoints,
      (endpoint) => (input?: object, own?: CallOptions) => caller.call(endpoint, input, own),
    ),
  ]);
  return Object.fromEntries(groups) as Methods;
}

function mapValues(endpoints: Readonly<Record<string, Endpoint>>, make: (endpoint: Endpoint) => unknown) {
  return Object.fromEntries(Object.entries(endpoints).map(([name, endpoint]) => [name, make(endpoint)]));
}
