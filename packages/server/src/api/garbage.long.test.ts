// Whatever is sent to a route, it answers with a problem that has a code, never with a 500: every endpoint of the contract.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import * as fc from 'fast-check';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { endpointsByResource } from '@flowhook/contract/endpoints';
import { problem } from '@flowhook/contract/problem';
import { describeOnBoth } from '../../test/database.ts';
import type { RawAnswer, Sending } from '../../test/client.ts';
import { byFullness } from '../../test/full.ts';
import { roleTable } from '../../test/role-table.ts';
import { makeRoleWorld, type RoleWorld } from '../../test/role-world.ts';
import { startServer, type TestPerson, type TestServer } from '../../test/server.ts';

/** Not called: its answer has no end. Its own tests send it garbage. */
const endless = new Set(['eventStream.open']);
const all = Object.entries(endpointsByResource)
  .flatMap(([resource, group]) =>
    Object.entries(group as Readonly<Record<string, AnyEndpoint>>).map(
      ([name, endpoint]) => [`${resource}.${name}`, endpoint] as const,
    ),
  )
  .filter(([name]) => !endless.has(name));

const long = 'x'.repeat(5000);
const hostileTexts = [
  '',
  '\0',
  '\uD800',
  "'; drop table people; --",
  '-1',
  '1e999',
  '../../etc/passwd',
  '$jobId',
  long,
];
const hostileIds = ['0', '-1', '1.5', '999999999', '9007199254740993', 'x', '%', '\u{1F600}', long];
const nasty = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...hostileTexts));
const leaf = fc.oneof(nasty, fc.double(), fc.integer(), fc.boolean(), fc.constantFrom(null, 2 ** 53, [], {}));
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(nasty, fc.constantFrom('id', 'data', '__proto__')), tie('value'), { maxKeys: 4 }),
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

