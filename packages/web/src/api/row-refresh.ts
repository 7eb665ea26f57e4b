// Pure: which pages of a long list are read again when some of its rows change; of 10,000 rows most stand still.

export interface Page<Row> {
  readonly data: readonly Row[];
}

/** As TanStack Query keeps an endless list; a page holds the rows below its `after`, the newest first. */
export interface Pages<Row> {
  readonly pages: readonly Page<Row>[];
  readonly pageParams: readonly Cursor[];
}

export interface Cursor {
  readonly after?: number;
}

export interface PagedList<Row> {
  readonly pageSize: number;
  cursorOf(row: Row): number;
  read(cursor: Cursor): Promise<Page<Row>>;
}

/** So many new pages at the front, and the list begins anew. */
const mostNewPages = 5;

/** The list with its first page (new rows come there) and those that hold a changed row as they are now. */
export async function refreshPages<Row>(
  { pages, pageParams }: Pages<Row>,
  changed: ReadonlySet<number>,
  list: PagedList<Row>,
): Promise<Pages<Row>> {
  const made = await Promise.all(
    pages.map(async (page, index) => {
      const cursor = pageParams[index]!;
      const touched = index === 0 || page.data.some((row) => changed.has(list.cursorOf(row)));
      return touched
        ? readBetween(cursor, pageParams[index + 1]?.after, list)
        : { pages: [page], pageParams: [cursor] };
    }),
  );
  if (made[0]!.pages.length > mostNewPages) return made[0]!;
  return {
    pages: made.flatMap((each) => each.pages),
    pageParams: made.flatMap((each) => each.pageParams),
  };
}

/** The rows below a cursor down to the one that the next page begins after; more pages than one where rows came in between. */
async function readBetween<Row>(
  from: Cursor,
  down: number | undefined,
  { pageSize, cursorOf, read }: PagedList<Row>,
): Promise<Pages<Row>> {
  const pages: Page<Row>[] = [];
  const pageParams: Cursor[] = [];
  for (let cursor = from; ;) {
    const page = await read(cursor);
    const data = page.data.filter((row) => down === undefined || cursorOf(row) >= down);
    pages.push({ ...page, data });
    pageParams.push(cursor);
    const whole = down === undefined || data.length < pageSize;
    const last = page.data.at(-1);
    if (whole || last === undefined || pages.length > mostNewPages) return { pages, pageParams };
    if (cursorOf(last) <= down) return { pages, pageParams };
    cursor = { after: cursorOf(last) };
  }
}
