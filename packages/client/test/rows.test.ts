// All rows of a list: by cursor, by offset and by event, also where rows come meanwhile.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { webhookDecisionEndpoints as decisions } from '@flowhook/contract/webhook/webhook-decision';
import { describeOnBoth } from '../../server/test/database.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { createClient, type Client } from '../src/client.ts';
import { answerJson, startScripted } from './scripted-server.ts';

async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describeOnBoth('the rows of a list', (_, dialect) => {
  let server: TestServer;
  let client: Client;
  let flowId: number;
  let asked: string[] = [];

  before(async () => {
    server = await startServer(dialect);
    client = createClient({
      server: server.url,
      credentials: { token: server.author.token },
      checkAnswers: true,
      fetch: (address, init) => {
        asked.push((address as string).replace(/^.*\/v4/u, ''));
        return fetch(address, init);
      },
    });
    flowId = (await client.flow.create({ body: { name: 'Many' } })).id;
    for (let n = 0; n < 7; n += 1)
      await client.externalJob.create({ body: { flow: { id: flowId }, name: `run ${n}` } });
    asked = [];
  });
  after(() => server.stop());

  it('come by cursor, the newest first, and what is made meanwhile is not told twice', async () => {
    const names: (string | null)[] = [];
    for await (const { name } of client.jobGroup.list.each({ query: { flowId, limit: 3 } })) {
      names.push(name);
      if (names.length === 2)
        await client.externalJob.create({ body: { flow: { id: flowId }, name: 'late' } });
    }
    assert.deepEqual(
      names,
      [6, 5, 4, 3, 2, 1, 0].map((n) => `run ${n}`),
    );
    const reads = asked.filter((path) => path.startsWith('/jobGroups?'));
    assert.equal(reads.length, 3);
    assert.match(reads[1]!, /limit=3&after=\d+/u);
  });

  it('come by offset in another order', async () => {
    asked = [];
    const names: (string | null)[] = [];
    for await (const { name } of client.jobGroup.list.each({ query: { flowId, limit: 3, sort: 'id' } }))
      names.push(name);
    assert.deepEqual(names.slice(0, 3), ['run 0', 'run 1', 'run 2']);
    assert.equal(names.length, 8);
    assert.ok(asked.every((path) => !path.includes('after=')));
  });

  it('come by offset where there is no cursor, none twice while others are made', async () => {
    for (const name of ['A', 'B', 'C']) await client.flow.create({ body: { name } });
    const names: string[] = [];
    for await (const { name } of client.flow.list.each({ query: { limit: 2 } })) {
      names.push(name);
      if (names.length === 1) await client.flow.create({ body: { name: 'D' } });
    }
    assert.deepEqual(names, ['C', 'B', 'A', 'Many']);
  });

  it('are read only as far as they are asked for', async () => {
    asked = [];
    for await (const _row of client.jobGroup.list.each({ query: { flowId, limit: 2 } })) break;
    assert.equal(asked.length, 1);
  });

  it('of a list that is answered whole are one call', async () => {
    asked = [];
    const rows = await collect(client.flowParameter.list.each({ params: { id: flowId } }));
    assert.deepEqual(rows, []);
    assert.equal(asked.length, 1);
  });
});

describe('the decisions of an event', () => {
  it('are whole where a page ends between them', async () => {
    // 400 events with three decisions each, the newest first: no page of 1000 ends with an event.
    const all = Array.from({ length: 1200 }, (_, n) => ({ eventId: 400 - Math.floor(n / 3), n }));
    const server = await startScripted((response, { url }) => {
      const query = new URL(url, 'http://x').searchParams;
      const below = Number(query.get('after') ?? Number.MAX_SAFE_INTEGER);
      const data = all.filter(({ eventId }) => eventId < below).slice(0, Number(query.get('limit')));
      answerJson(response, 200, { data });
    });
    try {
      const { each } = createClient({ server: server.url, credentials: { token: 't' } });
      const found = await collect(each(decisions.list));
      assert.deepEqual(found, all);
      assert.equal(server.asked.length, 2);
    } finally {
      await server.stop();
    }
  });
});
