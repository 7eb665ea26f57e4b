// What receivers can do to a sender: each gets its own outcome, in bounded time and memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { makeAuthority, type TestAuthority } from '../../test/certificate.ts';
import { forbiddenUrls } from '../../test/forbidden-address.ts';
import { setImmediate as setTurn } from 'node:timers/promises';
import { compilePolicy, type EgressPolicy } from './egress/policy.ts';
import { createSender, type OutgoingRequest, type Sender, type SenderOptions } from './sender.ts';

const opened = compilePolicy({
  allowedUrlRegexes: ['^https?://127\\.0\\.0\\.1:\\d+/', '^https?://receiver\\.test:\\d+/'],
  forbiddenIps: '',
});
const limits = { totalMs: 600, connectMs: 300 };
const servers: Server[] = [];
const senders: Sender[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('close', () => sockets.forEach((socket) => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const http = (handle: (request: IncomingMessage, response: ServerResponse) => void) =>
  listen(createHttp(handle));
const tcp = (handle: (socket: Socket) => void) =>
  listen(createTcp((socket) => handle(socket.on('error', () => undefined))));

function make(options: Partial<SenderOptions> = {}): Sender {
  const sender = createSender({
    policy: () => opened,
    limits: () => limits,
    resolve: async () => ['127.0.0.1'],
    ...options,
  });
  senders.push(sender);
  return sender;
}

function post(url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from('hello'),
    sslVerification: true,
    ...more,
  };
}

after(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  for (const server of servers) server.close();
});

describe('the sender', () => {
  it('sends the exact bytes and gives status, times and address', async () => {
    const port = await http((request, response) => {
      request.on('data', (chunk: Buffer) => response.setHeader('x-got', chunk.toString()));
      request.on('end', () => response.end('thanks'));
    });
    const result = await make().send(post(`http://127.0.0.1:${port}/`));
    assert.deepEqual(result.outcome, { kind: 'response', statusCode: 200 });
    assert.equal(result.response?.headers['x-got'], 'hello');
    assert.equal(result.response?.body.toString(), 'thanks');
    assert.equal(result.address, '127.0.0.1');
    assert.ok(result.timing.firstByteMs !== null && result.durationMs < 500);
  });

  const raw: [name: string, answer: string, reason: string | number, detail: RegExp][] = [
    ['garbage', 'SSH-2.0-OpenSSH_9\r\n\r\n', 'invalid', /not HTTP/u],
    ['a head of 100 KiB', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`, 'too_large', /64 KiB/u],
    [
      'a redirect',
      'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n',
      'redirect',
      /127\.0\.0\.1/u,
    ],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nnope', 200, /broke off/u],
    ['1xx and then an answer', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n', 204, /^$/u],
  ];
  for (const [name, answer, reason, detail] of raw) {
    it(`names the outcome of ${name}`, async () => {
      const port = await tcp((socket) => socket.once('data', () => socket.write(answer)));
      const { outcome, response } = await make().send(post(`http://127.0.0.1:${port}/`));
      if (typeof reason === 'number') {
        assert.deepEqual(outcome, { kind: 'response', statusCode: reason });
        assert.match(response?.note ?? '', detail);
      } else {
        assert.equal(outcome.kind === 'failure' && outcome.reason, reason);
        assert.match(outcome.kind === 'failure' ? outcome.detail : '', detail);
      }
    });
  }

  it('tells a closed door, a closed connection and a half answer apart', async () => {
    const shut = createTcp();
    const port = await listen(shut);
    shut.close();
    await once(shut, 'close');
    const refused = await make().send(post(`http://127.0.0.1:${port}/`));
    const closing = await tcp((socket) => socket.once('data', () => socket.destroy()));
    const closed = await make().send(post(`http://127.0.0.1:${closing}/`));
    const halving = await tcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
    );
    const half = await make().send(post(`http://127.0.0.1:${halving}/`));
    assert.match(JSON.stringify(refused.outcome), /"connect".*refused/u);
    assert.match(JSON.stringify(closed.outcome), /"connect".*before it answered/u);
    assert.deepEqual(half.outcome, { kind: 'response', statusCode: 200 });
    assert.match(half.response?.note ?? '', /broke off/u);
  });

  it('waits no longer than its limit for silence and for a dripping head', async () => {
    const silent = await tcp((socket) => socket.resume());
    const dripping = await tcp((socket) => {
      const timer = setInterval(() => socket.write('H'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    for (const port of [silent, dripping]) {
      const { outcome, durationMs } = await make().send(post(`http://127.0.0.1:${port}/`));
      assert.equal(
        outcome.kind === 'failure' && ['timeout', 'invalid'].includes(outcome.reason),
        true,
        JSON.stringify(outcome),
      );
      assert.ok(durationMs < 2000);
    }
  });

  it('cuts a body that drips or does not end; the status has decided', async () => {
    const dripping = await http((_, response) => {
      response.writeHead(201);
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
    });
    const endless = await http((_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(256 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) continue;
      };
      response.on('drain', more);
      more();
    });
    const slow = await make().send(post(`http://127.0.0.1:${dripping}/`));
    assert.deepEqual(slow.outcome, { kind: 'response', statusCode: 201 });
    assert.match(slow.response?.note ?? '', /not whole/u);
    const before = process.memoryUsage().rss;
    const large = await make().send(post(`http://127.0.0.1:${endless}/`));
    assert.deepEqual(large.outcome, { kind: 'response', statusCode: 200 });
    assert.match(large.response?.note ?? '', /1 MiB/u);
    assert.ok(large.response!.bodyBytes < 2 * 1024 * 1024 && large.response!.body.length === 16 * 1024);
    assert.ok(process.memoryUsage().rss - before < 60 * 1024 * 1024);
  });

  it('names what a resolver can do', async () => {
    const fails = (code: string) =>
      make({ resolve: () => Promise.reject(Object.assign(new Error(code), { code })) }).send(
        post('http://receiver.test:1/'),
      );
    assert.match(JSON.stringify((await fails('ENOTFOUND')).outcome), /"dns".*does not exist/u);
    const never = await make({ resolve: () => new Promise(() => undefined) }).send(
      post('http://receiver.test:1/'),
    );
    assert.match(JSON.stringify(never.outcome), /"timeout".*resolved/u);
  });
});

describe('certificates', () => {
  let authority: TestAuthority;
  const serve = async (host: string, days: number) =>
    listen(createHttps(await authority.issue(host, days), (_, response) => response.end('ok')));
  before(async () => {
    authority = await makeAuthority();
  });

  it('tells expired, wrong name and unknown authority apart, and can be told not to look', async () => {
    const good = await serve('127.0.0.1', 30);
    const expired = await serve('127.0.0.1', -1);
    const wrong = await serve('other.test', 30);
    const sender = make({ ca: authority.cert });
    const send = async (with_: Sender, port: number, sslVerification = true) =>
      JSON.stringify((await with_.send(post(`https://127.0.0.1:${port}/`, { sslVerification }))).outcome);
    assert.match(await send(sender, good), /"statusCode":200/u);
    assert.match(await send(sender, expired), /"tls".*expired/u);
    assert.match(await send(sender, wrong), /"tls".*another name/u);
    assert.match(await send(make(), good), /"tls".*unknown/u);
    assert.match(await send(sender, expired, false), /"statusCode":200/u);
  });
});

describe('egress at connect', () => {
  let port: number;
  let connections = 0;
  before(async () => {
    const trap = createHttp((_, response) => response.end('trapped'));
    trap.on('connection', () => (connections += 1));
    port = await listen(trap);
  });

  it('makes no connection for any spelling of a forbidden address', async () => {
    const usual = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
    const sender = make({ policy: () => usual });
    for (const url of forbiddenUrls) {
      const { outcome } = await sender.send(post(url.replace('$PORT', String(port))));
      assert.equal(outcome.kind === 'failure' && outcome.reason, 'blocked', url);
    }
    assert.equal(connections, 0);
  });

  it('is not moved by a name that changes its address', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1'], ['::ffff:127.0.0.1', '10.0.0.1']];
    const usual = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
    const sender = make({
      policy: () => usual,
      resolve: async () => answers.shift() ?? ['127.0.0.1'],
      limits: () => ({ totalMs: 100, connectMs: 50 }),
    });
    await sender.send(post(`http://rebinding.test:${port}/`));
    for (let round = 0; round < 3; round += 1) {
      const { outcome } = await sender.send(post(`http://rebinding.test:${port}/`));
      assert.equal(outcome.kind === 'failure' && outcome.reason, 'blocked');
    }
    assert.equal(connections, 0);
  });

  it('closes what it kept when the policy changes', async () => {
    let policy: EgressPolicy = opened;
    const sender = make({ policy: () => policy });
    const url = `http://127.0.0.1:${port}/`;
    assert.equal((await sender.send(post(url))).outcome.kind, 'response');
    // A connection is free again once the turn of the loop that ended its answer is over.
    await setTurn();
    assert.equal((await sender.send(post(url))).timing.connectMs, null);
    assert.equal(connections, 1);
    policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
    sender.policyChanged();
    const { outcome } = await sender.send(post(url));
    assert.equal(outcome.kind === 'failure' && outcome.reason, 'blocked');
    assert.equal(connections, 1);
  });
});
