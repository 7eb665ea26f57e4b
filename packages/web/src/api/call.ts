// Calls an endpoint of the contract; where the session has ended, the call waits until it is open again.
import type { AnswerOf, InputOf } from '@flowhook/client/call-input';
import { Problem } from '@flowhook/client/problem';
import { writeAddress } from '@flowhook/client/request';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { askSession } from './entry-call.ts';
import { basePath } from './place.ts';
import { sendOnce } from './send-once.ts';
import { awaitSignIn, readSession } from './session-store.ts';
import { withVersion } from './version.ts';

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
  const once = async () => {
    let headers: Headers | undefined;
    const onHeaders = (of: Headers) => void (headers = of);
    const answer = await sendOnce(endpoint, input, { signal, idempotencyKey, onHeaders });
    return withVersion(endpoint, headers, answer) as AnswerOf<E>;
  };
  return endpoint.access === 'open' || atSessionEnd === 'throw' ? once() : callInSession(once, signal);
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
    return (await askSession()) === null;
  } catch (error) {
    // The server told of another fault: it is not about the session.
    if (error instanceof Problem && error.status > 0) return false;
    throw error;
  }
}
