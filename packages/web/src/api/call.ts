// Calls an endpoint of the contract: its path is filled in, its answer comes typed, its refusal as an ApiProblem.
import type { z } from 'zod';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { readProblem, unreachable } from './api-problem.ts';
import { toAddress } from './place.ts';
import { awaitSignIn, readSession } from './session-store.ts';

type Schema = z.ZodType;
type Part<Name extends string, Value> = {} extends Value
  ? { readonly [Key in Name]?: Value }
  : { readonly [Key in Name]: Value };
type Simple = string | number | boolean | null | undefined;

/** What a call takes: path parameters, query and body, as the contract has them before they are parsed. */
export type InputOf<E> =
  E extends Endpoint<infer Params, infer Query, infer Body>
    ? Part<'params', { readonly [Key in keyof z.input<Params>]: string | number }> & {
        readonly query?: { readonly [Key in keyof z.input<Query>]?: Simple };
      } & (undefined extends z.input<Body>
          ? { readonly body?: z.input<Body> }
          : { readonly body: z.input<Body> })
    : never;

export type AnswerOf<E> = E extends Endpoint<Schema, Schema, Schema, infer Reply> ? z.output<Reply> : never;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** `wait` (unless given): when the session has ended the call waits until somebody has signed in again. */
  readonly atSessionEnd?: 'wait' | 'throw';
}

interface LooseInput {
  readonly params?: object;
  readonly query?: object;
  readonly body?: unknown;
}

/** Throws an ApiProblem. */
export async function call<E extends Endpoint>(
  endpoint: E,
  input: InputOf<E>,
  { signal, atSessionEnd = 'wait' }: CallOptions = {},
): Promise<AnswerOf<E>> {
  const loose = input as LooseInput;
  const headers = writeHeaders(endpoint, loose.body);
  const send = () =>
    request(fillAddress(endpoint, loose), {
      method: endpoint.method,
      headers,
      body: loose.body === undefined ? null : JSON.stringify(loose.body),
      signal: signal ?? null,
    });
  let answer = await send();
  if (answer.status === 401 && endpoint.access !== 'open' && atSessionEnd === 'wait') {
    if (await hasSessionEnded()) {
      await awaitSignIn(signal);
      answer = await send();
    }
  }
  return (await readAnswer(endpoint, answer)) as AnswerOf<E>;
}

/** The address of an endpoint with its parameters and query, for links and downloads. */
export function addressOf<E extends Endpoint>(endpoint: E, input: InputOf<E>): string {
  return fillAddress(endpoint, input);
}

function fillAddress({ path }: Endpoint, { params = {}, query = {} }: LooseInput): string {
  const given = params as Record<string, unknown>;
  const filled = path.replaceAll(/:(\w+)/gu, (_, name: string) => encodeURIComponent(String(given[name])));
  const pairs = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const text = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
  return toAddress(text.size === 0 ? filled : `${filled}?${text.toString()}`);
}

/** A key lets a creation be sent again (after a new sign-in, say) without making a second thing. */
function writeHeaders(endpoint: Endpoint, body: unknown): Record<string, string> {
  const creates = endpoint.method === 'POST' && endpoint.status === 201 && endpoint.idempotent !== false;
  return {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(creates && { 'idempotency-key': makeKey() }),
  };
}

/** Not `crypto.randomUUID`: plain http on another host has none. */
function makeKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

async function request(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw unreachable();
  }
}

/** A 401 can also be about a password in the request: the session itself is asked. */
export async function hasSessionEnded(): Promise<boolean> {
  if (readSession().status === 'ended') return true;
  const { method } = sessionEndpoints.get;
  const answer = await request(fillAddress(sessionEndpoints.get, {}), { method });
  return answer.status === 401;
}

async function readAnswer(endpoint: Endpoint, answer: Response): Promise<unknown> {
  if (!answer.ok) throw readProblem(answer.status, await answer.text());
  if (answer.status === 204) return undefined;
  if (endpoint.replyType === undefined) return answer.json();
  return endpoint.replyType.startsWith('text/') ? answer.text() : answer.blob();
}
