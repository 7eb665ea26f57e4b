// If-Match at every route that takes it: a thing that was changed since is not touched, and of several writers one wins.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import {
  showsVersion,
  takesIfMatch,
  type AnyEndpoint,
  type VersionedThing,
} from '@flowhook/contract/endpoint';
import { endpoints, endpointsByResource } from '@flowhook/contract/endpoints';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { fillPath } from '../../../test/client.ts';
import { describeOnBoth } from '../../../test/database.ts';
import { roleTable, scheduleOf, type Request } from '../../../test/role-table.ts';
import { makeRoleWorld, type RoleWorld } from '../../../test/role-world.ts';
import { startServer, type TestPerson, type TestServer } from '../../../test/server.ts';
import { until } from '../../../test/wait.ts';

interface Taker {
  readonly name: string;
  readonly endpoint: AnyEndpoint;
  /** Reads the thing that it changes. */
  readonly get: AnyEndpoint;
}

const takers: readonly Taker[] = Object.entries(endpointsByResource).flatMap(([resource, group]) => {
  const all = group as Readonly<Record<string, AnyEndpoint>>;
  return Object.entries(all)
    .filter(([, endpoint]) => takesIfMatch(endpoint))
    .map(([name, endpoint]) => ({ name: `${resource}.${name}`, endpoint, get: all['get']! }));
});
/** What is deleted goes before what it is in. */
const removals = [
  'writeSetting',
  'outputObject',
  'wrangledDataset',
  'webhookTask',
  'schedule',
  'flowParameter',
];
const rankOf = ({ name, endpoint }: Taker) => {
  if (endpoint.method !== 'DELETE') return -1;
  const place = removals.indexOf(name.split('.')[0]!);
  return place >= 0 ? place : name.startsWith('flow.') ? 99 : 50;
};

interface World extends RoleWorld {
  /** Of the same recipe: a list in the place of its files takes no file of the world away. */
  readonly spareOutputId: number;
}

/** Changes that differ from one another, by the thing. */
const changes: Readonly<Record<VersionedThing, (world: World, at: number) => Request>> = {
  flow: ({ flowId }, at) => ({ params: { id: flowId }, body: { description: `by ${at}` } }),
  dataset: ({ datasetId }, at) => ({ params: { id: datasetId }, body: { description: `by ${at}` } }),
  recipe: ({ recipeId }, at) => ({ params: { id: recipeId }, body: { sql: `select ${at} as one` } }),
  output: ({ spareOutputId }, at) => ({
    params: { id: spareOutputId },
    body: { writeSettings: [{ path: `raced/${at}.csv`, action: 'overwrite', format: 'csv' }] },
  }),
  writeSetting: ({ settingId }, at) => ({ params: { id: settingId }, body: { path: `raced/w${at}.csv` } }),
  schedule: ({ scheduleId, flowId }, at) => ({
    params: { id: scheduleId },
    body: { ...scheduleOf(flowId), name: `by ${at}` },
  }),
  parameter: ({ flowId, parameterId }, at) => ({
    params: { id: flowId, parameterId },
    body: { description: `by ${at}` },
  }),
  task: ({ taskId }, at) => ({ params: { id: taskId }, body: { body: `by ${at}` } }),
};

