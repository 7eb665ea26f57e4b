// The sender with a receiver that behaves: exact bytes, kept connections, never a repeat, an end on request.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { listenTcp, type Listening } from '../../../test/listen.ts';
import { compilePolicy } from './egress/policy.ts';
import { isSuccess } from './outcome.ts';
import { createSender, type Sender } from './sender.ts';
import type { OutgoingRequest } from './send-result.ts';

const policy = compilePolicy({ allowedUrlRegexes: ['^http://127\\.0\\.0\\.1:\\d+/'], forbiddenIps: '' });
const limits = { totalMs: 2000, connectMs: 1000 };
const senders: Sender[] = [];
const servers: Server[] = [];
after(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
});

function make(): Sender {
  const sender = createSender({ policy: () => policy, limits: () => limits });
  senders.push(sender);
  return sender;
}

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(handle);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function to(port: number, more: Partial<OutgoingRequest> = {}): OutgoingRequest {
  const url = `http://127.0.0.1:${port}/hooks/a?b=c`;
  return { method: 'POST', url, headers: {}, body: Buffer.from('hello'), sslVerification: true, ...more };
}

/** Answers each request with a status, after `before` has seen it; counts requests by their blank lines. */
async function answerRaw(
  before: (count: number, socket: Socket) => boolean,
): Promise<Listening & { seen(): number }> {
  let count = 0;
  const listening = await listenTcp((socket) =>
    socket.on('data', () => {
      count += 1;
      if (before(count, socket)) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
    }),
  );
  return { ...listening, seen: () => count };
}

