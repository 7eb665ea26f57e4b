// Sends the request of a call once, and has its answer read within the call's limit.
import type { EndpointHead } from '@flowhook/contract/endpoint';
import { requireSuccess } from './answer.ts';
import type { LooseInput } from './call-input.ts';
import { writeAuthorization, type Credentials } from './credentials.ts';
import type { Limit } from './limit.ts';
import { Problem, unreachable } from './problem.ts';
import { writeAddress, writeHeaders } from './request.ts';

export interface Server {
  /** Its address with its base path, without a `/` at its end. */
  readonly address: string;
  readonly credentials?: Credentials | undefined;
  readonly fetch?: typeof fetch | undefined;
}

export interface Sending {
  readonly endpoint: EndpointHead;
  readonly input: LooseInput;
  readonly limit: Limit;
  readonly idempotencyKey?: string | undefined;
}

/** Once. Throws a Problem, or the reason for which the limit's signal was aborted. */
export async function send<Answer>(
  server: Server,
  { endpoint, input, limit, idempotencyKey = makeKey() }: Sending,
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  const authorization = writeAuthorization(server.credentials);
  const headers = new Headers(writeHeaders(endpoint, input, { authorization, idempotencyKey }));
  const address = writeAddress(server.address, endpoint, input);
  const body = await writeBody(endpoint, input.body, { headers, signal: limit.signal });
  const { method } = endpoint;
  const init = { method, headers, body, signal: limit.signal, redirect: 'manual', duplex: 'half' } as const;
  try {
    const response = await (server.fetch ?? fetch)(address, init);
    await requireSuccess(endpoint, response);
    return await read(response);
  } catch (error) {
    if (limit.signal.aborted) throw limit.signal.reason;
    throw error instanceof Problem ? error : unreachable(error);
  }
}

interface BodyPlace {
  readonly headers: Headers;
  readonly signal: AbortSignal;
}

async function writeBody(endpoint: EndpointHead, body: unknown, { headers, signal }: BodyPlace) {
  if (body === undefined) return null;
  if (endpoint.requestType === undefined) return JSON.stringify(body);
  // Only uploads load it.
  const { writeForm } = await import('./form.ts');
  const form = writeForm(body as object, { boundary: `flowhook-${makeKey()}`, signal });
  if (form.contentType !== undefined) headers.set('content-type', form.contentType);
  return form.body;
}

/** Not `crypto.randomUUID`: a page over plain http has none. */
export function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
