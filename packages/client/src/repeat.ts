// Sends the request of a call again where that is safe, within the call's limit.
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { takesIdempotencyKey } from '@flowhook/contract/idempotency';
import { isStream } from './call-input.ts';
import { wait } from './limit.ts';
import { Problem } from './problem.ts';
import { planRetry } from './retry.ts';
import { makeKey, send, type Sending, type Server } from './sender.ts';

type Repeatable = Sending & { readonly endpoint: AnyEndpoint };

/** `retries`: how often it may be sent again. Throws a Problem, or the reason for which the limit's signal was aborted. */
export async function sendRepeatedly<Answer>(
  server: Server,
  sending: Repeatable & { readonly retries: number },
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  const retries = isRepeatable(sending) ? sending.retries : 0;
  const idempotencyKey = sending.idempotencyKey ?? makeKey();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(server, { ...sending, idempotencyKey }, read);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const waitMs = planRetry({ attempt, retries, problem: error, random: Math.random() });
      if (waitMs === null || waitMs > sending.limit.leftMs()) throw error;
      await wait(waitMs, sending.limit.signal);
    }
  }
}

/** It changes nothing, or the server knows it again by its key. A stream can be sent only once. */
function isRepeatable({ endpoint, input: { body } }: Repeatable): boolean {
  const holdsStream = Object.values(body ?? {}).some(isStream);
  return (endpoint.readOnly || takesIdempotencyKey(endpoint)) && !holdsStream;
}
