// What a request says about who sends it: Bearer, Basic, or the session cookie.
import type { FastifyRequest } from 'fastify';
import { Problem } from '../base/error.ts';
import { readCookie } from './cookie.ts';
import type { Credentials } from '../people/sign-in.ts';

export const sessionCookie = 'flowhook_session';

/** The credentials of a request; null where it brings none. Throws where they can't be read. */
export function readCredentials(request: FastifyRequest): Credentials | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) return readAuthorization(authorization);
  const session = readCookie(request, sessionCookie);
  return session === undefined || session === '' ? null : { kind: 'session', value: session };
}

function readAuthorization(header: string): Credentials {
  const [, scheme, value] = /^([A-Za-z]+) +(.+)$/u.exec(header.trim()) ?? [];
  if (scheme?.toLowerCase() === 'bearer') return { kind: 'token', value: value! };
  if (scheme?.toLowerCase() === 'basic') return readBasic(value!);
  throw new Problem(
    'credentials_wrong',
    'Send "Authorization: Bearer <access token>" or "Authorization: Basic <email:password in base64>".',
  );
}

function readBasic(value: string): Credentials {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1 || text.includes('\0'))
    throw new Problem('credentials_wrong', 'Basic credentials are email:password in base64.');
  return { kind: 'basic', email: text.slice(0, colon), password: text.slice(colon + 1) };
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A browser sends the cookie from any page: what changes something must come from our own. */
export function requireOwnOrigin(request: FastifyRequest, origins: readonly string[]): void {
  if (safeMethods.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined ? site === undefined || site === 'same-origin' : isOwn(origin, request, origins))
    return;
  throw new Problem(
    'origin_refused',
    'This request was sent by another site with your session: it is not carried out.',
  );
}

function isOwn(origin: string, request: FastifyRequest, origins: readonly string[]): boolean {
  return origins.includes(origin) || origin === `${request.protocol}://${request.host}`;
}
