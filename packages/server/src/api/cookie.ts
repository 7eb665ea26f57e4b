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

/** Browsers keep one jar for all ports of a host: with its port in the name, servers side by side don't end each other's sessions. */
function nameAt({ host }: FastifyRequest, name: string): string {
  const port = /:(\d+)$/u.exec(host)?.[1];
  return port === undefined ? name : `${name}_${port}`;
}

/** The value of a cookie. One without a prefix counts on http alone: elsewhere a neighbour of the domain may have set it. */
export function readCookie(request: FastifyRequest, name: string): string | undefined {
  const own = nameAt(request, name);
  for (const prefix of prefixes) {
    const value = request.cookies[prefix + own];
    if (value !== undefined) return value;
  }
  return request.protocol === 'https' ? undefined : request.cookies[own];
}

export function writeCookie(
  place: CookiePlace,
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: { readonly name: string; readonly value: string; readonly maxAge: number },
): void {
  const options = describeCookie(place, request);
  const name = prefixOf(options) + nameAt(request, cookie.name);
  void reply.setCookie(name, cookie.value, { ...options, maxAge: cookie.maxAge });
}

export function removeCookie(
  place: CookiePlace,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
): void {
  const options = describeCookie(place, request);
  void reply.clearCookie(prefixOf(options) + nameAt(request, name), options);
}

function describeCookie({ secure, basePath }: CookiePlace, { protocol }: FastifyRequest) {
  const path = basePath === '' ? '/' : basePath;
  return { httpOnly: true, sameSite: 'lax', secure: secure || protocol === 'https', path } as const;
}

function prefixOf({ secure, path }: CookieSerializeOptions): string {
  if (secure !== true) return '';
  return path === '/' ? prefixes[0] : prefixes[1];
}
