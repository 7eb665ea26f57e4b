// Sends a call to the server that this page came from, once; by the head of its endpoint alone.
import { readAnswer } from '@flowhook/client/answer';
import type { LooseInput } from '@flowhook/client/call-input';
import { startLimit } from '@flowhook/client/limit';
import { send, type Server } from '@flowhook/client/sender';
import type { EndpointHead } from '@flowhook/contract/endpoint';
import { basePath } from './place.ts';

/** The one that this page came from, by the cookie of the session. */
export const server: Server = { address: basePath };

interface Sending {
  readonly signal?: AbortSignal | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Is given the headers of the answer. */
  readonly onHeaders?: (headers: Headers) => void;
}

/** Without a limit: a person sees that it takes long, and can leave. What is worth another call, query.ts decides. */
export async function sendOnce(
  endpoint: EndpointHead,
  input: LooseInput,
  { signal, idempotencyKey, onHeaders }: Sending = {},
): Promise<unknown> {
  const limit = startLimit(0, signal);
  try {
    return await send(server, { endpoint, input, limit, idempotencyKey }, (response) => {
      onHeaders?.(response.headers);
      return readAnswer(endpoint, response);
    });
  } finally {
    limit.stop();
  }
}
