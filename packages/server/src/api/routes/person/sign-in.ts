// The ways to sign in, and single sign-on: the browser goes to the provider and comes back with its answer.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { signInEndpoints as endpoints, type SignInProblem } from '@flowhook/contract/person/sign-in';
import type { Config } from '../../../base/config.ts';
import type { Log } from '../../../base/log.ts';
import type { SecretBox } from '../../../base/secret.ts';
import { admit } from '../../../people/identity.ts';
import { SignInFailure, type Pending, type SingleSignOn } from '../../../people/single-sign-on.ts';
import type { Workspace } from '../../../workspace/setting.ts';
import { alreadySent, implement, type Route } from '../../route.ts';
import { readCookie, removeCookie, writeCookie } from '../../cookie.ts';
import { setSession, type SessionRoutes } from './session.ts';

export interface SignInRoutes extends SessionRoutes {
  readonly box: SecretBox;
  readonly workspace: Workspace;
  readonly config: Config;
  readonly log: Log;
  /** Null where no provider is configured. */
  readonly singleSignOn: SingleSignOn | null;
  /** Without `/` at its end. */
  baseUrl(): string;
}

const pendingCookie = 'flowhook_sign_in';
/** Ten minutes to sign in at the provider, a second factor included. */
const pendingMs = 600_000;
const sealContext = 'sign-in';

interface Kept extends Pending {
  readonly returnTo: string;
  readonly until: number;
}

export function signInRoutes(options: SignInRoutes): Route[] {
  const { workspace, config, singleSignOn } = options;
  return [
    implement(endpoints.ways, async () => ({
      passwords: workspace.settings()['webapp.signIn.passwords'],
      singleSignOn: singleSignOn === null ? null : { name: config.oidcName },
    })),
    implement(endpoints.begin, async ({ query, request, reply }) => {
      await orShow(options, reply, async () => {
        const { url, pending } = await requireProvider(options).begin(redirectUri(options));
        const until = options.now() + pendingMs;
        keep(options, request, reply, { ...pending, returnTo: toOwnPath(query.returnTo), until });
        return url;
      });
      return alreadySent;
    }),
    implement(endpoints.complete, async ({ request, reply }) => {
      await orShow(options, reply, () => complete(options, request, reply));
      return alreadySent;
    }),
  ];
}

/** Returns the page to go on to. */
async function complete(
  options: SignInRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const provider = requireProvider(options);
  const kept = takeKept(options, request, reply);
  const query = request.url.split('?')[1] ?? '';
  const claims = await provider.complete(redirectUri(options), query, kept);
  const admitted = await admit(options.db, claims, readRules(options));
  if ('problem' in admitted) throw new SignInFailure(admitted.problem);
  setSession(options, request, reply, await options.signIn.openSessionOf(admitted.personId));
  return `${options.baseUrl()}${kept.returnTo}`;
}

function readRules({ workspace, config }: SignInRoutes) {
  const settings = workspace.settings();
  return {
    newPeople: settings['webapp.signIn.newPeople'],
    emailDomains: settings['webapp.signIn.emailDomains'],
    trustEmail: config.oidcTrustEmail,
  };
}

function requireProvider({ singleSignOn }: SignInRoutes): SingleSignOn {
  if (singleSignOn === null) throw new SignInFailure('not_configured');
  return singleSignOn;
}

function redirectUri({ baseUrl }: SignInRoutes): string {
  return `${baseUrl()}${endpoints.complete.path}`;
}

/** A person meets what went wrong on the sign-in page, not as a problem document. */
async function orShow(
  options: SignInRoutes,
  reply: FastifyReply,
  next: () => Promise<string>,
): Promise<void> {
  try {
    await reply.redirect(await next(), 302);
  } catch (error) {
    if (!(error instanceof SignInFailure)) throw error;
    if (error.cause !== undefined) options.log.warn({ err: error.cause, problem: error.problem }, 'sign-in');
    await reply.redirect(showProblem(options, error.problem), 302);
  }
}

function showProblem({ baseUrl }: SignInRoutes, problem: SignInProblem): string {
  return `${baseUrl()}/sign-in?problem=${problem}`;
}

/** A path of this server; `//host` and `/\host` would lead to another one. */
function toOwnPath(given: string | undefined): string {
  return given !== undefined && /^\/(?![/\\])[^\s\\]*$/u.test(given) ? given : '/';
}

function keep(options: SignInRoutes, request: FastifyRequest, reply: FastifyReply, kept: Kept): void {
  const sealed = options.box.seal(JSON.stringify(kept), sealContext);
  const maxAge = pendingMs / 1000;
  writeCookie(options, request, reply, { name: pendingCookie, value: sealed, maxAge });
}

/** Once only: whoever comes back a second time begins anew. Throws `SignInFailure`. */
function takeKept(options: SignInRoutes, request: FastifyRequest, reply: FastifyReply): Kept {
  const sealed = readCookie(request, pendingCookie);
  removeCookie(options, request, reply, pendingCookie);
  const kept = sealed === undefined ? null : open(options.box, sealed);
  if (kept === null || kept.until <= options.now()) throw new SignInFailure('expired');
  return kept;
}

function open(box: SecretBox, sealed: string): Kept | null {
  try {
    return JSON.parse(box.open(sealed, sealContext)) as Kept;
  } catch {
    return null;
  }
}
