// Proves what goes out: exact bytes and URL, signed as sent, and no secret in what is stored.
import { webhookMethods } from '@flowhook/contract/webhook/task-field';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verify, verifyStandard } from '@flowhook/signature';
import * as fc from 'fast-check';
import { anyFacts, hostileText, makeFacts } from '../../../test/webhook-facts.ts';
import { carriesBody, compileTask, type CompiledTask, type TaskOfNow } from './compiled-task.ts';
import { composeRequest, maskAnswer, type Composition, type DeliveryToCompose } from './composition.ts';
import { freezeBody, packBody, unpackBody, type FrozenBody } from './frozen-body.ts';
import { checkHeaders } from './header.ts';
import { importNodeHmac } from './hmac.ts';
import { parseTemplate } from './template.ts';

const TIME = 1_568_818_215_724;
const TASK: TaskOfNow = {
  url: 'https://hooks.example.com/services/$jobId?s=$jobStatus',
  method: 'post',
  headers: { 'X-Flow': '$flowName' },
  secretHeaders: [],
  body: '{"id": $jobId}',
  secretKey: 'mySecret',
  secrets: {},
  sslVerification: true,
  urlSecret: false,
};

async function compile(change: Partial<TaskOfNow> = {}): Promise<CompiledTask> {
  const compiled = await compileTask(
    { ...TASK, ...change },
    { version: '1.2.3', importHmac: importNodeHmac },
  );
  assert.ok(compiled.ok);
  return compiled.task;
}

function freeze(body: string | null, facts = makeFacts()): FrozenBody | null {
  if (body === null) return null;
  const frozen = freezeBody(parseTemplate(body), facts);
  assert.ok(frozen.ok);
  return unpackBody(packBody(frozen.body));
}

async function compose(
  task: Partial<TaskOfNow> = {},
  delivery: Partial<DeliveryToCompose> = {},
): Promise<Composition> {
  const whole = { ...TASK, ...task };
  return composeRequest(await compile(task), {
    publicId: 'f3b1c9f2-6f0e',
    body: freeze(whole.body),
    facts: makeFacts(),
    eventKind: 'job.success',
    attempt: 3,
    hop: 1,
    time: TIME,
    ...delivery,
  });
}

function textOf(composition: Composition): string {
  return new TextDecoder().decode(composition.request.body ?? undefined);
}

test('a whole request, as it goes out and as it is stored', async () => {
  const { request, masked, stringToSign } = await compose();
  assert.equal(request.method, 'POST');
  assert.equal(request.url, 'https://hooks.example.com/services/1042?s=Complete');
  assert.match(request.headers['X-Webhook-Signature'] ?? '', /^t=1568818215724,sha256=[0-9a-f]{64}$/u);
  const { 'X-Webhook-Signature': _, 'webhook-signature': __, ...headers } = request.headers;
  assert.deepEqual(headers, {
    'X-Flow': 'Sales',
    'User-Agent': 'Flowhook/1.2.3',
    'X-Webhook-Delivery': 'f3b1c9f2-6f0e',
    'X-Webhook-Attempt': '3',
    'X-Webhook-Event': 'job.success',
    'X-Webhook-Hop': '1',
    'Content-Type': 'application/json',
    'webhook-id': 'f3b1c9f2-6f0e',
    'webhook-timestamp': '1568818215',
  });
  assert.deepEqual(masked, {
    method: 'POST',
    url: request.url,
    headers: request.headers,
    body: '{"id": 1042}',
  });
  assert.equal(stringToSign, '1568818215724.{"id": 1042}');
});

test('the signature of the design’s test vector', async () => {
  const { request } = await compose({ body: 'test' });
  const hex = 'ae9c9f18381e423059604b64469099165a343deef595013525703e50e84d19f9';
  assert.equal(request.headers['X-Webhook-Signature'], `t=${TIME},sha256=${hex}`);
});

test('a receiver can verify every method, by the bytes and the URL that it got', async () => {
  for (const method of webhookMethods) {
    const { request } = await compose({ method });
    assert.equal(request.body === null, !carriesBody(method));
    const received = { ...request, body: request.body ?? new Uint8Array() };
    assert.deepEqual((await verify('mySecret', received, { now: TIME })).ok, true, method);
    assert.deepEqual((await verifyStandard('mySecret', received, { now: TIME })).ok, true, method);
  }
});

test('without a secret key nothing is signed', async () => {
  const { request, stringToSign } = await compose({ secretKey: null });
  const names = Object.keys(request.headers);
  assert.equal(
    names.some((name) => /signature|^webhook-/iu.test(name)),
    false,
  );
  assert.equal(stringToSign, null);
});

test('Content-Type says JSON for a JSON body only, also where the template has changed since', async () => {
  const typeOf = async (change: Partial<TaskOfNow>, body: string) =>
    (await compose(change, { body })).request.headers['Content-Type'];
  assert.equal(await typeOf({}, '{"id": 1}'), 'application/json');
  assert.equal(await typeOf({ body: 'text' }, '{"id": 1}'), 'application/json');
  assert.equal(await typeOf({ body: 'text' }, '{"id": 1'), undefined);
  assert.equal(await typeOf({}, 'Job 1'), undefined);
  assert.equal(await typeOf({ headers: { 'content-type': 'text/plain' } }, '{"id": 1}'), undefined);
});

test('a task that no save would let through is data, not an exception', async () => {
  const options = { version: '1', importHmac: importNodeHmac };
  assert.equal((await compileTask({ ...TASK, url: 'nowhere' }, options)).ok, false);
  assert.equal((await compileTask({ ...TASK, secretKey: 'whsec_?' }, options)).ok, false);
});