describeOnBoth('If-Match at a route', (_, dialect) => {
  let server: TestServer;
  let world: World;
  let rootDir: string;
  before(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'flowhook-versions-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: rootDir });
    const made = await makeRoleWorld(server, rootDir, null);
    const body = { flowNodeId: made.recipeId, isAdhoc: false };
    world = { ...made, spareOutputId: (await server.author.call(outputObjectEndpoints.create, { body })).id };
  });
  after(async () => {
    await server.stop();
    await rm(rootDir, { recursive: true });
  });

  const send = (endpoint: AnyEndpoint, asked: Request, ifMatch?: string, person = server.author) =>
    person.send(endpoint.method, fillPath(endpoint, asked), {
      ...asked,
      headers: { ...asked.headers, ...(ifMatch !== undefined && { 'if-match': ifMatch }) },
    });
  const read = async (get: AnyEndpoint, params: object | undefined, person?: TestPerson) => {
    const { status, headers, json } = await send(get, { ...(params && { params }) }, undefined, person);
    assert.equal(status, 200);
    return { version: String(headers['etag']), thing: json };
  };

  it('is taken wherever a thing that is read by itself is changed or deleted', () => {
    const missing = takers.filter(({ get }) => get?.method !== 'GET' || !showsVersion(get));
    assert.deepEqual(
      missing.map(({ name }) => name),
      [],
    );
    const kinds = new Set(endpoints.flatMap(({ versionOf = [] }) => versionOf));
    assert.deepEqual([...kinds].toSorted(), Object.keys(changes).toSorted());
  });

  /** The tag of each kind of thing, in the order of `changes`. */
  const readAll = () =>
    Promise.all(
      Object.entries(changes).map(async ([kind, change]) => {
        const { get } = takers.find(({ endpoint }) => endpoint.versionOf === kind)!;
        return (await read(get, change(world, 0).params)).version;
      }),
    );

  it('names versions that jobs and deliveries leave as they are, and every reader sees', async () => {
    const before = await readAll();
    const { id } = await server.author.call(jobs.create, {
      body: { wrangledDataset: { id: world.recipeId } },
    });
    await until(async () => (await server.author.call(jobs.status, { params: { id } })) === 'Complete');
    assert.deepEqual(await readAll(), before);
    assert.equal(new Set(before).size, before.length);
    const params = { id: world.flowId };
    assert.deepEqual(
      (await read(flowEndpoints.get, params, server.administrator)).version,
      (await read(flowEndpoints.get, params)).version,
    );
  });

  it('comes with what is made, and not with what is made again', async () => {
    const body = { name: 'Made', flowId: world.flowId, url: 'https://role-table.invalid/', method: 'post' };
    const asked = { body: { ...body, triggerEvent: 'onJobDone', triggerObject: 'any' } };
    const headers = { 'idempotency-key': 'made-twice' };
    const [first, second] = [
      await send(webhookTaskEndpoints.create, { ...asked, headers }),
      await send(webhookTaskEndpoints.create, { ...asked, headers }),
    ];
    const { id } = first.json as { id: number };
    const { version } = await read(webhookTaskEndpoints.get, { id });
    assert.deepEqual([first.status, first.headers['etag']], [201, version]);
    assert.deepEqual([second.status, second.headers['etag']], [201, undefined]);
  });

  for (const [kind, change] of Object.entries(changes))
    it(`lets one of several writers of a ${kind} win, and the others nothing`, async () => {
      const { endpoint, get } = takers.find(
        (each) => each.endpoint.versionOf === kind && /change|replace$/u.test(each.name),
      )!;
      const { params } = change(world, 0);
      const { version } = await read(get, params);
      const answers = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((at) => send(endpoint, change(world, at), version)),
      );
      const statuses = answers.map(({ status }) => status);
      assert.deepEqual(
        statuses.toSorted((a, b) => a - b),
        [200, 412, 412, 412, 412, 412],
        answers[0]!.text,
      );
      const won = statuses.indexOf(200) + 1;
      const after = await read(get, params);
      assert.equal(after.version, answers[won - 1]!.headers['etag']);
      assert.ok(JSON.stringify(after.thing).includes(`${won}`));
      for (const at of [1, 2, 3, 4, 5, 6].filter((each) => each !== won)) {
        const text = JSON.stringify(after.thing);
        assert.ok(!new RegExp(`by ${at}|select ${at} |raced/w?${at}\\.csv`, 'u').test(text), text);
        assert.equal((answers[at - 1]!.json as { code: string }).code, 'precondition_failed');
      }
    });

  for (const taker of takers.toSorted((a, b) => rankOf(a) - rankOf(b)))
    it(`${taker.name} is done to the version that is named, and to no other`, async () => {
      const { name, endpoint, get } = taker;
      const asked = roleTable[name]!.request(world);
      const before = await read(get, asked.params);
      const refused = async (ifMatch: string, status: number) => {
        const answer = await send(endpoint, asked, ifMatch);
        assert.equal(answer.status, status, `${ifMatch}: ${answer.text}`);
        assert.deepEqual(await read(get, asked.params), before);
        return answer.json as { code: string; etag?: string };
      };
      const { code, etag } = await refused('"another"', 412);
      assert.deepEqual([code, etag], ['precondition_failed', before.version]);
      await refused(`W/${before.version}, "another"`, 412);
      await refused(before.version.replaceAll('"', ''), 400);
      const done = await send(endpoint, asked, `"another", ${before.version}`);
      assert.equal(done.status, endpoint.status, done.text);
      if (!showsVersion(endpoint)) {
        assert.equal(done.headers['etag'], undefined);
        return;
      }
      assert.equal(done.headers['etag'], (await read(get, asked.params)).version);
      assert.equal((await send(endpoint, asked, '*')).status, endpoint.status);
      assert.equal((await send(endpoint, asked)).status, endpoint.status, 'without it all is as ever');
    });

  it('tells nobody of what they may not see', async () => {
    const { id } = await server.author.call(flowEndpoints.create, { body: { name: 'Hidden' } });
    const stranger = await server.addPerson('author');
    const schedule = await server.author.call(scheduleEndpoints.create, { body: scheduleOf(id) });
    const asked = { params: { id }, body: { name: 'Mine' } };
    assert.equal((await send(flowEndpoints.change, asked, '"another"', stranger)).status, 404);
    const other = { params: { id: schedule.id }, body: scheduleOf(id) };
    assert.equal((await send(scheduleEndpoints.replace, other, '"another"', stranger)).status, 404);
    const gone = await send(flowEndpoints.change, { ...asked, params: { id: 999_999 } }, '"another"');
    assert.deepEqual([gone.status, gone.headers['etag']], [404, undefined]);
  });
});
