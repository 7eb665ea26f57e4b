// Every role against every endpoint: who may call what, by one table. An endpoint without a row fails here.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { request } from 'undici';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { endpoints, endpointsByResource } from '@flowhook/contract/endpoints';
import { describeOnBoth } from '../../test/database.ts';
import { fillPath } from '../../test/client.ts';
import { callerNames, type Cell } from '../../test/role-pattern.ts';
import { roleTable, type Row } from '../../test/role-table.ts';
import {
  giveRole,
  makeNarrowed,
  makeRoleCallers,
  makeRoleWorld,
  type RoleCaller,
  type RoleWorld,
} from '../../test/role-world.ts';
import { startServer, type TestServer } from '../../test/server.ts';

const named = Object.entries(endpointsByResource).flatMap(([resource, group]) =>
  Object.entries(group as Readonly<Record<string, AnyEndpoint>>).map(
    ([name, endpoint]) => [`${resource}.${name}`, endpoint] as const,
  ),
);

/** The line to add for an endpoint, with the pattern that its kind suggests. */
function suggestRow(name: string, { method, path, access, readOnly }: AnyEndpoint): string {
  const onFlow = path.includes('/:id') && access !== 'administrator';
  const patternName =
    access === 'open'
      ? 'open'
      : access === 'administrator'
        ? 'administer'
        : onFlow
          ? readOnly
            ? 'readFlow'
            : 'editFlow'
          : readOnly
            ? 'listFlow'
            : 'editFlow';
  const params = path.includes('/:id') ? ", byId('flowId')" : '';
  const taking = method === 'DELETE' ? ', fresh' : '';
  return `  '${name}': row(patterns.${patternName}${params}${taking}), // ${method} ${path}`;
}

interface Asked {
  readonly own: RoleWorld;
  readonly asker: RoleCaller;
}

/** Who is refused takes nothing away. */
const needsOwn = (row: Row, cell: Cell) => row.fresh === true && typeof cell !== 'number';

describeOnBoth('the role table', (_, dialect) => {
  let server: TestServer;
  let world: RoleWorld;
  let callers: RoleCaller[];
  let rootDir: string;
  before(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'flowhook-roles-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: rootDir });
    world = await makeRoleWorld(server, rootDir, null);
    callers = await makeRoleCallers(server, world);
  });
  after(async () => {
    await server.stop();
    await rm(rootDir, { recursive: true });
  });

  it('has a row for every endpoint, and for nothing else', () => {
    const missing = named.filter(([name]) => roleTable[name] === undefined);
    const lines = missing.map(([name, endpoint]) => suggestRow(name, endpoint));
    assert.equal(
      missing.length,
      0,
      `${missing.length} endpoints have no row in packages/server/test/role-table.ts. Add (look whether the pattern and the ids are right; what the request needs stands in role-world.ts):\n${lines.join('\n')}`,
    );
    assert.equal(named.length, endpoints.length);
    assert.deepEqual(
      Object.keys(roleTable).filter((name) => !named.some(([known]) => known === name)),
      [],
      'rows without an endpoint: take them out of packages/server/test/role-table.ts',
    );
    for (const [name, { cells }] of Object.entries(roleTable))
      assert.equal(cells.length, callerNames.length, `the cells of ${name}`);
  });

  for (const [name, endpoint] of named) {
    const row = roleTable[name];
    if (row === undefined) continue;
    it(`${name}: ${endpoint.method} ${endpoint.path}`, async () => {
      const wrong: string[] = [];
      // Worlds to take apart are made side by side: each waits for the engine and the disk more than it works.
      const owned = await Promise.all(
        callers.map(async (caller, index) => (needsOwn(row, row.cells[index]!) ? makeOwn(caller) : null)),
      );
      for (const [index, caller] of callers.entries()) {
        const asked = owned[index] ?? { own: world, asker: caller };
        const fault = await judge(endpoint, row, asked, row.cells[index]!);
        if (fault !== null) wrong.push(`${caller.name}: ${fault}`);
      }
      assert.equal(wrong.length, 0, `${endpoint.method} ${endpoint.path}\n${wrong.join('\n')}`);
    });
  }

  async function judge(
    endpoint: AnyEndpoint,
    row: Row,
    { own, asker }: Asked,
    cell: Cell,
  ): Promise<string | null> {
    const denied = typeof cell === 'number';
    await giveRole(server, own, asker);
    const asked = row.request({ ...own, callerFlowIds: asker.flowIds });
    const { status, text } = await send(endpoint, asker, asked);
    if (denied) {
      if (status !== cell) return `expected ${cell}, got ${status}: ${text.slice(0, 300)}`;
      return text.includes(own.marker) ? `was told the name of what is hidden: ${text}` : null;
    }
    if (status !== endpoint.status && row.also?.includes(status) !== true)
      return `expected ${endpoint.status}, got ${status}: ${text.slice(0, 300)}`;
    if (cell === 'ok') return null;
    const empty = isEmpty(text);
    return empty === (cell === 'blind') ? null : `should be ${cell}: ${text.slice(0, 300)}`;
  }

  /** A world to take apart, and who asks for it: a bound token is bound to it. */
  async function makeOwn(caller: RoleCaller): Promise<Asked> {
    const own = await makeRoleWorld(server, rootDir, world);
    const bound = caller.flowIds?.includes(world.flowId) === true;
    const narrowed = bound ? await makeNarrowed(server, { flowIds: [own.flowId] }) : {};
    return { own, asker: { ...caller, ...narrowed } };
  }

  async function send(endpoint: AnyEndpoint, caller: RoleCaller, asked: ReturnType<Row['request']>) {
    const path = fillPath(endpoint, asked);
    if (endpoint.replyType !== 'text/event-stream') return caller.send(endpoint.method, path, asked);
    const headers = caller.token === null ? {} : { authorization: `Bearer ${caller.token}` };
    const answer = await request(`${server.url}${path}`, { headers });
    answer.body.on('error', () => undefined).destroy();
    return { status: answer.statusCode, text: '' };
  }
});

function isEmpty(text: string): boolean {
  const { data, count } = JSON.parse(text) as { data?: unknown[]; count?: number };
  return data === undefined ? count === 0 : data.length === 0;
}
