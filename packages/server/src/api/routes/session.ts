// Sign-in of a browser and the one-time set-up: both end with a session cookie.
import type { FastifyReply } from 'fastify';
import { sessionEndpoints as sessions } from '@flowhook/contract/session';
import { setupEndpoints as setup } from '@flowhook/contract/setup';
import type { Database } from '../../db/database.ts';
import { readAccount } from '../../people/account.ts';
import { completeSetup, isSetupNeeded } from '../../people/first-start.ts';
import type { SignIn } from '../../people/sign-in.ts';
import { requireOwnOrigin, sessionCookie } from '../credentials.ts';
import { writeTime } from '../list.ts';
import { implement, type Route } from '../route.ts';
import type { SignInLimit } from '../sign-in-limit.ts';
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
  const { db, signIn, limit, origins } = options;
  const open = async (address: string, reply: FastifyReply, email: string, password: string) => {
    const { token, personId } = await limit.guard(address, { kind: 'basic', email, password }, () =>
      signIn.openSession(email, password),
    );
    void reply.setCookie(sessionCookie, token, cookieOptions(options));
    return show(personId);
  };
  const show = async (personId: number, via: 'session' | 'token' | 'basic' = 'session') => ({
    person: showPerson(await readAccount(db.read, personId)),
    via,
    expiresAt: via === 'session' ? writeTime(options.now() + options.sessionMs) : null,
  });
  return [
    implement(sessions.create, async ({ body, request, reply }) => {
      requireOwnOrigin(request, origins);
      return open(request.ip, reply, body.email, body.password);
    }),
    implement(sessions.get, ({ caller }) => show(caller.personId, caller.via)),
    implement(sessions.remove, async ({ request, reply }) => {
      const token = request.cookies[sessionCookie];
      if (token !== undefined) await signIn.closeSession(token);
      void reply.clearCookie(sessionCookie, cookieOptions(options));
    }),
    implement(setup.get, async () => ({ needed: await isSetupNeeded(db.read) })),
    implement(setup.create, async ({ body, request, reply }) => {
      requireOwnOrigin(request, origins);
      await completeSetup(db, body.token, body);
      return open(request.ip, reply, body.email, body.password);
    }),
  ];
}

function cookieOptions({ secure, basePath, sessionMs }: SessionRoutes) {
  return {
    httpOnly: true,
    sameSite: 'lax',
    secure,
    path: `${basePath}/`,
    maxAge: Math.round(sessionMs / 1000),
  } as const;
}