describe('the sender', () => {
  it('sends the exact bytes, and gives status, address, times and decision', async () => {
    const seen: string[] = [];
    const listening = await listenTcp((socket) =>
      socket.on('data', (chunk) => {
        seen.push(chunk.toString('latin1'));
        socket.write('HTTP/1.1 200 OK\r\nX-Answer: yes\r\ncontent-length: 6\r\n\r\nthanks');
      }),
    );
    const headers = { 'X-Webhook-Signature': 't=1,sha256=00', 'X-Latin': 'caf\u00e9', Accept: '*/*' };
    const began = Date.now();
    const result = await make().send(to(listening.port, { headers, body: Buffer.from('{"a":"\u20ac"}') }));
    const head = [
      `POST /hooks/a?b=c HTTP/1.1`,
      `host: 127.0.0.1:${listening.port}`,
      'connection: keep-alive',
      'X-Webhook-Signature: t=1,sha256=00',
      'X-Latin: caf\u00e9',
      'Accept: */*',
      'content-length: 11',
    ];
    assert.equal(
      seen.join(''),
      `${head.join('\r\n')}\r\n\r\n${Buffer.from('{"a":"\u20ac"}').toString('latin1')}`,
    );
    assert.ok(isSuccess(result.outcome));
    assert.deepEqual(
      { ...result.response, body: result.response?.body.toString() },
      {
        statusCode: 200,
        headers: { 'x-answer': 'yes', 'content-length': '6' },
        body: 'thanks',
        bodyBytes: 6,
        note: null,
      },
    );
    assert.equal(result.address, `127.0.0.1:${listening.port}`);
    assert.equal(result.egress.rule, 'allowed_url');
    assert.equal(result.egress.address, '127.0.0.1');
    const { dnsMs, connectMs, tlsMs, firstByteMs, bodyMs } = result.timing;
    assert.deepEqual([dnsMs, tlsMs], [null, null]);
    const phases = [connectMs, firstByteMs, bodyMs].map((time) => time ?? Number.NaN);
    assert.ok(phases.every((time) => time >= 0));
    // Whole milliseconds, each rounded by itself.
    assert.ok(
      phases.reduce((sum, time) => sum + time) <= result.durationMs + 3,
      JSON.stringify(result.timing),
    );
    assert.ok(result.startedAt >= began && result.startedAt <= Date.now() && result.durationMs > 0);
    await listening.close();
  });

  it('sends get and delete without a body, and every status is an answer', async () => {
    const port = await serve((request, response) => {
      response.statusCode = request.method === 'GET' ? 500 : 410;
      response.end(`${request.method} ${request.headers['content-length'] ?? 'none'}`);
    });
    for (const [method, status] of [['GET', 500] as const, ['DELETE', 410] as const]) {
      const { outcome, response } = await make().send(to(port, { method, body: null }));
      assert.deepEqual(outcome, { kind: 'response', statusCode: status });
      assert.equal(response?.body.toString(), `${method} none`);
    }
  });

  it('keeps a connection for the next request, and has no more of them than requests under way', async () => {
    const receiver = await answerRaw(() => true);
    const sender = make();
    await sender.send(to(receiver.port));
    const second = await sender.send(to(receiver.port));
    assert.deepEqual([second.timing.connectMs, receiver.connections()], [null, 1]);
    await Promise.all(Array.from({ length: 20 }, () => sender.send(to(receiver.port))));
    await Promise.all(Array.from({ length: 20 }, () => sender.send(to(receiver.port))));
    assert.equal(receiver.seen(), 42);
    assert.ok(receiver.connections() <= 20, `${receiver.connections()}`);
    await receiver.close();
  });

  it('takes a new connection where the kept one was closed meanwhile', async () => {
    const sockets: Socket[] = [];
    const receiver = await answerRaw((_, socket) => sockets.push(socket) > 0);
    const sender = make();
    await sender.send(to(receiver.port));
    const closed = once(sockets[0]!, 'close');
    sockets[0]!.end();
    await closed;
    const { outcome, timing } = await sender.send(to(receiver.port));
    assert.equal(outcome.kind, 'response');
    assert.ok(timing.connectMs !== null);
    assert.equal(receiver.connections(), 2);
    await receiver.close();
  });

  for (const method of ['POST', 'GET', 'PUT'] as const) {
    it(`never repeats a ${method} by itself, also where a kept connection is closed on it`, async () => {
      const receiver = await answerRaw((count, socket) => {
        if (count === 2) socket.end();
        return count !== 2;
      });
      const sender = make();
      const body = method === 'GET' ? null : Buffer.from('hello');
      await sender.send(to(receiver.port, { method, body }));
      const { outcome } = await sender.send(to(receiver.port, { method, body }));
      assert.match(JSON.stringify(outcome), /"connect".*closed a kept connection before it answered/u);
      assert.equal(receiver.seen(), 2);
      await receiver.close();
    });
  }

  it('does not use a connection again that the receiver wants closed', async () => {
    const port = await serve((_, response) => response.setHeader('connection', 'close').end());
    const sender = make();
    for (let at = 0; at < 3; at += 1) {
      const { outcome, timing } = await sender.send(to(port));
      assert.equal(outcome.kind, 'response');
      assert.ok(timing.connectMs !== null);
    }
  });

  it('says what it could not write instead of throwing', async () => {
    const sender = make();
    const port = await serve((_, response) => response.end());
    const bad: Partial<OutgoingRequest>[] = [
      { headers: { 'bad name': 'x' } },
      { headers: { x: 'a\r\nb: c' } },
      { headers: { expect: '100-continue' } },
      { headers: { 'transfer-encoding': 'chunked' } },
      { headers: { 'content-length': '3' } },
    ];
    for (const more of bad) {
      const { outcome } = await sender.send(to(port, more));
      assert.equal(outcome.kind === 'failure' && outcome.reason, 'invalid', JSON.stringify(outcome));
    }
    assert.equal((await sender.send(to(port))).outcome.kind, 'response');
  });

  it('ends on a signal and when it closes, as interrupted', async () => {
    const receiver = await answerRaw(() => false);
    const sender = make();
    const stop = new AbortController();
    const first = sender.send(to(receiver.port), stop.signal);
    const second = sender.send(to(receiver.port));
    stop.abort();
    assert.match(JSON.stringify((await first).outcome), /"interrupted"/u);
    await sender.close();
    assert.match(JSON.stringify((await second).outcome), /"interrupted"/u);
    assert.match(JSON.stringify((await sender.send(to(receiver.port))).outcome), /"interrupted"/u);
    assert.match(
      JSON.stringify((await make().send(to(receiver.port), stop.signal)).outcome),
      /"interrupted"/u,
    );
    await receiver.close();
  });
});
