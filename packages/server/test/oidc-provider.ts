// A real OpenID Connect provider for tests, on a free port, whose people sign in without typing.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface ProviderPerson {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

export interface TestProvider {
  readonly issuer: string;
  /** Who signs in next; null: they say no. */
  person: ProviderPerson | null;
  /** True: the signatures of id tokens are wrong from now on. */
  forging: boolean;
  /** Once, when the server under test has its address. */
  allow(redirectUri: string): void;
  stop(): Promise<void>;
}

export const testClient = { id: 'flowhook', secret: 'a secret of the test client, long enough' } as const;

export async function startProvider(): Promise<TestProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state: { person: ProviderPerson | null; forging: boolean } = { person: null, forging: false };
  return {
    issuer,
    get person() {
      return state.person;
    },
    set person(person) {
      state.person = person;
    },
    get forging() {
      return state.forging;
    },
    set forging(forging) {
      state.forging = forging;
    },
    allow(redirectUri) {
      const provider = makeProvider(issuer, redirectUri, state);
      const callback = provider.callback();
      server.on('request', (request, response) => {
        if (state.forging && request.url?.startsWith('/token') === true) forgeToken(response);
        if (request.url?.startsWith('/interaction/') !== true) return void callback(request, response);
        void interact(provider, state.person, request, response);
      });
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** What the id token says stays as it is; its signature is of something else. */
function forgeToken(response: ServerResponse): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  response.end = ((body: string) => {
    const answer = JSON.parse(body) as { id_token: string };
    const [head, claims, signature = ''] = answer.id_token.split('.');
    const first = signature.startsWith('A') ? 'B' : 'A';
    const forged = JSON.stringify({ ...answer, id_token: `${head}.${claims}.${first}${signature.slice(1)}` });
    response.setHeader('content-length', Buffer.byteLength(forged));
    return end(forged);
  }) as typeof response.end;
}

function makeProvider(
  issuer: string,
  redirectUri: string,
  state: { readonly person: ProviderPerson | null },
): Provider {
  return new Provider(issuer, {
    clients: [{ client_id: testClient.id, client_secret: testClient.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: async () => ({ ...state.person, sub }),
    }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['a key of the test provider'] },
  });
}

/** Signs in and agrees to everything at once, or says no. */
async function interact(
  provider: Provider,
  person: ProviderPerson | null,
  request: Parameters<Provider['interactionDetails']>[0],
  response: Parameters<Provider['interactionDetails']>[1],
): Promise<void> {
  if (person === null) {
    const no = { error: 'access_denied', error_description: 'The person said no.' };
    return provider.interactionFinished(request, response, no, { mergeWithLastSubmission: false });
  }
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: person.sub, clientId: String(params['client_id']) });
  grant.addOIDCScope(String(params['scope']));
  const grantId = await grant.save();
  const result = { login: { accountId: person.sub }, consent: { grantId } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}
