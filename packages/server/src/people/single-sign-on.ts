// Single sign-on: sends people to the OpenID Connect provider and takes its answer (authorization code with PKCE).
import * as oidc from 'openid-client';
import type { SignInProblem } from '@flowhook/contract/person/sign-in';
import type { Claims } from './arrival.ts';

export interface ProviderSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
}

/** What is kept in the browser between the two steps, sealed. */
export interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface SingleSignOn {
  /** Where to send the browser, and what to keep for `complete`. Throws `SignInFailure`. */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly pending: Pending }>;
  /** Checks the provider's answer, which came as the query of `redirectUri`. Throws `SignInFailure`. */
  complete(redirectUri: string, query: string, pending: Pending): Promise<Claims>;
}

/** Why it did not work; `cause` is for the log. */
export class SignInFailure extends Error {
  readonly problem: SignInProblem;

  constructor(problem: SignInProblem, cause?: unknown) {
    super(`single sign-on: ${problem}`, { cause });
    this.problem = problem;
  }
}

const scope = 'openid email profile';

export function createSingleSignOn(settings: ProviderSettings): SingleSignOn {
  const discover = rememberSuccess(() => readProvider(settings));
  return {
    async begin(redirectUri) {
      const provider = await discover();
      const verifier = oidc.randomPKCECodeVerifier();
      const pending = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier };
      const url = oidc.buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: pending.state,
        nonce: pending.nonce,
      });
      return { url: url.href, pending };
    },
    async complete(redirectUri, query, pending) {
      const provider = await discover();
      const answer = new URL(redirectUri);
      answer.search = query;
      const tokens = await takeTokens(provider, answer, pending);
      return readClaims(provider, tokens);
    },
  };
}

/** A provider that can't be reached at one moment is asked again at the next. */
function rememberSuccess<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function readProvider({
  issuer,
  clientId,
  clientSecret,
}: ProviderSettings): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  const authentication = clientSecret === null ? oidc.None() : undefined;
  // The signature of an id token is checked, too: TLS alone would do by the standard, and proxies in between end it.
  const execute = [oidc.enableNonRepudiationChecks];
  if (isOnThisMachine(url)) execute.push(oidc.allowInsecureRequests);
  try {
    return await oidc.discovery(url, clientId, clientSecret ?? undefined, authentication, { execute });
  } catch (error) {
    throw new SignInFailure('provider_unreachable', error);
  }
}

/** Only there does http show nobody what is said. */
function isOnThisMachine({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;

async function takeTokens(provider: oidc.Configuration, answer: URL, pending: Pending): Promise<Tokens> {
  const { state, nonce, verifier } = pending;
  try {
    return await oidc.authorizationCodeGrant(provider, answer, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
  } catch (error) {
    // The provider's own word, such as access_denied where a person said no.
    if (error instanceof oidc.AuthorizationResponseError) throw new SignInFailure('provider_refused', error);
    throw new SignInFailure(isUnreachable(error) ? 'provider_unreachable' : 'answer_invalid', error);
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.message === 'fetch failed');
}

/** Providers may leave email and name out of the id token and give them by the user info alone. */
async function readClaims(provider: oidc.Configuration, tokens: Tokens): Promise<Claims> {
  const claims = tokens.claims();
  if (claims === undefined) throw new SignInFailure('answer_invalid');
  const { iss: issuer, sub: subject } = claims;
  const more = claims['email'] === undefined ? await askMore(provider, tokens, subject) : claims;
  return {
    issuer,
    subject,
    email: takeEmail(more['email']),
    emailVerified: takeFlag(more['email_verified']),
    name: takeText(more['name']),
  };
}

async function askMore(
  provider: oidc.Configuration,
  tokens: Tokens,
  subject: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (provider.serverMetadata().userinfo_endpoint === undefined) return {};
  try {
    return await oidc.fetchUserInfo(provider, tokens.access_token, subject);
  } catch (error) {
    throw new SignInFailure('answer_invalid', error);
  }
}

function takeText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function takeEmail(value: unknown): string | null {
  const text = takeText(value)?.trim().toLowerCase() ?? '';
  return /^[^@\s]+@[^@\s]+$/u.test(text) && text.length <= 254 ? text : null;
}

/** Some providers write it as text. */
function takeFlag(value: unknown): boolean | null {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}
