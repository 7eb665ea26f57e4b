// Who calls: credentials become a caller within the limits of sign-in; what the caller may call at all.
import type { FastifyRequest } from 'fastify';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { Problem } from '../base/error.ts';
import { requireRole, requireWhole, type Caller } from '../people/caller.ts';
import type { Credentials, SignIn } from '../people/sign-in.ts';
import { readCredentials, requireOwnOrigin } from './credentials.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface Identification {
  readonly signIn: SignIn;
  readonly limit: SignInLimit;
  /** Origins that the web interface is reached by. */
  readonly origins: readonly string[];
}

/** The caller; null on an open endpoint without valid credentials. Throws what refuses the call. */
export async function identify(
  endpoint: AnyEndpoint,
  { signIn, limit, origins }: Identification,
  request: FastifyRequest,
): Promise<Caller | null> {
  if (endpoint.access === 'open') return identifyIfPossible({ signIn, limit, origins }, request);
  const credentials = readCredentials(request);
  if (credentials === null) return requireCaller(null);
  const caller = await verify({ signIn, limit, origins }, request, credentials);
  allow(endpoint, caller);
  return caller;
}

/** On an open endpoint wrong credentials are as good as none: a stale cookie must not keep anybody from signing in. */
async function identifyIfPossible(options: Identification, request: FastifyRequest): Promise<Caller | null> {
  try {
    const credentials = readCredentials(request);
    return credentials === null ? null : await verify(options, request, credentials);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

async function verify(
  { signIn, limit, origins }: Identification,
  request: FastifyRequest,
  credentials: Credentials,
): Promise<Caller> {
  if (credentials.kind === 'session') requireOwnOrigin(request, origins);
  // What was verified of late is not held up by what others at the same address get wrong.
  const recalled = signIn.recall(credentials);
  return recalled ?? limit.guard(request.ip, credentials, () => signIn.identify(credentials));
}

function allow(endpoint: AnyEndpoint, caller: Caller): void {
  if (caller.readOnly && !endpoint.readOnly)
    throw new Problem('forbidden', 'This access token is read-only: use one that may change things.');
  if (endpoint.access === 'author' || endpoint.access === 'administrator')
    requireRole(caller, endpoint.access);
  if (endpoint.access === 'administrator') requireWhole(caller);
}

/** Throws `not_signed_in` for null. */
export function requireCaller(caller: Caller | null): Caller {
  if (caller !== null) return caller;
  throw new Problem(
    'not_signed_in',
    'Send an access token (Authorization: Bearer …), or email and password (Basic).',
  );
}
