// How a call ends: problems, repeats, limits. Each against a server that behaves as badly as it is told to.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { healthEndpoints as health } from '@flowhook/contract/workspace/health';
import { findFreePort } from '../../server/test/free-port.ts';
import { createCaller, type CallerOptions } from '../src/caller.ts';
import { Problem } from '../src/problem.ts';
import {
  answerJson,
  answerProblem,
  startScripted,
  type Script,
  type ScriptedServer,
} from './scripted-server.ts';

const list = { data: [] };
let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function callTo(script: Script, options: Partial<CallerOptions> = {}) {
  server = await startScripted(script);
  return { ...createCaller({ server: server.url, credentials: { token: 't' }, ...options }), server };
}

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  const error = await call.then(
    () => assert.fail('was not refused'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Problem, String(error));
  return error;
}

describe('an answer', () => {
  it('gives its headers to who asks for them', async () => {
    const { call } = await callTo((response) => {
      response.setHeader('etag', '"v1"');
      answerJson(response, 200, list);
    });
    let version: string | null = null;
    await call(flows.list, {}, { onHeaders: (headers) => void (version = headers.get('etag')) });
    assert.equal(version, '"v1"');
  });
});

describe('a problem', () => {
  it('has what the server says', async () => {
    const { call } = await callTo((response) => {
      const faults = { errors: [{ field: 'name', detail: 'must not be empty.' }], requestId: 'r-1', more: 1 };
      const exception = { name: 'ApiValidationFailed', message: 'Invalid', details: 'See errors.' };
      const told = {
        type: 'urn:x',
        title: 'Invalid',
        status: 400,
        detail: 'See errors.',
        code: 'validation_failed',
      };
      answerJson(response, 400, { ...told, exception, ...faults });
    });
    const problem = await problemOf(call(flows.create, { body: { name: '' } }));
    const { status, code, title, detail, field, faults, requestId, isPassing } = problem;
    assert.deepEqual(
      { status, code, title, detail, field, faults, requestId, isPassing },
      {
        status: 400,
        code: 'validation_failed',
        title: 'Invalid',
        detail: 'See errors.',
        field: 'name',
        faults: [{ field: 'name', detail: 'must not be empty.' }],
        requestId: 'r-1',
        isPassing: false,
      },
    );
    assert.equal(problem.document['more'], 1);
    assert.equal(problem.message, problem.detail);
  });

  it('is told by its status where the answer is a page of something between', async () => {
    const { call } = await callTo((response) => response.writeHead(403).end('<h1>Forbidden</h1>'));
    const { status, code } = await problemOf(call(flows.list));
    assert.deepEqual([status, code], [403, 'unknown']);
  });

  it('is an answer of the right status and no JSON, too', async () => {
    const { call } = await callTo((response) => response.writeHead(200).end('<h1>Sign in</h1>'));
    assert.equal((await problemOf(call(flows.list))).code, 'unknown');
  });

  it('is a redirect: nothing follows it, least of all with the token', async () => {
    const { call, server: asked } = await callTo((response, { url }) =>
      url.startsWith('/v4') ? response.writeHead(301, { location: '/elsewhere' }).end() : response.end('{}'),
    );
    assert.match((await problemOf(call(flows.list))).detail, /sends calls on to \/elsewhere/u);
    assert.equal(asked.asked.length, 1);
  });

  it('names the system’s word where nobody listens', async () => {
    const { call } = createCaller({ server: `http://127.0.0.1:${await findFreePort()}`, retries: 0 });
    const { status, code, detail, isPassing } = await problemOf(call(flows.list));
    assert.deepEqual([status, code, isPassing], [0, 'unreachable', true]);
    assert.match(detail, /ECONNREFUSED/u);
  });

  it('is an answer that the contract does not promise, where answers are checked', async () => {
    const script: Script = (response) => answerJson(response, 200, { data: [{ id: 'seven' }] });
    const checking = await callTo(script, { checkAnswers: true });
    const { code, detail } = await problemOf(checking.call(flows.list));
    assert.equal(code, 'unpromised');
    assert.match(detail, /\/v4\/flows in another form \(data\.0\.id/u);
    await server!.stop();
    const trusting = await callTo(script);
    assert.deepEqual(await trusting.call(flows.list), { data: [{ id: 'seven' }] });
  });

  it('says what a status means that is neither answer nor problem', async () => {
    const { call } = await callTo((response) => response.writeHead(304).end());
    const input = { body: { wrangledDataset: { id: 1 } }, headers: { 'x-execution-id': 'a' } };
    const { status, code, detail } = await problemOf(call(jobs.create, input));
    assert.deepEqual([status, code], [304, 'answered_otherwise']);
    assert.match(detail, /x-execution-id before/u);
  });

  it('is none where the contract promises the answer with that status', async () => {
    const unready = { status: 'not_ready', checks: { disk: { ok: false, detail: 'full' } } };
    const { call } = await callTo((response) => answerJson(response, 503, unready));
    assert.deepEqual(await call(health.ready), unready);
  });
});

describe('a call is made again', () => {
  it('where it changes nothing: after a broken connection and after an overload, at the time it is told', async () => {
    let refusedAt = 0;
    const { call, server: asked } = await callTo((response, _, nth) => {
      if (nth === 1) response.destroy();
      else if (nth === 2) {
        refusedAt = performance.now();
        answerProblem(response, 503, 'unavailable', { 'retry-after': '1' });
      } else answerJson(response, 200, list);
    });
    assert.deepEqual(await call(flows.list), list);
    assert.equal(asked.asked.length, 3);
    assert.ok(performance.now() - refusedAt >= 1000, 'came back too early');
  });

  it('where it makes something, with the same key; also while its first attempt is under way', async () => {
    const { call, server: asked } = await callTo((response, _, nth) => {
      if (nth === 1) response.destroy();
      else if (nth === 2) answerProblem(response, 409, 'idempotency_conflict');
      else answerJson(response, 201, { id: 1 });
    });
    await call(flows.create, { body: { name: 'Orders' } });
    const keys = asked.asked.map(({ headers }) => headers['idempotency-key']);
    assert.equal(keys.length, 3);
    assert.match(String(keys[0]), /^[0-9a-f]{32}$/u);
    assert.equal(new Set(keys).size, 1);
  });

  it('not where a key of the caller’s own conflicts at once', async () => {
    const { call, server: asked } = await callTo((response) =>
      answerProblem(response, 409, 'idempotency_conflict'),
    );
    const sent = call(flows.create, { body: { name: 'Orders' } }, { idempotencyKey: 'mine' });
    assert.equal((await problemOf(sent)).code, 'idempotency_conflict');
    assert.deepEqual(
      asked.asked.map(({ headers }) => headers['idempotency-key']),
      ['mine'],
    );
  });

  it('not where nobody knows whether the first attempt has done its work', async () => {
    const { call, server: asked } = await callTo((response) => void response.destroy());
    await problemOf(call(flows.change, { params: { id: 1 }, body: { name: 'Orders' } }));
    await problemOf(call(flows.remove, { params: { id: 1 } }));
    assert.deepEqual(
      asked.asked.map(({ method }) => method),
      ['PATCH', 'DELETE'],
    );
  });

  it('not where the server has refused, or broken', async () => {
    const { call, server: asked } = await callTo((response, _, nth) =>
      answerProblem(response, nth === 1 ? 404 : 500, 'no'),
    );
    await problemOf(call(flows.list));
    await problemOf(call(flows.list));
    assert.equal(asked.asked.length, 2);
  });

  it('as often as it is told, and no oftener', async () => {
    const { call, server: asked } = await callTo((response) => void response.destroy(), { retries: 1 });
    assert.equal((await problemOf(call(flows.list))).code, 'unreachable');
    assert.equal(asked.asked.length, 2);
    await problemOf(call(flows.list, {}, { retries: 0 }));
    assert.equal(asked.asked.length, 3);
  });

  it('not where it would have to wait longer than the call may take', async () => {
    const { call, server: asked } = await callTo((response) =>
      answerProblem(response, 429, 'too_many_requests', { 'retry-after': '3600' }),
    );
    const problem = await problemOf(call(flows.list));
    assert.deepEqual([problem.code, problem.retryAfterMs], ['too_many_requests', 3_600_000]);
    assert.equal(asked.asked.length, 1);
  });
});

describe('a call ends', () => {
  it('with its time, before an answer and in the middle of one', { timeout: 60_000 }, async () => {
    const { call } = await callTo((response, _, nth) => {
      if (nth === 2) response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":');
    });
    for (const _ of ['no answer', 'half an answer']) {
      const { status, code, isPassing } = await problemOf(call(flows.list, {}, { timeLimitMs: 200 }));
      assert.deepEqual([status, code, isPassing], [0, 'timeout', true]);
    }
  });

  it('with its signal, whose reason is thrown', async () => {
    const { call, server: asked } = await callTo(() => controller.abort(new Error('enough')));
    const controller = new AbortController();
    await assert.rejects(call(flows.list, {}, { signal: controller.signal }), /enough/u);
    await assert.rejects(call(flows.list, {}, { signal: controller.signal }), /enough/u);
    assert.equal(asked.asked.length, 1);
  });

  it('with its signal while it waits to be made again', async () => {
    const controller = new AbortController();
    const { call } = await callTo((response) => {
      answerProblem(response, 503, 'unavailable', { 'retry-after': '30' });
      response.once('close', () => controller.abort(new Error('enough')));
    });
    await assert.rejects(call(flows.list, {}, { signal: controller.signal }), /enough/u);
  });

  it('before it begins, where a part of its path is missing or leads elsewhere', async () => {
    const { call, server: asked } = await callTo((response) => response.end('{}'));
    for (const id of ['..', '.', '', undefined])
      await assert.rejects(call(flows.get, { params: { id: id as string } }), /params\.id is needed/u);
    await call(flows.get, { params: { id: '../7?x' } });
    assert.deepEqual(
      asked.asked.map(({ url }) => url),
      ['/v4/flows/..%2F7%3Fx'],
    );
  });
});

describe('a caller', () => {
  it('is known by email and password in UTF-8', async () => {
    const credentials = { email: 'ada@example.com', password: 'Füße' };
    const { call, server: asked } = await callTo((response) => answerJson(response, 200, list), {
      credentials,
    });
    await call(flows.list);
    const [, encoded = ''] = asked.asked[0]!.headers.authorization!.split('Basic ');
    assert.equal(Buffer.from(encoded, 'base64').toString(), 'ada@example.com:Füße');
  });

  it('leaves out of the query what is not given', async () => {
    const { call, server: asked } = await callTo((response) => answerJson(response, 200, list));
    await call(flows.list, { query: { limit: 5, noLimit: false, filter: '', sort: null, embed: undefined } });
    assert.equal(asked.asked[0]!.url, '/v4/flows?limit=5&noLimit=false');
  });
});
