// Every refusal has one form, and the shell refuses what no route should see.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { after, before, describe, it } from 'node:test';
import { exceptionNames, problem } from '@flowhook/contract/problem';
import { describeCode, Problem, problemCodes } from '../base/error.ts';
import { createLog } from '../base/log.ts';
import type { RawAnswer } from '../../test/client.ts';
import { formHeaders, writeForm } from '../../test/upload-form.ts';
import { startServer, type TestServer } from '../../test/server.ts';
import { createIdempotency } from './idempotency.ts';
import { parseJson } from '../base/json-text.ts';
import { createServer } from './server.ts';

describe('problems', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer('sqlite', { FLOWHOOK_BODY_LIMIT: '100kb' });
  });
  after(() => server.stop());

  function check(answer: RawAnswer, status: number, code: string) {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
    const document = problem.parse(answer.json);
    assert.equal(document.code, code);
    assert.equal(document.status, status);
    assert.equal(document.exception.name, describeCode(code as never).exception);
    assert.equal(document.exception.details, document.detail);
    assert.equal(document.requestId, answer.headers['x-request-id']);
    assert.match(document.detail, /\.$/u);
    return document;
  }
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    server.author.send('POST', '/v4/flows', { body, headers });

  it('have a status, a title and a name that the original has, each', () => {
    for (const code of problemCodes) {
      const { status, title, exception } = describeCode(code);
      assert.ok(status >= 400 && status < 600 && title.length > 5, code);
      assert.ok((exceptionNames as readonly string[]).includes(exception), code);
    }
  });

  it('answer also what no route sees: a head that is too long, and what is no HTTP', async () => {
    const long = 'x'.repeat(20_000);
    check(await server.author.send('GET', `/v4/flows?filter=${long}`), 413, 'too_large');
    check(await server.author.send('GET', '/v4/flows', { headers: { 'x-long': long } }), 413, 'too_large');
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname, () => socket.end('no HTTP at all\r\n\r\n'));
    const answer = await text(socket);
    assert.match(answer, /^HTTP\/1\.1 400 /u);
    assert.equal(problem.parse(JSON.parse(answer.split('\r\n\r\n')[1]!)).code, 'validation_failed');
  });

  it('answer what is not UTF-8: it would be kept with other letters', async () => {
    const latin = Buffer.from('{"name":"caf\u00e9"}', 'latin1');
    check(await post(latin, { 'content-type': 'application/json' }), 400, 'malformed_json');
    const named = { 'content-type': 'application/json; charset=utf-7' };
    check(await post(Buffer.from('{"name":"x"}'), named), 415, 'media_type_unsupported');
    // What is packed is told so, and not that its bytes are no text.
    const packed = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    check(await post(gzipSync('{"name":"x"}'), packed), 415, 'media_type_unsupported');
    const good = { 'content-type': 'application/json; charset="UTF-8"' };
    assert.equal((await post(Buffer.from('{"name":"caf\u00e9"}'), good)).status, 201);
  });

  it('say where JSON is broken', async () => {
    const broken: [text: string, line: number, column: number][] = [
      ['{"name": nope}', 1, 11],
      ['{"name": "x"', 1, 13],
      ['{\n  "name": "x",\n}', 3, 1],
      [`{"a": ${' '.repeat(200)} what}`, 1, 208],
    ];
    for (const [text, line, column] of broken) {
      const document = check(await post(text, { 'content-type': 'application/json' }), 400, 'malformed_json');
      assert.deepEqual([document['line'], document['column']], [line, column], text);
    }
  });

  it('refuse what is too large, of another type, compressed, too deep, or has a NUL', async () => {
    check(await post({ name: 'x'.repeat(200_000) }), 413, 'too_large');
    check(
      await post('name=x', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'media_type_unsupported',
    );
    check(await post('<a/>', { 'content-type': 'application/xml' }), 415, 'media_type_unsupported');
    check(await post('<a/>', { 'content-type': 'nonsense' }), 415, 'media_type_unsupported');
    const form = '--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nx\r\n--b--\r\n';
    check(
      await post(form, { 'content-type': 'multipart/form-data; boundary=b' }),
      415,
      'media_type_unsupported',
    );
    const zipped = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    check(await post('{"name":"x"}', zipped), 415, 'media_type_unsupported');
    const json = { 'content-type': 'application/json' };
    check(await post(`${'['.repeat(5000)}${']'.repeat(5000)}`, json), 400, 'validation_failed');
    check(await post({ name: 'a\0b' }), 400, 'validation_failed');
    check(await server.author.send('GET', '/v4/flows?filter=a%00b'), 400, 'validation_failed');
    check(await server.author.send('GET', '/v4/apiAccessTokens/%00'), 400, 'validation_failed');
  });

  it('say that a form has one file', async () => {
    const one = writeForm({ fileName: 'a.csv', content: 'a\n1\n' }).toString();
    const other = writeForm({ fileName: 'b.csv', content: 'b\n2\n' }).toString();
    const body = one.replace(/--[\w-]+--\r\n$/u, '') + other;
    const upload = await server.author.send('POST', '/v4/importedDatasets/upload', {
      headers: formHeaders,
      body,
    });
    check(upload, 400, 'validation_failed');
    assert.match(upload.text, /more than one file: send one alone/u);
  });

  it('name a field that would vanish', async () => {
    const json = { 'content-type': 'application/json' };
    const bodies = [
      ['{"name":"x","__proto__":{"id":1}}', '__proto__'],
      [String.raw`{"name":"x","\u005f_proto__":1}`, '__proto__'],
      ['{"name":"x","more":[{"a":1},{"b":{"__proto__":2}}]}', 'more[1].b.__proto__'],
    ] as const;
    for (const [body, field] of bodies) {
      const [error] = check(await post(body, json), 400, 'validation_failed').errors;
      assert.equal(error?.field, field);
    }
    const upload = (options: string) => {
      const body = writeForm({ fileName: 'a.csv', content: 'a,b\n1,2\n' }, { options });
      return server.author.send('POST', '/v4/importedDatasets/upload', { headers: formHeaders, body });
    };
    const [error] = check(
      await upload('{"columnTypes":{"__proto__":"VARCHAR"}}'),
      400,
      'validation_failed',
    ).errors;
    assert.equal(error?.field, 'options.columnTypes.__proto__');
    check(
      await upload(`{"sensitive":${'['.repeat(30_000)}{"__proto__":1}${']'.repeat(30_000)}}`),
      400,
      'validation_failed',
    );
    assert.equal((await upload('{"nullValues":["__proto__"]}')).status, 201);
  });

  it('tell a wrong method from a wrong path, and null from no body', async () => {
    const wrong = await server.author.send('PUT', '/v4/jobLibrary');
    check(wrong, 405, 'method_not_allowed');
    assert.equal(wrong.headers['allow'], 'GET');
    // A flow's path would fit, and takes other methods.
    const count = await server.author.send('OPTIONS', '/v4/flows/count');
    check(count, 405, 'method_not_allowed');
    assert.equal(count.headers['allow'], 'GET');
    for (const [method, shadowed, allowed] of [
      ['DELETE', '/v4/flows/count', 'GET'],
      ['PATCH', '/v4/importedDatasets/upload', 'POST'],
      ['GET', '/v4/webhookDeliveries/redeliver/', 'POST'],
      ['PUT', '/v4/flows/document?dryRun=true', 'POST'],
    ] as const) {
      const answer = await server.author.send(method, shadowed, { body: {} });
      check(answer, 405, 'method_not_allowed');
      assert.equal(answer.headers['allow'], allowed, shadowed);
    }
    const flow = JSON.parse((await post({ name: 'null is no object' })).text) as { id: number };
    const path = `/v4/flows/${flow.id}`;
    check(await server.author.send('PATCH', path, { body: null }), 400, 'validation_failed');
    assert.equal((await server.author.send('PATCH', path, { body: {} })).status, 200);
    check(await server.author.send('GET', '/v4/nothing'), 404, 'route_not_found');
    check(await server.author.send('GET', '/v4/flows/1/2/3'), 404, 'route_not_found');
    check(await server.author.send('GET', '/v4/%'), 400, 'validation_failed');
  });

  it('name the field, also where it stands in the path or query', async () => {
    const [path] = check(await server.author.send('GET', '/v4/flows/x'), 400, 'validation_failed').errors;
    assert.equal(path?.field, 'id');
    check(await server.author.send('GET', '/v4/flows/9007199254740993'), 400, 'validation_failed');
    const [whole] = check(
      await post('[]', { 'content-type': 'application/json' }),
      400,
      'validation_failed',
    ).errors;
    assert.equal(whole?.field, 'body');
    assert.equal(check(await post(undefined), 400, 'validation_failed').errors[0]?.field, 'name');
  });

  it('take an empty body for none, and ignore that of a DELETE', async () => {
    for (const type of ['application/json', 'text/plain', 'application/xml', 'nonsense'])
      check(await post('', { 'content-type': type }), 400, 'validation_failed');
    for (const type of ['application/json', 'text/plain', 'nonsense']) {
      const send = { body: '{broken', headers: { 'content-type': type } };
      check(await server.author.send('DELETE', '/v4/flows/999999', send), 404, 'not_found');
    }
    const extra = await post({ name: 'With more', unknownMember: { a: 1 } });
    assert.equal(extra.status, 201);
  });

  it('carry a request id that a client gave, if it is one', async () => {
    const send = (id: string) => server.nobody.send('GET', '/healthz', { headers: { 'x-request-id': id } });
    const given = await send('abc-123');
    assert.equal(given.headers['x-request-id'], 'abc-123');
    assert.equal(given.headers['x-trifacta-request-id'], 'abc-123');
    for (const id of ['with space', 'x'.repeat(200), '<script>'])
      assert.match(String((await send(id)).headers['x-request-id']), /^[0-9a-f-]{36}$/u);
  });

  it('show nothing of a bug, and log it with its cause', async () => {
    const lines: string[] = [];
    const broken = await createServer({
      routes: [],
      log: createLog('info', { write: (line) => void lines.push(line) }),
      signIn: {} as never,
      limit: {} as never,
      idempotency: createIdempotency({} as never, Date.now, assert.ifError),
      trustedProxies: [],
      basePath: '',
      secure: false,
      origins: [],
      uploadLimit: 1,
    });
    broken.get('/bug', () => {
      throw new Error('the secret inside', { cause: new Error('the reason') });
    });
    broken.get('/known', () => {
      throw new Problem('gone', 'It is no longer kept.');
    });
    const bug = await broken.inject('/bug');
    assert.equal(bug.statusCode, 500);
    assert.doesNotMatch(bug.body, /secret|reason|at /u);
    assert.match(lines.join(''), /the secret inside/u);
    assert.match(lines.join(''), /the reason/u);
    assert.equal((await broken.inject('/known')).statusCode, 410);
    await broken.close();
  });

  it('write one line for each request, with ids and without secrets', async () => {
    const { author } = server;
    const at = server.log.length;
    const id = 'find-me-in-the-log';
    const password = 'a secret in the address';
    await author.send('GET', `/v4/flows/77?filter=${encodeURIComponent(password)}`, {
      headers: { 'x-request-id': id, 'x-webhook-signature': password },
    });
    const lines = server.log.slice(at).filter((line) => line['requestId'] === id);
    assert.equal(lines.length, 1);
    const { method, route, status, personId, via, flowId, durationMs } = lines[0]!;
    assert.deepEqual(
      { method, route, status, personId, via, flowId },
      { method: 'GET', route: '/v4/flows/:id', status: 404, personId: author.id, via: 'token', flowId: 77 },
    );
    assert.equal(typeof durationMs, 'number');
    assert.doesNotMatch(JSON.stringify(server.log), new RegExp(`${author.token}|${password}`, 'u'));
  });
});

describe('JSON bodies', () => {
  it('are read as they are, up to a depth', () => {
    assert.deepEqual(parseJson('{"a":"\\u0001 [[[[ \\" ]"}'), { a: '\u0001 [[[[ " ]' });
    assert.deepEqual(parseJson(String.raw`{"a":"\\u0000"}`), { a: String.raw`\u0000` });
    const deep = `${'['.repeat(64)}${']'.repeat(64)}`;
    assert.doesNotThrow(() => parseJson(deep));
    assert.throws(() => parseJson(`[${deep}]`), /deeper than 64/u);
    assert.doesNotThrow(() => parseJson(JSON.stringify('['.repeat(1000))));
  });
});
