// Calls an endpoint of the contract; where the session has ended, the call waits until it is open again.
import { readAnswer } from '@flowhook/client/answer';
import type { AnswerOf, InputOf, LooseInput } from '@flowhook/client/call-input';
import { startLimit } from '@flowhook/client/limit';
import { Problem } from '@flowhook/client/problem';
import { writeAddress } from '@flowhook/client/request';
import { send, type Server } from '@flowhook/client/sender';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { basePath } from './place.ts';
import { awaitSignIn, readSession } from './session-store.ts';

/** The one that this page came from, by the cookie of the session. */
export const server: Server = { address: basePath };

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Of a call that may be the repeat of one whose answer was lost: the same key makes nothing twice. */
  readonly idempotencyKey?: string;
  /** `wait` (unless given): when the session has ended the call waits until somebody has signed in again. */
  readonly atSessionEnd?: 'wait' | 'throw';
}

/** Throws a Problem. */
export async function call<E extends Endpoint>(
  endpoint: E,
  input: InputOf<E>,
  { signal, idempotencyKey, atSessionEnd = 'wait' }: CallOptions = {},
): Promise<AnswerOf<E>> {
  const once = () => callOnce(endpoint, input, { signal, idempotencyKey }) as Promise<AnswerOf<E>>;
  return endpoint.access === 'open' || atSessionEnd === 'throw' ? once() : callInSession(once, signal);
}

/** Without a limit: a person sees that it takes long, and can leave. What is worth another call, query.ts decides. */
async function callOnce(
  endpoint: Endpoint,
  input: LooseInput,
  { signal, idempotencyKey }: { signal?: AbortSignal | undefined; idempotencyKey?: string | undefined } = {},
): Promise<unknown> {
  const limit = startLimit(0, signal);
  try {
    return await send(server, { endpoint, input, limit, idempotencyKey }, (response) =>
      readAnswer(endpoint, response),
    );
  } finally {
    limit.stop();
  }
}

/** Sends it once more when somebody has signed in again. */
export async function callInSession<Answer>(
  once: () => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  try {
    return await once();
  } catch (error) {
    const isRefused = error instanceof Problem && error.status === 401;
    if (!isRefused || !(await hasSessionEnded())) throw error;
  }
  await awaitSignIn(signal);
  return once();
}

/** The address of an endpoint with its parameters and query, for links and downloads. */
export function addressOf<E extends Endpoint>(endpoint: E, input: InputOf<E>): string {
  return writeAddress(basePath, endpoint, input);
}

/** A 401 can also be about a password in the request: the session itself is asked. */
export async function hasSessionEnded(): Promise<boolean> {
  if (readSession().status === 'ended') return true;
  try {
    await callOnce(sessionEndpoints.get, {});
    return false;
  } catch (error) {
    if (error instanceof Problem && error.status > 0) return error.status === 401;
    throw error;
  }
}
