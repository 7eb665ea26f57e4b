// Following changes: from a real server through breaks and restarts, and from one that behaves badly.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { describeOnBoth } from '../../server/test/database.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { startSilentProxy, type SilentProxy } from '../../server/test/silent-proxy.ts';
import { until } from '../../server/test/wait.ts';
import { createClient, type Client } from '../src/client.ts';
import { createBlockReader } from '../src/event-line.ts';
import type { StreamEvent } from '../src/follow.ts';
import { Problem } from '../src/problem.ts';
import { answerProblem, startScripted } from './scripted-server.ts';

describeOnBoth('a following', (_, dialect) => {
  let server: TestServer;
  let proxy: SilentProxy;
  let client: Client;
  before(async () => {
    server = await startServer(dialect);
    proxy = await startSilentProxy(server.url);
    client = createClient({ server: proxy.through(server.url), credentials: { token: server.author.token } });
  });
  after(async () => {
    proxy.close();
    await server.stop();
  });

  const makeFlow = async (name: string) => (await client.flow.create({ body: { name } })).id;

  async function nextFlow(events: AsyncIterator<StreamEvent>): Promise<number | 'reset'> {
    for (;;) {
      const { value } = (await events.next()) as { value: StreamEvent };
      if (value.type === 'reset') return 'reset';
      if (value.change.kind === 'flow') return value.change.id;
    }
  }

  it(
    'goes on behind what it has seen after the line was cut, and ends with its caller',
    { timeout: 60_000 },
    async () => {
      const told: string[] = [];
      const onBreak = (problem: Problem | undefined) => told.push(problem?.code ?? 'end');
      const events = client.follow({}, { onOpen: () => told.push('open'), onBreak });
      assert.equal(await nextFlow(events), 'reset');
      const seen = await makeFlow('Seen');
      assert.equal(await nextFlow(events), seen);
      proxy.cut();
      // Made while nobody listens: told when the stream stands again.
      const missed = await makeFlow('Missed');
      assert.equal(await nextFlow(events), missed);
      assert.deepEqual(told, ['open', 'unreachable', 'open']);
      await events.return();
      assert.equal((await events.next()).done, true);
    },
  );

  it(
    'begins behind an event that an earlier one had seen, and starts anew where nobody knows it',
    { timeout: 60_000 },
    async () => {
      let place = '';
      const onMove = (id: string) => {
        place = id;
      };
      const earlier = client.eventStream.open({}, { onMove });
      assert.equal(await nextFlow(earlier), 'reset');
      const first = await makeFlow('First');
      assert.equal(await nextFlow(earlier), first);
      await until(() => place !== '');
      await earlier.return();
      const second = await makeFlow('Second');
      const later = client.follow({}, { after: place });
      for (let told = await nextFlow(later); told !== second; told = await nextFlow(later))
        assert.equal(told, first);
      await later.return();
      const lost = client.follow({}, { after: 'nobody-knows' });
      assert.equal(await nextFlow(lost), 'reset');
      await lost.return();
    },
  );

  it('ends with its signal', { timeout: 60_000 }, async () => {
    const controller = new AbortController();
    const events = client.follow({}, { signal: controller.signal });
    assert.equal(await nextFlow(events), 'reset');
    const next = events.next();
    controller.abort(new Error('enough'));
    await assert.rejects(next, /enough/u);
  });

  it('ends where the server refuses it', async () => {
    const { follow } = createClient({ server: server.url, credentials: { token: 'no such' } });
    await assert.rejects(follow().next(), { status: 401 });
  });
});

describe('a following of a server that is ill', () => {
  it('waits for it, and says where it stood; where it never knew, all may have changed', async () => {
    const told: string[] = [];
    const change = 'event: change\ndata: {"kind":"flow","id":7,"flowId":7}\n\n';
    const streams = [
      'retry: 10\n\n',
      `id: a-1\n${change}`,
      'id: a-2\n: still here\n\n',
      `id: a-3\n${change}`,
    ];
    const server = await startScripted((response, { headers }, nth) => {
      told.push(`asked after ${String(headers['last-event-id'] ?? 'nothing')}`);
      if (nth === 1) answerProblem(response, 503, 'unavailable');
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(streams[nth - 2]);
    });
    const { follow } = createClient({ server: server.url, credentials: { token: 't' } });
    const onBreak = (problem: Problem | undefined) => told.push(problem?.code ?? 'end');
    try {
      for await (const event of follow({}, { onBreak })) {
        told.push(`${event.type} ${event.id}`);
        if (event.id === 'a-3') break;
      }
    } finally {
      await server.stop();
    }
    assert.deepEqual(told, [
      'asked after nothing',
      'unavailable',
      'asked after nothing',
      'reset ',
      'end',
      'asked after nothing',
      'reset ',
      'change a-1',
      'end',
      'asked after a-1',
      'end',
      'asked after a-2',
      'change a-3',
    ]);
  });

  it('gives up a line that has gone silent, and opens another', { timeout: 60_000 }, async () => {
    const server = await startScripted((response, _, nth) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 10\nid: a-1\n\n');
      if (nth === 2) response.write('id: a-2\nevent: reset\ndata: {}\n\n');
    });
    const broken: (string | undefined)[] = [];
    const { follow } = createClient({ server: server.url, credentials: { token: 't' } });
    const events = follow({}, { maxSilenceMs: 300, onBreak: (problem) => broken.push(problem?.code) });
    assert.deepEqual((await events.next()).value, { type: 'reset', id: '' });
    assert.deepEqual((await events.next()).value, { type: 'reset', id: 'a-2' });
    assert.deepEqual(broken, ['timeout']);
    assert.equal(server.asked[1]!.headers['last-event-id'], 'a-1');
    await events.return();
    await server.stop();
  });

  it('waits behind the page of something between', async () => {
    const server = await startScripted((response, _, nth) => {
      if (nth === 1) response.writeHead(200).end('<h1>Back soon</h1>');
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).end('event: reset\n\n');
    });
    const broken: (string | undefined)[] = [];
    const { follow } = createClient({ server: server.url, credentials: { token: 't' } });
    const events = follow({}, { onBreak: (problem) => broken.push(problem?.code) });
    assert.equal((await events.next()).value?.type, 'reset');
    assert.deepEqual(broken, ['unknown']);
    await events.return();
    await server.stop();
  });
});

describe('the text of events', () => {
  it('is the same however it is cut', () => {
    const text =
      'retry: 2000\nid: 1\n\nid: 2\r\nevent: change\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: nothing\n\ndata\n\nid:3\n\n';
    const whole = createBlockReader()(text);
    assert.deepEqual(whole, [
      { id: '1', event: 'message', data: '', retryMs: 2000 },
      { id: '2', event: 'change', data: '{"a":\n1}', retryMs: undefined },
      { id: undefined, event: 'message', data: '', retryMs: undefined },
      { id: undefined, event: 'message', data: '', retryMs: undefined },
      { id: '3', event: 'message', data: '', retryMs: undefined },
    ]);
    for (let size = 1; size < 9; size += 1) {
      const read = createBlockReader();
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'gu'))!;
      assert.deepEqual(
        pieces.flatMap((piece) => read(piece)),
        whole,
      );
    }
  });
});
