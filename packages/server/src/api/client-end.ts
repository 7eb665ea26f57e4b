// Work that nobody waits for any more is ended.
import type { FastifyReply } from 'fastify';

/** Aborts when the client goes away before its answer. */
export function abortWithClient(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
