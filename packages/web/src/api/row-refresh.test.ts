// Reading again parts of a long list: the rows are those of the server, and most pages are not asked for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refreshPages, type Cursor, type Pages } from './row-refresh.ts';

interface Row {
  readonly id: number;
  readonly state: string;
}

const pageSize = 10;

/** A server with rows of these ids; `list` counts what was asked of it. */
function makeServer(ids: readonly number[]) {
  const rows = new Map<number, Row>(ids.map((id) => [id, { id, state: 'old' }]));
  const asked: Cursor[] = [];
  return {
    rows,
    asked,
    all: () => [...rows.values()].sort((a, b) => b.id - a.id),
    list: {
      pageSize,
      cursorOf: ({ id }: Row) => id,
      async read(cursor: Cursor) {
        asked.push(cursor);
        const below = [...rows.values()].filter(({ id }) => id < (cursor.after ?? Infinity));
        return { data: below.sort((a, b) => b.id - a.id).slice(0, pageSize) };
      },
    },
  };
}

type Server = ReturnType<typeof makeServer>;

async function readAll({ list, asked }: Server): Promise<Pages<Row>> {
  const pages = [await list.read({})];
  const pageParams: Cursor[] = [{}];
  while (pages.at(-1)!.data.length === pageSize) {
    const cursor = { after: pages.at(-1)!.data.at(-1)!.id };
    pages.push(await list.read(cursor));
    pageParams.push(cursor);
  }
  asked.length = 0;
  return { pages, pageParams };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const rowsOf = ({ pages }: Pages<Row>) => pages.flatMap(({ data }) => data);

describe('a long list that is read again', () => {
  it('asks for the first page and those of changed rows alone', async () => {
    const server = makeServer(range(95));
    const before = await readAll(server);
    server.rows.set(42, { id: 42, state: 'new' });
    const after = await refreshPages(before, new Set([42]), server.list);
    assert.deepEqual(rowsOf(after), server.all());
    assert.deepEqual(server.asked, [{}, { after: 46 }]);
  });

  it('takes in new rows at the front, more than a page of them too', async () => {
    for (const count of [1, 9, 10, 11, 25, 40]) {
      const server = makeServer(range(95));
      const before = await readAll(server);
      for (let id = 96; id < 96 + count; id += 1) server.rows.set(id, { id, state: 'new' });
      const after = await refreshPages(before, new Set([100]), server.list);
      assert.deepEqual(rowsOf(after), server.all(), `${count} new rows`);
    }
  });

  it('loses rows that are gone or match no more, whole pages too, and goes on with what comes', async () => {
    const server = makeServer(range(95));
    let list = await readAll(server);
    for (const gone of [[90], [86, 87, 88, 89, 91, 92, 93, 94, 95], [50], range(5), range(40)]) {
      for (const id of gone) server.rows.delete(id);
      list = await refreshPages(list, new Set(gone), server.list);
      assert.deepEqual(rowsOf(list), server.all(), `without ${gone.join()}`);
    }
    server.rows.set(96, { id: 96, state: 'new' });
    list = await refreshPages(list, new Set([96]), server.list);
    assert.deepEqual(rowsOf(list), server.all());
  });

  it('begins anew where too much has come', async () => {
    const server = makeServer(range(95));
    const before = await readAll(server);
    for (let id = 96; id < 500; id += 1) server.rows.set(id, { id, state: 'new' });
    const after = await refreshPages(before, new Set(), server.list);
    const rows = rowsOf(after);
    assert.deepEqual(rows, server.all().slice(0, rows.length));
    assert.ok(after.pages.at(-1)!.data.length === pageSize, 'so that more is asked for');
  });
});
