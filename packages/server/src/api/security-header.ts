// Headers that every answer carries: the request's id, and what keeps a browser from being used against its user.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const policy = [
  "default-src 'self'",
  "script-src 'self'",
  // Interface libraries write inline styles.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export function addHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    writeHeaders(request, reply);
    done();
  });
}

export function writeHeaders({ id }: FastifyRequest, { raw }: FastifyReply): void {
  raw.setHeader('content-security-policy', policy);
  raw.setHeader('x-content-type-options', 'nosniff');
  // What is not said to be kept is not: answers are about one person at one moment.
  raw.setHeader('cache-control', 'no-store');
  raw.setHeader('x-frame-options', 'DENY');
  raw.setHeader('referrer-policy', 'same-origin');
  raw.setHeader('x-request-id', id);
  raw.setHeader('x-trifacta-request-id', id);
}
