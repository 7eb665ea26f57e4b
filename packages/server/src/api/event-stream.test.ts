// The stream of changes: what is told to whom, going on after a break, and how it ends.
import assert from 'node:assert/strict';
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { personEndpoints } from '@flowhook/contract/person/person';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import type { Announcement, Listener } from '../db/database.ts';
import { createChangeFeed } from '../workspace/change-feed.ts';
import { describeOnBoth } from '../../test/database.ts';
import { startServer, testPassword, type TestServer } from '../../test/server.ts';
import { until } from '../../test/wait.ts';

interface StreamedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly kind?: string; readonly id?: number; readonly flowId?: number | null };
}

interface Stream {
  readonly status: number;
  readonly events: readonly StreamedEvent[];
  /** The id to go on from. */
  lastId(): string;
  readonly ended: Promise<unknown>;
  close(): void;
}

async function follow(url: string, headers: Record<string, string>, query = ''): Promise<Stream> {
  const request: ClientRequest = get(`${url}/v4/events${query}`, { headers });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const events: StreamedEvent[] = [];
  let text = '';
  let lastId = '';
  answer.setEncoding('utf8').on('data', (part: string) => {
    const blocks = (text + part).split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/su) as [string, string]));
      lastId = fields.get('id') ?? lastId;
      const data = fields.get('data');
      if (data !== undefined)
        events.push({ id: lastId, event: fields.get('event')!, data: JSON.parse(data) as never });
    }
  });
  answer.on('error', () => undefined);
  const ended = new Promise((resolve) => answer.once('close', resolve));
  if (answer.statusCode === 200) await until(() => lastId !== '' || headers['last-event-id'] !== undefined);
  return { status: answer.statusCode!, events, lastId: () => lastId, ended, close: () => request.destroy() };
}

describeOnBoth('the stream of changes', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const makeFlow = async (name: string) =>
    (await server.author.call(flowEndpoints.create, { body: { name } })).id;
  const hasFlow = (stream: Stream, id: number) =>
    stream.events.some(({ event, data }) => event === 'change' && data.kind === 'flow' && data.id === id);

  it('tells a change to whoever may see it, and to nobody else', async () => {
    const mine = await follow(server.url, bearer(server.author.token));
    const administrators = await follow(server.url, bearer(server.administrator.token));
    const others = await follow(server.url, bearer(server.viewer.token));
    const id = await makeFlow('Seen');
    await until(() => hasFlow(mine, id) && hasFlow(administrators, id));
    // What comes later has come: had the first been told, it would be there by now.
    const theirs = await server.administrator.call(flowEndpoints.create, { body: { name: 'Theirs' } });
    const { db } = server.app;
    const grant = { flow_id: theirs.id, person_id: server.viewer.id, role: 'viewer' as const, created_at: 1 };
    await db.transaction((tx) => tx.insertInto('flow_grants').values(grant).execute());
    const change = { params: { id: theirs.id }, body: { name: 'Shared' } };
    await server.administrator.call(flowEndpoints.change, change);
    await until(() => hasFlow(others, theirs.id));
    assert.ok(!hasFlow(others, id));
    for (const stream of [mine, administrators, others]) stream.close();
  });

  it('tells of one flow where that is asked for', async () => {
    const [one, other] = [await makeFlow('One'), await makeFlow('Other')];
    const stream = await follow(server.url, bearer(server.author.token), `?flowId=${one}`);
    for (const id of [other, one])
      await server.author.call(flowEndpoints.change, { params: { id }, body: { name: 'Changed' } });
    await until(() => hasFlow(stream, one));
    assert.ok(!hasFlow(stream, other));
    stream.close();
  });

  it('goes on after a break where it was, and starts anew where that is not known', async () => {
    const first = await follow(server.url, bearer(server.author.token));
    const before = await makeFlow('Before the break');
    await until(() => hasFlow(first, before));
    const at = first.lastId();
    first.close();
    await first.ended;
    const missed = await makeFlow('Missed');
    const second = await follow(server.url, { ...bearer(server.author.token), 'last-event-id': at });
    await until(() => hasFlow(second, missed));
    assert.ok(!hasFlow(second, before));
    second.close();
    for (const unknown of ['none', `${at}0000`, 'abc-1', '-', at.replace(/^./u, 'x')]) {
      const stream = await follow(server.url, { ...bearer(server.author.token), 'last-event-id': unknown });
      await until(() => stream.events.length > 0, `reset after ${unknown}`);
      assert.equal(stream.events[0]!.event, 'reset');
      const id = await makeFlow('After a reset');
      await until(() => hasFlow(stream, id));
      stream.close();
    }
  });

  it('needs a sign-in, and ends with it', async () => {
    assert.equal((await follow(server.url, {})).status, 401);
    const body = { email: server.viewer.email, password: testPassword };
    const signedIn = await server.nobody.send('POST', '/v4/sessions', { body });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0]!;
    const stream = await follow(server.url, { cookie });
    await server.client({ cookie }).call(sessionEndpoints.remove);
    await stream.ended;

    const leaving = await server.addPerson('author');
    const theirs = await follow(server.url, bearer(leaving.token));
    await server.administrator.call(personEndpoints.remove, { params: { id: leaving.id } });
    await theirs.ended;
  });

  it('does not hold up the end of the server', async () => {
    const time = async () => {
      const began = performance.now();
      await server.restart();
      return performance.now() - began;
    };
    const alone = await time();
    const stream = await follow(server.url, bearer(server.author.token));
    const took = await time();
    await stream.ended;
    assert.ok(took < 5 * alone, `${took} ms with a stream, ${alone} ms without`);
  });
});

