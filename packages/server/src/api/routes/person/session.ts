// Sign-in of a browser: a session in a cookie.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionEndpoints as endpoints } from '@flowhook/contract/person/session';
import type { Database } from '../../../db/database.ts';
import { readAccount } from '../../../people/account.ts';
import type { SignIn } from '../../../people/sign-in.ts';
import { readCookie, removeCookie, writeCookie } from '../../cookie.ts';
import { requireOwnOrigin, sessionCookie } from '../../credentials.ts';
import { writeTime, writeTimeOrNull } from '../../views/list.ts';
import { implement, type Route } from '../../route.ts';
import type { SignInLimit } from '../../sign-in-limit.ts';
import { showPerson } from './person.ts';

export interface SessionRoutes {
  readonly db: Database;
  readonly signIn: SignIn;
  readonly limit: SignInLimit;
  readonly sessionMs: number;
  /** True where people reach the server by https. */
  readonly secure: boolean;
  readonly basePath: string;
  readonly origins: readonly string[];
  now(): number;
}

export function sessionRoutes(options: SessionRoutes): Route[] {
  const { db, signIn, origins } = options;
  return [
    implement(endpoints.create, async ({ body, request, reply }) => {
      requireOwnOrigin(request, origins);
      return openSession(options, request, reply, body);
    }),
    implement(endpoints.get, async ({ caller: { personId, via, expiresAt } }) => ({
      person: showPerson(await readAccount(db.read, personId)),
      via,
      expiresAt: writeTimeOrNull(expiresAt ?? null),
    })),
    implement(endpoints.remove, async ({ request, reply }) => {
      const token = readCookie(request, sessionCookie);
      if (token !== undefined) await signIn.closeSession(token);
      removeCookie(options, request, reply, sessionCookie);
    }),
  ];
}

/** Checks email and password, sets the cookie and gives the answer. */
export async function openSession(
  options: SessionRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
  { email, password }: { readonly email: string; readonly password: string },
) {
  const { db, limit, signIn } = options;
  const { token, personId } = await limit.guard(request.ip, { kind: 'basic', email, password }, () =>
    signIn.openSession(email, password),
  );
  setSession(options, request, reply, token);
  const expiresAt = writeTime(options.now() + options.sessionMs);
  return { person: showPerson(await readAccount(db.read, personId)), via: 'session' as const, expiresAt };
}

/** The browser keeps the session from now on. */
export function setSession(
  options: Pick<SessionRoutes, 'secure' | 'basePath' | 'sessionMs'>,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): void {
  const maxAge = Math.round(options.sessionMs / 1000);
  writeCookie(options, request, reply, { name: sessionCookie, value: token, maxAge });
}
