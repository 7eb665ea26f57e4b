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

/** What only a page is held to; on each of its scripts it would be half a kilobyte more. */
const ofPages = [
  'content-security-policy',
  'x-frame-options',
  'referrer-policy',
  'cross-origin-opener-policy',
] as const;

export function dropPageHeaders({ raw }: FastifyReply): void {
  for (const name of ofPages) raw.removeHeader(name);
}

/** `secure`: people reach the server by https, and are to go on so. */
export function addHeaders(app: FastifyInstance, secure: boolean): void {
  app.addHook('onRequest', (request, reply, done) => {
    writeHeaders(request, reply, secure);
    done();
  });
}

export function writeHeaders({ id, protocol }: FastifyRequest, { raw }: FastifyReply, secure: boolean): void {
  raw.setHeader('content-security-policy', policy);
  raw.setHeader('x-content-type-options', 'nosniff');
  // What is not said to be kept is not: answers are about one person at one moment.
  raw.setHeader('cache-control', 'no-store');
  raw.setHeader('x-frame-options', 'DENY');
  raw.setHeader('referrer-policy', 'same-origin');
  // A page that opens ours in a window, or loads our answers as its own parts, gets nothing to hold on to.
  raw.setHeader('cross-origin-opener-policy', 'same-origin');
  raw.setHeader('cross-origin-resource-policy', 'same-origin');
  if (secure || protocol === 'https') raw.setHeader('strict-transport-security', 'max-age=31536000');
  raw.setHeader('x-request-id', id);
  raw.setHeader('x-trifacta-request-id', id);
}