describe('the feed of changes', () => {
  function makeFeed(kept: number) {
    const listeners = new Set<Listener>();
    const db = {
      listen(listener: Listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const tell = (announcement: Announcement) => {
      for (const listener of listeners) listener(announcement);
    };
    return { feed: createChangeFeed(db, { 'jobs.changed': 'job' }, kept), tell };
  }

  it('keeps the last changes in order, and says when some are gone', () => {
    const { feed, tell } = makeFeed(3);
    const start = feed.newest();
    tell({ topic: 'jobs.changed', flowId: 1, ids: [10, 11] });
    tell({ topic: 'unknown', flowId: 1, ids: [99] });
    const ids = (after: string) => feed.readAfter(after, 100)?.changes.map(({ id }) => id);
    assert.deepEqual(ids(start), [10, 11]);
    const middle = feed.newest();
    tell({ topic: 'jobs.changed', flowId: 1, ids: [12] });
    assert.deepEqual(ids(start), [10, 11, 12]);
    tell({ topic: 'jobs.changed', flowId: 1, ids: [13] });
    assert.equal(ids(start), undefined);
    assert.deepEqual(ids(middle), [12, 13]);
    const part = feed.readAfter(middle, 1)!;
    assert.deepEqual(ids(part.last), [13]);
    assert.deepEqual(ids(feed.newest()), []);
  });

  it('lets nobody go on where announcements of other nodes may be lost', () => {
    const { feed, tell } = makeFeed(3);
    const start = feed.newest();
    let told = 0;
    feed.onMore(() => (told += 1));
    tell({ topic: 'announcements.missed', flowId: null, ids: [] });
    assert.equal(told, 1);
    assert.equal(feed.readAfter(start, 9), null);
    assert.deepEqual(feed.readAfter(feed.newest(), 9)?.changes, []);
  });

  it('tells of the flow where no ids are named', () => {
    const { feed, tell } = makeFeed(3);
    const start = feed.newest();
    tell({ topic: 'jobs.changed', flowId: 7, ids: [] });
    assert.deepEqual(feed.readAfter(start, 9)?.changes, [{ kind: 'flow', id: 7, flowId: 7 }]);
  });
});
