// A client for tests that knows the contract: each answer is checked against what its endpoint promises.
import assert from 'node:assert/strict';
import type { z } from 'zod';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { problem, type ProblemDocument } from '@flowhook/contract/problem';
import { request } from 'undici';

type Input<E> =
  E extends Endpoint<infer Params, infer Query, infer Body>
    ? {
        readonly params?: z.input<Params>;
        readonly query?: z.input<Query> | Record<string, string | number | boolean>;
        readonly body?: z.input<Body>;
        readonly headers?: Record<string, string>;
      }
    : never;
type Output<E> = E extends Endpoint<z.ZodType, z.ZodType, z.ZodType, infer Reply> ? z.output<Reply> : never;

export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** Undefined where the body is not JSON. */
  readonly json: unknown;
}

export interface Client {
  /** Calls an endpoint that must answer with its promised status and form; gives what it answered. */
  call<E extends Endpoint>(endpoint: E, input?: Input<E>): Promise<Output<E>>;
  /** Calls an endpoint that must refuse: the status is checked, and the form of the problem. Input may be of any form. */
  refused(
    endpoint: Endpoint,
    status: number,
    input?: { params?: object; query?: object; body?: unknown; headers?: Record<string, string> },
  ): Promise<ProblemDocument>;
  /** Sends anything. */
  send(method: string, path: string, more?: Sending): Promise<RawAnswer>;
}

export interface Sending {
  readonly headers?: Record<string, string>;
  /** Sent as it is where it is text or bytes, else as JSON. */
  readonly body?: unknown;
}

export function makeClient(url: () => string, own: Record<string, string>): Client {
  async function send(method: string, path: string, { headers, body }: Sending = {}): Promise<RawAnswer> {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const type = body === undefined || raw ? {} : { 'content-type': 'application/json' };
    const answer = await request(`${url()}${path}`, {
      method: method as 'GET',
      headers: { ...type, ...own, ...headers },
      body: body === undefined ? null : raw ? body : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, text, json: parse(text) };
  }

  return {
    send,
    async call(endpoint, input) {
      const { method } = endpoint;
      const path = fillPath(endpoint, input ?? {});
      const answer = await send(method, path, input);
      assert.equal(answer.status, endpoint.status, `${method} ${path}: ${answer.text}`);
      if (endpoint.status === 204) return undefined as never;
      const reply = endpoint.reply.safeParse(endpoint.replyType === undefined ? answer.json : answer.text);
      assert.ok(
        reply.success,
        `${method} ${path} broke its promise: ${reply.error?.message} in ${answer.text}`,
      );
      return reply.data as never;
    },
    async refused(endpoint, status, input = {}) {
      const { method } = endpoint;
      const path = fillPath(endpoint, input);
      const answer = await send(method, path, input);
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/u);
      return problem.parse(answer.json);
    },
  };
}

/** The path of a request, with parameters and query. */
export function fillPath(
  endpoint: Endpoint,
  { params = {}, query = {} }: { params?: unknown; query?: unknown },
): string {
  const given = params as Record<string, unknown>;
  const path = endpoint.path.replaceAll(/:(\w+)/gu, (_, name: string) =>
    encodeURIComponent(String(given[name])),
  );
  const pairs = Object.entries(query as Record<string, unknown>).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
  return text.size === 0 ? path : `${path}?${text.toString()}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
