// Reading again parts of a long list: what is in view is as the server has it, and most pages are not asked for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QueryClient } from '@tanstack/react-query';
import { createRowKeeper } from './row-keeper.ts';
import { joinRows, joinRowsOnce, type Cursor, type PagedList, type Pages } from './row-refresh.ts';

interface Row {
  readonly id: number;
  readonly state: string;
}

const pageSize = 100;
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const queryKey = ['rows'];

/** A server with rows of these ids, the newest first; `asked` notes what was asked of it. */
function makeServer(ids: readonly number[]) {
  const rows = new Map<number, Row>(ids.map((id) => [id, { id, state: 'old' }]));
  const asked: Cursor[] = [];
  const all = () => [...rows.values()].sort((a, b) => b.id - a.id);
  const read = async (cursor: Cursor) => {
    asked.push(cursor);
    const { after = Infinity, offset = 0 } = cursor;
    return {
      data: all()
        .filter(({ id }) => id < after)
        .slice(offset, offset + pageSize),
    };
  };
  return { rows, asked, all, read };
}

type Server = ReturnType<typeof makeServer>;
type Paging = 'cursor' | 'offset';

/** A list that was scrolled to its end, on a page, with its keeper. */
async function openList(server: Server, paging: Paging) {
  const list: PagedList<Row> = {
    pageSize,
    ...(paging === 'cursor' && { cursorOf: ({ id }: Row) => id }),
    read: server.read,
  };
  const pages = [await list.read({})];
  const pageParams: Cursor[] = [{}];
  while (pages.at(-1)!.data.length === pageSize) {
    const cursor =
      paging === 'cursor' ? { after: pages.at(-1)!.data.at(-1)!.id } : { offset: pages.length * pageSize };
    pages.push(await list.read(cursor));
    pageParams.push(cursor);
  }
  server.asked.length = 0;
  const client = new QueryClient();
  client.setQueryData<Pages<Row>>(queryKey, { pages, pageParams });
  const keeper = createRowKeeper(client, queryKey, list);
  const read = () => client.getQueryData<Pages<Row>>(queryKey)!;
  return {
    keeper,
    detach: keeper.attach(),
    /** The rows as the page has them. */
    rows: () => (paging === 'cursor' ? joinRows(read()) : joinRowsOnce(read())),
    pages: () => read().pages,
  };
}

type List = Awaited<ReturnType<typeof openList>>;

/** Reads go through promises alone: after a turn of the event loop nothing is under way. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Looks at the whole list, part by part, as by scrolling. */
async function scrollThrough({ keeper, rows }: List): Promise<void> {
  for (let first = 0; first < rows().length; first += 50) {
    keeper.look(first, first + 50);
    await settle();
  }
}

describe('a long list that changes', () => {
  for (const paging of ['cursor', 'offset'] as const) {
    it(`is read again only where somebody looks, by ${paging}`, async () => {
      const server = makeServer(range(10_000));
      const list = await openList(server, paging);
      list.keeper.look(4040, 4060);
      server.rows.set(5950, { id: 5950, state: 'new' });
      server.rows.set(7000, { id: 7000, state: 'new' });
      list.keeper.note(new Set([5950, 7000]));
      await settle();
      assert.equal(list.rows()[4050]!.state, 'new');
      assert.equal(server.asked.length, 1, JSON.stringify(server.asked));
      await scrollThrough(list);
      assert.deepEqual(list.rows(), server.all());
    });

    it(`shows new rows and loses those that are gone, by ${paging}`, async () => {
      const server = makeServer(range(950));
      const list = await openList(server, paging);
      for (const gone of [[900], range(99).map((id) => id + 300), [500], range(400)]) {
        for (const id of gone) server.rows.delete(id);
        list.keeper.note(new Set(gone));
        await scrollThrough(list);
        assert.deepEqual(list.rows(), server.all(), `without ${gone.length}`);
      }
      server.rows.set(951, { id: 951, state: 'new' });
      list.keeper.look(0, 20);
      list.keeper.note(new Set([951]));
      await settle();
      assert.equal(list.rows()[0]!.id, 951);
    });
  }

  it('takes in new rows at the front, more than a page of them too', async () => {
    for (const count of [1, 99, 100, 101, 250, 400]) {
      const server = makeServer(range(950));
      const list = await openList(server, 'cursor');
      for (let id = 951; id < 951 + count; id += 1) server.rows.set(id, { id, state: 'new' });
      list.keeper.note(new Set([960]));
      await settle();
      assert.deepEqual(list.rows(), server.all(), `${count} new rows`);
    }
  });

  it('begins anew where too much has come', async () => {
    const server = makeServer(range(950));
    const list = await openList(server, 'cursor');
    for (let id = 951; id < 5000; id += 1) server.rows.set(id, { id, state: 'new' });
    list.keeper.note(new Set());
    await settle();
    const rows = list.rows();
    assert.deepEqual(rows, server.all().slice(0, rows.length));
    assert.ok(list.pages().at(-1)!.data.length === pageSize, 'so that more is asked for');
  });

  it('holds no row twice while a page is old that a row has left', async () => {
    const server = makeServer(range(950));
    const list = await openList(server, 'offset');
    // The last row comes to the front, as when it is the last that was changed.
    server.rows.delete(1);
    server.rows.set(2000, { id: 2000, state: 'new' });
    server.rows.set(1, { id: 1, state: 'old' });
    list.keeper.note('any');
    await settle();
    const ids = list.rows().map(({ id }) => id);
    assert.equal(ids[0], 2000);
    assert.equal(new Set(ids).size, ids.length);
    await scrollThrough(list);
    assert.deepEqual(list.rows(), server.all());
  });

  it('asks for nothing while it is on no page, and for what is seen when it is again', async () => {
    const server = makeServer(range(950));
    const list = await openList(server, 'cursor');
    list.detach();
    server.rows.set(940, { id: 940, state: 'new' });
    list.keeper.note(new Set([940]));
    await settle();
    assert.deepEqual(server.asked, []);
    list.keeper.attach();
    await settle();
    assert.deepEqual(server.asked, [{}]);
    assert.deepEqual(list.rows(), server.all());
  });

  it('tries again what could not be read', async () => {
    const server = makeServer(range(950));
    const list = await openList(server, 'cursor');
    server.rows.set(940, { id: 940, state: 'new' });
    // The next question is refused.
    const push = server.asked.push.bind(server.asked);
    server.asked.push = () => {
      server.asked.push = push;
      throw new Error('refused by the test');
    };
    list.keeper.note(new Set([940]));
    await settle();
    assert.notDeepEqual(list.rows(), server.all());
    list.keeper.look(0, 21);
    await settle();
    assert.deepEqual(list.rows(), server.all());
  });
});
