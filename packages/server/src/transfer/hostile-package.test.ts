// Packages made to break things: each is refused with a clear problem, and nothing of it is left behind.
import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import { after, before, it } from 'node:test';
import { problem } from '@flowhook/contract/problem';
import { describeOnBoth } from '../../test/database.ts';
import {
  foreignDocument,
  foreignFlow,
  packageOf,
  sendPackage,
  zipOf,
  type ForeignFlow,
} from '../../test/foreign-package.ts';
import { startServer, type TestServer } from '../../test/server.ts';

/** A flow with one thing spoiled. */
function spoiled(spoil: (flow: ForeignFlow) => object | undefined): Promise<Buffer> {
  const flow = foreignFlow();
  return packageOf(foreignDocument([{ ...flow, ...spoil(flow) }]));
}

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const text = JSON.stringify(foreignDocument());
const withSteps = (steps: string) => text.replace(/"steps":\[\{.*?\}\]/u, `"steps":${steps}`);

/** A zip whose only entry promises little and unpacks to a lot. */
function bomb(name: string, megabytes: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(megabytes * 1024 * 1024, 0x20));
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(100, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(20, 6);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(100, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  const title = Buffer.from(name);
  return Buffer.concat([local, title, packed, central, title, end]);
}

type Case = [what: string, make: () => Promise<Buffer> | Buffer, status: number, says: RegExp];

const cases: Case[] = [
  ['no zip', () => Buffer.from('no zip at all'), 400, /no zip that can be read/u],
  ['an empty file', () => Buffer.alloc(0), 400, /no zip that can be read/u],
  ['a zip that breaks off', async () => (await packageOf(text)).subarray(0, -30), 400, /no zip/u],
  ['a zip without a document', () => zipOf({ 'readme.txt': 'x' }), 400, /no JSON document/u],
  ['two documents', () => zipOf({ 'a.json': text, 'b.json': text }), 400, /2 JSON documents/u],
  [
    'a name that leads out',
    async () => rename(await packageOf(text, 'aa/flow.json'), '../flow.json'),
    400,
    /no zip/u,
  ],
  ['an absolute name', async () => rename(await packageOf(text, 'aflow.json'), '/flow.json'), 400, /no zip/u],
  [
    'more files than anybody packs',
    () => zipOf(Object.fromEntries([...Array(1100).keys()].map((n) => [`${n}.txt`, '']))),
    400,
    /more than 1000 files/u,
  ],
  ['a size that is a lie', () => bomb('flow.json', 20), 400, /no zip|too many bytes/u],
  ['40 MB of spaces in 40 KB', () => zipOf({ 'flow.json': ' '.repeat(40 * 1024 * 1024) }), 413, /250 times/u],
  [
    '100 MB of JSON',
    () => zipOf({ 'flow.json': `["${'x'.repeat(100 * 1024 * 1024)}"]` }),
    413,
    /larger than 48 MiB/u,
  ],
  ['broken JSON', () => packageOf('{"type": "flow", '), 400, /neither JSON nor JSON5/u],
  [
    'bytes that are no text',
    () => zipOf({ 'flow.json': Buffer.from([0x7b, 0xff, 0xfe]) }),
    400,
    /not UTF-8/u,
  ],
  ['deep nesting', () => packageOf(withSteps(deep(100_000))), 400, /nested deeper than 200/u],
  [
    'deep nesting in JSON5',
    () => packageOf(`// x\n${withSteps(deep(100_000))}`),
    400,
    /nested deeper than 200/u,
  ],
  ['NUL in a text', () => spoiled(() => ({ name: 'a\0b' })), 400, /NUL/u],
  [
    'a name that would vanish',
    () => packageOf(text.replace('"data":{', '"data":{"__proto__":{},')),
    400,
    /data\.__proto__/u,
  ],
  [
    'the same in JSON5',
    () => packageOf(`// x\n${text.replace('"data":{', '"data":{__proto__:{},')}`),
    400,
    /data\.__proto__/u,
  ],
  ['a list instead of a document', () => packageOf([]), 400, /must be an object/u],
  ['another kind of artifact', () => packageOf({ ...foreignDocument(), type: 'plan' }), 400, /type "flow"/u],
  ['no flows', () => packageOf(foreignDocument([])), 400, /data\.flows/u],
  ['flows that are no list', () => packageOf(foreignDocument('x')), 400, /data\.flows: must be a list/u],
  [
    'a hundred flows',
    () => packageOf(foreignDocument(Array(100).fill(foreignFlow()))),
    400,
    /more than 50 flows/u,
  ],
  [
    'six thousand nodes',
    () => spoiled((flow) => ({ flownodes: Array(6000).fill(flow.flownodes[0]) })),
    400,
    /flownodes: holds more than 5000/u,
  ],
  [
    'a million empty things',
    () => spoiled(() => ({ flownodes: Array.from({ length: 1_000_000 }, () => ({})) })),
    413,
    /250 times/u,
  ],
  [
    'ids that are texts',
    () => spoiled((flow) => ({ flownodes: [{ ...flow.flownodes[0], id: '501' }] })),
    400,
    /flownodes\[0\]\.id: must be a/u,
  ],
  ['a name that is an object', () => spoiled(() => ({ name: {} })), 400, /name: must be a text/u],
  [
    'a node given twice',
    () => spoiled((flow) => ({ flownodes: [...flow.flownodes, flow.flownodes[0]] })),
    400,
    /flownodes\[4\]\.id: 501 is given twice/u,
  ],
  [
    'a task given twice',
    () => spoiled((flow) => ({ webhookflowtasks: [flow.webhookflowtasks[0], flow.webhookflowtasks[0]] })),
    400,
    /webhookflowtasks\[1\]\.id/u,
  ],
  [
    'a flow given twice',
    () => packageOf(foreignDocument([foreignFlow(), foreignFlow()])),
    400,
    /data\.flows\[1\]\.id/u,
  ],
  [
    'an edge from nowhere',
    () => spoiled((flow) => ({ flowedges: [{ ...flow.flowedges[0], inFlowNodeId: 7 }] })),
    400,
    /flowedges\[0\]\.inFlowNodeId: names no flow node/u,
  ],
  [
    'a dataset that reads',
    () => spoiled((flow) => ({ flowedges: [{ ...flow.flowedges[0], outFlowNodeId: 502 }] })),
    400,
    /datasets read nothing/u,
  ],
  [
    'a node without its recipe',
    () => spoiled((flow) => ({ recipes: flow.recipes.slice(1) })),
    400,
    /scriptId: names no recipe/u,
  ],
  [
    'an output of nothing',
    () => spoiled((flow) => ({ outputobjects: [{ ...flow.outputobjects[0], flowNodeId: 7 }] })),
    400,
    /outputobjects\[0\]\.flowNodeId/u,
  ],
  [
    'a task that watches nothing there is',
    () =>
      spoiled((flow) => ({ webhookflowtasks: [{ ...flow.webhookflowtasks[0], flownodes: [{ id: 7 }] }] })),
    400,
    /flownodes\[0\]\.id: names no flow node/u,
  ],
  [
    'a circle',
    () =>
      spoiled((flow) => ({
        flowedges: [...flow.flowedges, { id: 9, inFlowNodeId: 504, outFlowNodeId: 503 }],
      })),
    400,
    /in a circle: 503, 504/u,
  ],
  [
    'a recipe that reads itself',
    () =>
      spoiled((flow) => ({
        flowedges: [...flow.flowedges, { id: 9, inFlowNodeId: 504, outFlowNodeId: 504 }],
      })),
    400,
    /in a circle: 504/u,
  ],
  [
    'an unknown method',
    () => spoiled((flow) => ({ webhookflowtasks: [{ ...flow.webhookflowtasks[0], method: 'brew' }] })),
    400,
    /method: must be one of/u,
  ],
  [
    'more tasks than a flow may have',
    () =>
      spoiled((flow) => ({
        webhookflowtasks: [...Array(51).keys()].map((id) => ({ ...flow.webhookflowtasks[0], id })),
      })),
    409,
    /comes with 51 webhook tasks/u,
  ],
  [
    'a package before 6.8',
    () =>
      packageOf({ metadata: { trifactaVersion: '5.1.0+12' }, data: { editablescripts: [], flownodes: [] } }),
    400,
    /version 5\.1\.0\+12/u,
  ],
];

/** Another name of the same length, in both places where a zip has it. */
function rename(zip: Buffer, name: string): Buffer {
  const length = Buffer.byteLength(name);
  for (const [signature, at, lengthAt] of [
    [0x04034b50, 30, 26],
    [0x02014b50, 46, 28],
  ] as const) {
    const mark = Buffer.alloc(4);
    mark.writeUInt32LE(signature);
    const start = zip.indexOf(mark);
    assert.equal(zip.readUInt16LE(start + lengthAt), length);
    zip.write(name, start + at);
  }
  return zip;
}

describeOnBoth('a hostile package', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());

  const countRows = async () => {
    const counts = [];
    for (const table of ['flows', 'flow_nodes', 'datasets', 'recipes', 'outputs', 'webhook_tasks'] as const) {
      const { count } = await server.app.db.read
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      counts.push(count);
    }
    return counts;
  };

  for (const [what, make, status, says] of cases)
    it(`is refused with ${what}`, async () => {
      const rows = await countRows();
      const content = await make();
      for (const dryRun of [true, false]) {
        const answer = await sendPackage(server.author, content, { dryRun });
        assert.equal(answer.status, status, answer.text.slice(0, 500));
        assert.match(problem.parse(answer.json).detail, says);
        assert.ok(answer.text.length < 100_000);
      }
      assert.deepEqual(await countRows(), rows);
      await server.nobody.send('GET', '/healthz');
    });

  it('leaves nothing of its first flow where the second fails as it is written', async () => {
    const rows = await countRows();
    const second = { ...foreignFlow(), id: 32, name: 'x' };
    const { db } = server.app;
    const limit = { 'webapp.webhookSettings.tasksPerFlow': 1 };
    await server.app.workspace.change(limit, server.administrator.id);
    const tasks = [1, 2].map((id) => ({ ...second.webhookflowtasks[0]!, id }));
    const flows = [foreignFlow(), { ...second, webhookflowtasks: tasks }];
    const answer = await sendPackage(server.author, await packageOf(foreignDocument(flows)));
    assert.equal(answer.status, 409, answer.text);
    assert.deepEqual(await countRows(), rows);
    assert.equal(db.read.dialect, dialect);
  });

  it('is no package with members that nobody knows: they are named and dropped', async () => {
    const flow = { ...foreignFlow(), webhookflowtasks: [], surprise: { a: 1 } };
    const answer = await sendPackage(server.author, await packageOf(foreignDocument([flow])));
    assert.equal(answer.status, 201, answer.text);
    assert.match(answer.text, /data\.flows\[\]\.surprise is not kept/u);
  });
});