test('facts are asked for only where URL or headers need them', async () => {
  assert.equal((await compile()).needsFacts, true);
  const fixed = {
    url: 'https://h/x?k=$secret.k',
    headers: { 'X-A': '$secret.k $$' },
    secrets: { k: 'value' },
  };
  const task = await compile(fixed);
  assert.equal(task.needsFacts, false);
  const { request } = await compose(fixed, { facts: null });
  assert.equal(request.url, 'https://h/x?k=value');
  assert.equal(request.headers['X-A'], 'value $');
});

const secretText = fc
  .oneof(
    fc.string({ minLength: 6, maxLength: 20 }),
    fc.string({ minLength: 6, maxLength: 20, unit: 'grapheme' }),
  )
  .filter(
    (text) => !text.includes('*') && text.trim() === text && !/[$\0]/u.test(text) && text.isWellFormed(),
  );
const latinSecret = fc.stringMatching(/^[!-#%-)+-~]{6,20}$/u);

test('no secret is in what is stored, whatever it holds and wherever it is used', async () => {
  await fc.assert(
    fc.asyncProperty(secretText, latinSecret, latinSecret, async (named, header, path) => {
      const task = {
        url: `https://h.example.com/q/${encodeURIComponent(path)}?k=$secret.named`,
        headers: { Authorization: `Bearer ${header}`, 'X-Plain': 'p $secret.named', 'X-Mine': header },
        secretHeaders: ['x-mine'],
        body: '{"k": "$secret.named", "v": $secret.named}',
        secretKey: 'key of the signature',
        secrets: { named },
        urlSecret: true,
      };
      const body = freeze(task.body);
      const { request, masked, stringToSign } = await compose(task, { body });
      assert.equal(
        (JSON.parse(new TextDecoder().decode(request.body ?? undefined)) as { v: string }).v,
        named,
      );
      const stored = Object.values(masked.headers).concat(masked.url, masked.body ?? '', stringToSign ?? '');
      for (const text of stored) {
        for (const secret of [named, header, path]) assert.equal(text.includes(secret), false, text);
      }
      assert.equal(masked.url, 'https://h.example.com/****');
    }),
  );
});

test('secrets too short to be looked for are masked in their own places all the same', async () => {
  const headers = { Authorization: 'abc', 'X-Plain': '<$secret.k>' };
  const { masked } = await compose({
    headers,
    secrets: { k: 'xyz' },
    body: 'k=$secret.k',
    url: 'https://h/$secret.k',
  });
  assert.equal(masked.headers['Authorization'], '****');
  assert.equal(masked.headers['X-Plain'], '<****>');
  assert.deepEqual([masked.body, masked.url], ['k=****', 'https://h/****']);
});

test('whatever the facts hold, the request can be sent to the host of the task', async () => {
  await fc.assert(
    fc.asyncProperty(anyFacts, hostileText, async (facts, text) => {
      const change = {
        url: 'https://h.example.com/$flowName/$recipeName?$error',
        headers: { 'X-A': '$flowName$error', 'X-B': '$files' },
      };
      const composition = await compose({ ...change, body: text }, { facts, body: freeze(text, facts) });
      const { url, headers } = composition.request;
      assert.equal(new URL(url).origin, 'https://h.example.com');
      assert.equal(new URL(url).href, url);
      assert.deepEqual(
        checkHeaders({ 'X-A': headers['X-A'] ?? '', 'X-B': headers['X-B']?.slice(0, 8000) ?? '' }),
        [],
      );
      assert.ok(textOf(composition).isWellFormed());
    }),
  );
});

test('an echo of the request gives no secret away', async () => {
  const authorization = `Basic ${btoa('ada:pass word/1')}`;
  const task = await compile({
    headers: { Authorization: authorization, Cookie: 'session=0123456789; theme=dark' },
    secrets: { key: 'a"b\\c/d<e>ü' },
    url: 'https://h/services/T0/B0/xyz',
    urlSecret: true,
  });
  const echo = JSON.stringify({
    headers: { authorization, cookie: 'session=0123456789' },
    user: 'ada:pass word/1',
    password: 'pass word/1',
    data: JSON.stringify({ k: 'a"b\\c/d<e>ü' }),
    form: new URLSearchParams({ k: 'a"b\\c/d<e>ü', p: 'pass word/1' }).toString(),
    path: '/services/T0/B0/xyz',
  });
  const masked = maskAnswer(echo, task);
  for (const secret of [
    'pass word',
    'pass%20word',
    'pass+word',
    'c/d',
    'c%2Fd',
    '0123456789',
    'T0/B0',
    authorization.slice(6),
  ]) {
    assert.equal(masked.includes(secret), false, `${secret} in ${masked}`);
  }
  assert.equal(maskAnswer('<p>a&#34;b\\c/d&lt;e&gt;ü</p>', task), '<p>****</p>');
  assert.equal(maskAnswer('nothing here', task), 'nothing here');
  const cut = (end: string) => maskAnswer(`${'-'.repeat(2000)}${end}`, task, true);
  assert.equal(cut('ends in /services/T0/B'), cut('ends in /services/XX/X'));
});

test('what is shown answers no guess: text that equals a secret is masked in no place but its own', async () => {
  const secrets = { pin: '482911' };
  const guess = { headers: { 'X-A': 'guess=482911 $secret.pin', Authorization: '482911' }, secrets };
  const { masked } = await compose({
    ...guess,
    url: 'https://h/482911?k=$secret.pin',
    body: 'guess=482911 $secret.pin',
  });
  assert.equal(masked.headers['X-A'], 'guess=482911 ****');
  assert.equal(masked.headers['Authorization'], '****');
  assert.equal(masked.url, 'https://h/482911?k=****');
  assert.equal(masked.body, 'guess=482911 ****');
});
