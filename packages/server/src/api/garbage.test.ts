// Whatever is sent to a route, it answers with a problem that has a code, never with a 500.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import * as fc from 'fast-check';
import { accessTokenEndpoints } from '@flowhook/contract/access-token';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { eventStreamEndpoints } from '@flowhook/contract/event-stream';
import { healthEndpoints } from '@flowhook/contract/health';
import { personEndpoints } from '@flowhook/contract/person';
import { problem } from '@flowhook/contract/problem';
import { sessionEndpoints } from '@flowhook/contract/session';
import { setupEndpoints } from '@flowhook/contract/setup';
import { workspaceEndpoints } from '@flowhook/contract/workspace';
import { describeOnBoth } from '../../test/database.ts';
import { startServer, type TestServer } from '../../test/server.ts';

// What is removed or changed here would be the callers themselves.
const { remove: _remove, change: _change, resetPassword: _reset, ...people } = personEndpoints;
const { open: _open } = eventStreamEndpoints;
const endpoints: readonly AnyEndpoint[] = [
  ...Object.values(people),
  ...Object.values(accessTokenEndpoints),
  ...Object.values(sessionEndpoints),
  ...Object.values(setupEndpoints),
  ...Object.values(workspaceEndpoints),
  ...Object.values(healthEndpoints),
];

const names = [
  'id',
  'email',
  'name',
  'role',
  'password',
  'description',
  'lifetimeSeconds',
  'flowIds',
  'token',
];
const keys = [
  ...names,
  'readOnly',
  'configuration',
  'key',
  'value',
  'webapp.webhookSettings.timeLimit',
  '__proto__',
];
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '\uD800',
    "'; drop table people; --",
    '-1',
    '1e999',
    'x@example.com',
    'x'.repeat(5000),
  ),
);
const leaf = fc.oneof(
  nasty,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(2 ** 53),
);
const { value: anyBody } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...keys), nasty), tie('value'), { maxKeys: 6 }),
  ),
}));
const queryNames = [
  'limit',
  'offset',
  'sort',
  'filter',
  'filterFields',
  'fields',
  'embed',
  'noLimit',
  'after',
];
const anyQuery = fc.dictionary(fc.oneof(fc.constantFrom(...queryNames), nasty), nasty, { maxKeys: 4 });
const anyCall = fc.record({
  index: fc.nat(endpoints.length - 1),
  params: fc.array(fc.oneof(nasty, fc.constantFrom('0', '999999', '-1', '1.5', '%')), {
    minLength: 3,
    maxLength: 3,
  }),
  query: anyQuery,
  body: fc.oneof(
    anyBody.map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 40 }),
    fc.constant('{'.repeat(3000)),
  ),
  type: fc.constantFrom(
    'application/json',
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'x',
  ),
});

describeOnBoth('garbage', (_, engine) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(engine);
  });
  after(() => server.stop());

  it('is answered with a problem, never with a 500', async () => {
    await fc.assert(
      fc.asyncProperty(anyCall, async ({ index, params, query, body, type }) => {
        const endpoint = endpoints[index]!;
        let at = 0;
        const path = endpoint.path.replaceAll(/:\w+/gu, () => encode(params[at++]!) || '0');
        const text = new URLSearchParams(query);
        const hasBody = endpoint.method !== 'GET';
        const answer = await server.administrator.send(endpoint.method, `${path}?${text.toString()}`, {
          headers: hasBody ? { 'content-type': type } : {},
          ...(hasBody && { body }),
        });
        assert.ok(answer.status < 500, `${endpoint.method} ${path}: ${answer.text}`);
        if (answer.status >= 400) problem.parse(answer.json);
      }),
      { numRuns: 400 },
    );
  });
});

/** Lone surrogates can't be encoded. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