/** Bodies that no route takes, whatever it does. */
const brokenBodies: readonly Sending[] = [
  { body: '{"a":' },
  { body: '{'.repeat(3000) },
  { body: '[]' },
  { body: 'null' },
  { body: '"text"' },
  { body: '{"__proto__":{"id":1}}' },
  { body: new Uint8Array([0xff, 0xfe, 0x00]) },
  { body: '{}', headers: { 'content-type': 'text/plain' } },
  { body: '{}', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  { body: '{}', headers: { 'content-type': 'nonsense' } },
];
const tenMegabytes = Buffer.from(JSON.stringify({ name: 'x'.repeat(10 * 1024 * 1024) }));

/** SQL that is no recipe: several statements, files, settings, other than a SELECT. */
const hostileSql = [
  'select 1; select 2',
  'select 1; drop table x',
  "select * from read_csv('/etc/passwd')",
  "select * from '/etc/passwd'",
  "select * from read_text('/proc/self/environ')",
  "copy (select 1) to '/tmp/x'",
  'install httpfs',
  "attach '/tmp/x.db'",
  'pragma version',
  'select',
];

describeOnBoth('garbage', (_, dialect) => {
  let server: TestServer;
  let world: RoleWorld;
  let stranger: TestPerson;
  let rootDir: string;
  before(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'flowhook-garbage-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: rootDir });
    world = await makeRoleWorld(server, rootDir, null);
    stranger = await server.addPerson('author');
  });
  after(async () => {
    await server.stop();
    await rm(rootDir, { recursive: true });
  });

  /** A document that is put takes away what it does not name. */
  const isTaking = ({ method, path }: AnyEndpoint) =>
    method === 'DELETE' || (method === 'PUT' && path.endsWith('/document'));

  async function send(
    person: TestPerson,
    endpoint: AnyEndpoint,
    path: string,
    sending: Sending,
  ): Promise<RawAnswer> {
    const type = { 'content-type': 'application/json' };
    const answer = await person.send(endpoint.method, path, {
      ...sending,
      headers: { ...type, ...sending.headers },
    });
    const shown = `${endpoint.method} ${path.slice(0, 200)}: ${answer.text.slice(0, 500)}`;
    assert.ok(answer.status < 500, shown);
    if (answer.status >= 400) assert.ok(problem.parse(answer.json).code !== '', shown);
    return answer;
  }

  for (const [name, endpoint] of all) {
    const hasBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE';
    const good = () => {
      // A row that is missing fails the test of that table; what it would hold is not needed here.
      const { params = {}, body } = roleTable[name]?.request(world) ?? {};
      return { path: fill(endpoint.path, params as Record<string, unknown>), body };
    };

    it(`to ${name} is answered with a problem`, async () => {
      for (const id of hostileIds) {
        if (!endpoint.path.includes(':')) break;
        const path = endpoint.path.replaceAll(/:\w+/gu, encode(id));
        const { status } = await send(server.administrator, endpoint, path, hasBody ? { body: '{}' } : {});
        assert.ok(status >= 400 || isHarmless(endpoint), `${name} ${id}: ${status}`);
      }
      if (hasBody) {
        for (const body of brokenBodies) await send(server.administrator, endpoint, good().path, body);
        if (endpoint.requestType === undefined && !isBodiless(endpoint)) {
          const { status } = await send(server.administrator, endpoint, good().path, { body: tenMegabytes });
          assert.equal(status, endpoint.largestBody === undefined ? 413 : 400, name);
        }
      }
      // Other people's objects, named where one's own are meant.
      const { path, body } = good();
      if (endpoint.access !== 'open' && !isTaking(endpoint) && typeof body === 'object')
        await send(stranger, endpoint, path, { body });
    });

    it(`to ${name}, much like what it takes, is answered with a problem`, async () => {
      const call = fc.record({
        query: anyQuery,
        value: anyValue,
        place: fc.nat(20),
        id: fc.constantFrom(...hostileIds),
      });
      await fc.assert(
        fc.asyncProperty(call, async ({ query, value, place, id }) => {
          const { path, body } = good();
          const aimed = isTaking(endpoint) ? endpoint.path.replaceAll(/:\w+/gu, encode(id)) : path;
          const changed = isPlain(body) ? replaceOne(body, place, value) : value;
          const text = new URLSearchParams(query).toString();
          const sending = hasBody ? { body: JSON.stringify(changed) ?? '' } : {};
          await send(server.author, endpoint, `${aimed}?${text}`, sending);
        }),
        { numRuns: byFullness(40, 8) },
      );
    });
  }

  it('as SQL is refused with the field, wherever SQL is taken', async () => {
    const taking = all.filter(([name]) => /^wrangledDataset\.(?:create|change|check)$/u.test(name));
    assert.equal(taking.length, 3);
    for (const [name, endpoint] of taking)
      for (const sql of hostileSql) {
        const { params = {}, body } = roleTable[name]!.request(world);
        const path = fill(endpoint.path, params as Record<string, unknown>);
        const answer = await send(server.author, endpoint, path, { body: { ...(body as object), sql } });
        const refused = answer.status === 400 || (answer.json as { valid?: boolean }).valid === false;
        assert.ok(refused, `${name} took ${sql}: ${answer.text}`);
      }
  });

  it('has taken nothing away', async () => {
    assert.equal((await server.administrator.send('GET', '/v4/people/current')).status, 200);
    assert.equal((await server.author.send('GET', '/v4/people/current')).status, 200);
  });
});

/** Ids in its path are no objects: it looks at none, as a sign-in does. */
function isHarmless({ access }: AnyEndpoint): boolean {
  return access === 'open';
}

function isBodiless({ body }: AnyEndpoint): boolean {
  return body.safeParse(undefined).success;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}

/** The body with one of its values, at any depth, replaced; or with a member more. */
function replaceOne(body: Record<string, unknown>, place: number, value: unknown): Record<string, unknown> {
  const names = Object.keys(body);
  const name = names[place % (names.length + 1)];
  if (name === undefined) return { ...body, more: value };
  const old = body[name];
  const isDeep = isPlain(old) && !Array.isArray(old) && place % 2 === 0;
  return { ...body, [name]: isDeep ? replaceOne(old, Math.floor(place / 2), value) : value };
}

function fill(path: string, params: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/:(\w+)/gu, (_, name: string) => encode(String(params[name])));
}

/** Lone surrogates can't be encoded. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()) || '0';
}
