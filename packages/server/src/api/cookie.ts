// Cookies that nobody else can set: a name with a prefix is taken by a browser from this very host over https alone.
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Where the cookie goes back to. */
export interface CookiePlace {
  /** True where people reach the server by https. */
  readonly secure: boolean;
  /** `/flowhook`, or empty. */
  readonly basePath: string;
}

/** `__Host-` wants the path `/`; below a base path `__Secure-` is what can be had. */
const prefixes = ['__Host-', '__Secure-'] as const;

/** The value of a cookie. One without a prefix counts on http alone: elsewhere a neighbour of the domain may have set it. */
export function readCookie(request: FastifyRequest, name: string): string | undefined {
  for (const prefix of prefixes) {
    const value = request.cookies[prefix + name];
    if (value !== undefined) return value;
  }
  return request.protocol === 'https' ? undefined : request.cookies[name];
}

export function writeCookie(
  place: CookiePlace,
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: { readonly name: string; readonly value: string; readonly maxAge: number },
): void {
  const options = describeCookie(place, request);
  void reply.setCookie(prefixOf(options) + cookie.name, cookie.value, { ...options, maxAge: cookie.maxAge });
}

export function removeCookie(
  place: CookiePlace,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
): void {
  const options = describeCookie(place, request);
  void reply.clearCookie(prefixOf(options) + name, options);
}

function describeCookie({ secure, basePath }: CookiePlace, { protocol }: FastifyRequest) {
  const path = basePath === '' ? '/' : basePath;
  return { httpOnly: true, sameSite: 'lax', secure: secure || protocol === 'https', path } as const;
}

function prefixOf({ secure, path }: CookieSerializeOptions): string {
  if (secure !== true) return '';
  return path === '/' ? prefixes[0] : prefixes[1];
}
