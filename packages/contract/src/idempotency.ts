// Pure: which calls take an Idempotency-Key. Without a schema: the first load of the web interface has none.
import type { EndpointHead } from './endpoint.ts';

/** True where a repeat with the same Idempotency-Key answers with the first result. */
export function takesIdempotencyKey({
  method,
  status,
  idempotent,
}: Pick<EndpointHead, 'method' | 'status' | 'idempotent'>): boolean {
  return method === 'POST' && (idempotent ?? status === 201);
}
