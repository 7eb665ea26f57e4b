// Method and path of what a browser calls before anybody is signed in; without schemas, as its first load fetches none.
import type { EndpointHead } from '../endpoint.ts';

export const entryHeads = {
  readSession: { method: 'GET', path: '/v4/sessions/current', access: 'viewer', status: 200 },
  signIn: { method: 'POST', path: '/v4/sessions', access: 'open', status: 201, idempotent: false },
  readWays: { method: 'GET', path: '/v4/signIn', access: 'open', status: 200 },
  singleSignOn: { method: 'GET', path: '/v4/signIn/singleSignOn', access: 'open', status: 302 },
  readSetup: { method: 'GET', path: '/v4/setup', access: 'open', status: 200 },
  setUp: { method: 'POST', path: '/v4/setup', access: 'open', status: 201, idempotent: false },
} as const satisfies Record<string, EndpointHead>;
