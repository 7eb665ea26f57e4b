// What receivers can do to a sender: each gets its own outcome, in bounded time and memory.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { hostileReceivers, startHostile } from '../../../test/hostile-receiver.ts';
import { listenTcp } from '../../../test/listen.ts';
import { compilePolicy } from './egress/policy.ts';
import { createSender } from './sender.ts';
import type { OutgoingRequest, SendResult } from './send-result.ts';

const policy = compilePolicy({ allowedUrlRegexes: ['^http://127\\.0\\.0\\.1:\\d+/'], forbiddenIps: '' });
// Short for those that run into it, long for those that must not.
const slow = { totalMs: 400, connectMs: 300 };
const usual = { totalMs: 60_000, connectMs: 30_000 };
let limits = slow;
const sender = createSender({ policy: () => policy, limits: () => limits });
after(() => sender.close());

function post(port: number, more: Partial<OutgoingRequest> = {}): Promise<SendResult> {
  const url = `http://127.0.0.1:${port}/hook`;
  const body = Buffer.from('{"text":"hello"}');
  return sender.send({ method: 'POST', url, headers: {}, body, sslVerification: true, ...more });
}

describe('a receiver that', () => {
  for (const receiver of hostileReceivers) {
    it(receiver.name, async () => {
      limits = receiver.isSlow === true ? slow : usual;
      const listening = await startHostile(receiver);
      const before = process.memoryUsage().rss;
      const result = await post(listening.port);
      const grown = process.memoryUsage().rss - before;
      await listening.close();
      const { outcome, response, durationMs } = result;
      if (typeof receiver.outcome === 'number') {
        assert.deepEqual(outcome, { kind: 'response', statusCode: receiver.outcome });
        assert.equal(response?.note, receiver.note ?? null);
        assert.ok(response.body.length <= 16 * 1024 && response.bodyBytes <= 1024 * 1024);
      } else {
        const [reason, detail] = receiver.outcome;
        assert.equal(outcome.kind === 'failure' && outcome.reason, reason, JSON.stringify(outcome));
        assert.match(outcome.kind === 'failure' ? outcome.detail : '', detail);
      }
      // Slow ones go on for ever: they end by the limit, the others before theirs.
      if (receiver.isSlow === true) assert.ok(durationMs > 398, `${durationMs} ms`);
      else assert.ok(durationMs < usual.totalMs, `${durationMs} ms`);
      // The test's receiver lives in this process: what it writes is in this figure, too.
      assert.ok(grown < 80 * 1024 * 1024, `${grown} bytes`);
      assert.equal(listening.connections(), 1);
    });
  }

  it('gives details that tell failures apart', async () => {
    const details = new Map<string, string>();
    limits = slow;
    for (const receiver of hostileReceivers.filter(({ outcome }) => typeof outcome !== 'number')) {
      const listening = await startHostile(receiver);
      const { outcome } = await post(listening.port);
      await listening.close();
      details.set(receiver.name, outcome.kind === 'failure' ? `${outcome.reason} ${outcome.detail}` : '');
    }
    const kinds = ['never answers', 'drips its head', 'redirects', 'sends garbage', 'gives two lengths'];
    const more = [
      'sends 100 unasked',
      'closes without a word',
      'resets without a word',
      'closes in its head',
    ];
    assert.equal(
      new Set([...kinds, ...more].map((name) => details.get(name))).size,
      kinds.length + more.length,
    );
  });

  it('reads nothing of a large request: the time limit says what was under way', async () => {
    limits = slow;
    const listening = await listenTcp((socket) => socket.pause());
    const { outcome } = await post(listening.port, { body: Buffer.alloc(32 * 1024 * 1024) });
    await listening.close();
    assert.match(JSON.stringify(outcome), /"timeout".*the request was being sent/u);
  });

  it('answers before it has read the request', async () => {
    limits = usual;
    const listening = await listenTcp((socket) =>
      socket.write('HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig'),
    );
    const { outcome, response } = await post(listening.port, { body: Buffer.alloc(8 * 1024 * 1024) });
    await listening.close();
    assert.deepEqual(outcome, { kind: 'response', statusCode: 413 });
    assert.equal(response?.body.toString(), 'big');
  });

  it('sends a second answer unasked: the next request does not take it for its own', async () => {
    const answer = (name: string) => `HTTP/1.1 200 OK\r\nx: ${name}\r\ncontent-length: 0\r\n\r\n`;
    const listening = await listenTcp((socket) =>
      socket.on('data', () => socket.write(answer('own') + answer('smuggled'))),
    );
    for (let at = 0; at < 5; at += 1) {
      const { outcome, response } = await post(listening.port);
      assert.deepEqual(outcome, { kind: 'response', statusCode: 200 });
      assert.equal(response?.headers['x'], 'own');
    }
    await listening.close();
  });

  it('keeps 16 KiB of body and headers, and the bytes as they came', async () => {
    const listening = await listenTcp((socket) =>
      socket.once('data', () => {
        const many = Array.from({ length: 60 }, (_, at) => `x-${at}: ${'y'.repeat(1000)}`).join('\r\n');
        socket.write(`HTTP/1.1 200 OK\r\n${many}\r\ncontent-encoding: gzip\r\ncontent-length: 40000\r\n\r\n`);
        socket.write(Buffer.alloc(40_000, 0xff));
      }),
    );
    const { response } = await post(listening.port);
    await listening.close();
    assert.equal(response?.bodyBytes, 40_000);
    assert.deepEqual(response.body, Buffer.alloc(16 * 1024, 0xff));
    assert.ok(JSON.stringify(response.headers).length < 17 * 1024);
  });
});
