// Sends the request of a call, again where that is safe, and has its answer read within the call's limit.
import { takesIdempotencyKey, type AnyEndpoint } from '@flowhook/contract/endpoint';
import { requireSuccess } from './answer.ts';
import type { LooseInput } from './call-input.ts';
import { writeAuthorization, type Credentials } from './credentials.ts';
import { holdsStream, writeForm } from './form.ts';
import { wait, type Limit } from './limit.ts';
import { Problem, unreachable } from './problem.ts';
import { writeAddress, writeHeaders } from './request.ts';
import { planRetry } from './retry.ts';

export interface Server {
  /** Its address with its base path, without a `/` at its end. */
  readonly address: string;
  readonly credentials: Credentials | undefined;
  readonly fetch: typeof fetch | undefined;
}

export interface Sending {
  readonly endpoint: AnyEndpoint;
  readonly input: LooseInput;
  readonly limit: Limit;
  /** How often it may be sent again where that is safe. */
  readonly retries: number;
  readonly idempotencyKey: string | undefined;
}

/** Throws a Problem, or the reason for which the limit's signal was aborted. */
export async function send<Answer>(
  server: Server,
  sending: Sending,
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  const retries = isRepeatable(sending) ? sending.retries : 0;
  const idempotencyKey = sending.idempotencyKey ?? makeKey();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(server, { ...sending, idempotencyKey }, read);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const waitMs = planRetry({ attempt, retries, problem: error, random: Math.random() });
      if (waitMs === null || waitMs > sending.limit.leftMs()) throw error;
      await wait(waitMs, sending.limit.signal);
    }
  }
}

/** It changes nothing, or the server knows it again by its key. */
function isRepeatable({ endpoint, input }: Sending): boolean {
  return (endpoint.readOnly || takesIdempotencyKey(endpoint)) && !holdsStream(input.body);
}

async function sendOnce<Answer>(
  server: Server,
  { endpoint, input, limit, idempotencyKey }: Sending & { readonly idempotencyKey: string },
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  const authorization = writeAuthorization(server.credentials);
  const headers = new Headers(writeHeaders(endpoint, input, { authorization, idempotencyKey }));
  const address = writeAddress(server.address, endpoint, input);
  const body = writeBody(endpoint, input.body, { headers, signal: limit.signal });
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

function writeBody(endpoint: AnyEndpoint, body: unknown, { headers, signal }: BodyPlace) {
  if (body === undefined) return null;
  if (endpoint.requestType === undefined) return JSON.stringify(body);
  const form = writeForm(body as object, { boundary: `flowhook-${makeKey()}`, signal });
  if (form.contentType !== undefined) headers.set('content-type', form.contentType);
  return form.body;
}

/** Not `crypto.randomUUID`: a page over plain http has none. */
function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
