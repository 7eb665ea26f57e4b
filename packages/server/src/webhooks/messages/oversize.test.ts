// Proves that no number of references makes a request large: it is bounded while it grows, and facts are written once.
import assert from 'node:assert/strict';
import { after, before, it, test } from 'node:test';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../test/database.ts';
import { startHookServer, type HookServer } from '../../../test/hook-server.ts';
import { makeFacts } from '../../../test/webhook-facts.ts';
import { compileTask, type TaskOfNow } from './compiled-task.ts';
import { composeRequest } from './composition.ts';
import type { Facts, JsonValue } from './fact.ts';
import { freezeBody } from './frozen-body.ts';
import { importNodeHmac } from './hmac.ts';
import { maxHeaderBytes, Oversize } from './oversize.ts';
import { parseTemplate, renderWith } from './template.ts';

const plain: TaskOfNow = {
  url: 'https://hooks.example.com/x',
  method: 'post',
  headers: {},
  secretHeaders: [],
  body: null,
  secretKey: null,
  secrets: {},
  sslVerification: true,
  urlSecret: false,
};

async function compose(change: Partial<TaskOfNow>, facts: Facts) {
  const task = { ...plain, ...change };
  const compiled = await compileTask(task, { version: '1', importHmac: importNodeHmac });
  assert.ok(compiled.ok);
  const frozen = freezeBody(parseTemplate(task.body ?? ''), facts);
  assert.ok(frozen.ok);
  return composeRequest(compiled.task, {
    publicId: 'f3b1c9f2',
    body: task.body === null ? null : frozen.body,
    facts,
    eventKind: 'job.success',
    attempt: 1,
    hop: 1,
    time: 1,
  });
}

/** Facts that count how often they are turned into text. */
function countWriting(external: Record<string, JsonValue>) {
  const counted = { times: 0 };
  const noted = {
    toJSON() {
      counted.times += 1;
      return external;
    },
  };
  return { counted, facts: makeFacts({ external: noted as never }) };
}

const long = { text: 'x'.repeat(20_000) };
const refused = (field: string) => (error: unknown) =>
  error instanceof Oversize && error.errors[0]?.field === field;

test('each part of a request has its bound, and says which it is', async () => {
  const facts = makeFacts({ external: { ...long, wide: '\u{1F600}'.repeat(700), some: 'y'.repeat(4000) } });
  const cases: [Partial<TaskOfNow>, string][] = [
    [{ headers: { 'X-A': '$facts'.repeat(100) } }, 'headers.X-A'],
    [{ headers: { 'X-A': '$secret.k'.repeat(3) }, secrets: { k: 's'.repeat(3000) } }, 'headers.X-A'],
    [{ url: `https://hooks.example.com/${'$facts'.repeat(100)}` }, 'url'],
    [{ url: 'https://hooks.example.com/?q=$facts.wide' }, 'url'],
    [{ url: `https://hooks.example.com/?${'$secret.k'.repeat(3)}`, secrets: { k: 's'.repeat(3000) } }, 'url'],
    [{ body: '$secret.k'.repeat(300), secrets: { k: 's'.repeat(4000) } }, 'body'],
    [
      { headers: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`X-${at}`, '$facts.some'])) },
      'headers',
    ],
  ];
  for (const [change, field] of cases) await assert.rejects(compose(change, facts), refused(field), field);
  assert.ok(!freezeBody(parseTemplate('$facts'.repeat(100)), facts).ok);
});

test('what fits goes out whole', async () => {
  const facts = makeFacts({ external: { some: 'y'.repeat(4000) } });
  const headers = Object.fromEntries(
    Array.from({ length: 8 }, (_, at) => [`X-${at}`, '$facts.some$facts.some']),
  );
  const { request } = await compose({ headers, url: 'https://hooks.example.com/$facts.some' }, facts);
  assert.equal(request.headers['X-7']?.length, 8000);
  assert.equal(request.url.length, 'https://hooks.example.com/'.length + 4000);
});

test('facts are turned into text once a place, however many references name them', async () => {
  for (const many of [1, 1000]) {
    const { counted, facts } = countWriting({});
    const text = '$facts'.repeat(many);
    await compose({ body: `[${Array(many).fill('$facts').join(',')}]`, headers: { 'X-A': text } }, facts);
    assert.equal(counted.times, 2, `${many} references`);
  }
});

test('no more is written than what goes beyond the bound', () => {
  const facts = makeFacts({ external: long });
  let written = 0;
  const write = (value: string) => {
    written += 1;
    return value;
  };
  const template = parseTemplate('$facts'.repeat(100_000));
  assert.equal(renderWith(template, { facts, secrets: new Map(), write, max: maxHeaderBytes }), null);
  assert.equal(written, 3);
});

describeOnBoth('A request that grows beyond its bounds', (_, engine) => {
  let hooks: HookServer;
  before(async () => {
    hooks = await startHookServer(engine);
  });
  after(() => hooks.stop());

  it('is refused by preview and test with the field', async () => {
    const { author } = hooks.server;
    const headers = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`X-${at}`, '$personEmail'.repeat(682)]),
    );
    const url = `${hooks.receiver.url}/x`;
    for (const [change, field] of [
      [{ url, headers }, 'headers.X-0'],
      [{ url: `${url}?${'$personEmail'.repeat(600)}` }, 'url'],
    ] as const)
      for (const endpoint of [webhookTaskEndpoints.preview, webhookTaskEndpoints.test] as const) {
        const { errors } = await author.refused(endpoint, 400, { body: { method: 'get', ...change } });
        assert.deepEqual(
          errors.map((each) => each.field),
          [field],
        );
      }
    const taken = hooks.receiver.received.length;
    assert.equal(taken, 0);
  });

  it('is dead with a reason of its own after one attempt, and the server answers meanwhile', async () => {
    const { server, addTask } = hooks;
    const headers = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`X-${at}`, '$facts'.repeat(1365)]),
    );
    await addTask({ headers, body: null, method: 'get' });
    const id = await hooks.endJob('Complete', { text: 'x'.repeat(20_000) });
    const [delivery] = await hooks.settled(id);
    assert.equal(delivery!.state, 'dead');
    assert.equal(delivery!.endReason, 'request_too_large');
    const { data } = await server.author.call(webhookDeliveryEndpoints.attempts, {
      params: { id: delivery!.id },
    });
    assert.equal(data.length, 1);
    assert.match(data[0]!.detail!, /headers\.X-0/u);
    assert.equal((await server.nobody.send('GET', '/healthz')).status, 200);
  });

  it('is refused at save where its own text is too large', async () => {
    const { server, flowId } = hooks;
    const origin = hooks.receiver.url;
    const body = { flowId, name: 'Long', method: 'get', triggerEvent: 'onJobDone', triggerObject: 'any' };
    const headers = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`X-${at}`, 'x'.repeat(8000)]));
    for (const [change, field] of [
      [{ url: `${origin}/${'x'.repeat(8000)}` }, 'url'],
      [{ url: `${origin}/${'é'.repeat(1400)}` }, 'url'],
      [{ url: `${origin}/`, headers }, 'headers'],
    ] as const) {
      const { errors } = await server.author.refused(webhookTaskEndpoints.create, 400, {
        body: { ...body, ...change },
      });
      assert.deepEqual([...new Set(errors.map((each) => each.field))], [field]);
    }
  });
});
