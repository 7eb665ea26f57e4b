// Pure: which pages of a long list are read again when its rows change; of 10,000 rows most are out of sight.

export interface Page<Row> {
  readonly data: readonly Row[];
  /** It may have changed since it was read: it is read again when it comes into view. */
  readonly stale?: true;
}

/** As TanStack Query keeps an endless list. */
export interface Pages<Row> {
  readonly pages: readonly Page<Row>[];
  readonly pageParams: readonly Cursor[];
}

/** A page holds the rows below `after`, the newest first; where a list has no cursor, those from `offset` on. */
export interface Cursor {
  readonly after?: number;
  readonly offset?: number;
}

export interface PagedList<Row> {
  readonly pageSize: number;
  /** The cursor of the page after this row, which is its id; none where pages are counted. */
  readonly cursorOf?: ((row: Row) => number) | undefined;
  read(cursor: Cursor): Promise<Page<Row>>;
}

/** The rows that are drawn, by their places in the list. */
export interface View {
  readonly first: number;
  readonly last: number;
}

/** Ids of rows, or any of them. */
export type Changed = ReadonlySet<number> | 'any';

/** So many new pages at the front, and the list begins anew. */
const maxNewPages = 5;
/** Pages so near to the view count as seen: rows are drawn before they come into sight. */
const margin = 20;

/** Marks the pages that may have changed. Where pages are counted, one row that moves moves all behind it. */
export function markStale<Row>(
  { pages, pageParams }: Pages<Row>,
  changed: Changed,
  { cursorOf }: PagedList<Row>,
): Pages<Row> {
  const touched = ({ data }: Page<Row>, index: number) =>
    // New rows come to the front.
    index === 0 ||
    changed === 'any' ||
    cursorOf === undefined ||
    data.some((row) => changed.has(cursorOf(row)));
  return {
    pages: pages.map((page, index) => (touched(page, index) ? { ...page, stale: true } : page)),
    pageParams,
  };
}

/** Places of the marked pages that somebody looks at. */
export function findStale<Row>({ pages }: Pages<Row>, { first, last }: View): number[] {
  let end = 0;
  return pages.flatMap(({ data, stale }, index) => {
    const begin = end;
    end += data.length;
    return stale === true && begin <= last + margin && end >= first - margin ? [index] : [];
  });
}

/** What the server has now in place of some pages; by cursor these may be more pages than there were. */
export async function readPages<Row>(
  { pageParams }: Pages<Row>,
  places: readonly number[],
  list: PagedList<Row>,
): Promise<ReadonlyMap<number, Pages<Row>>> {
  const read = async (place: number): Promise<[number, Pages<Row>]> => {
    const cursor = pageParams[place]!;
    if (list.cursorOf !== undefined)
      return [place, await readBetween(cursor, pageParams[place + 1]?.after, list, list.cursorOf)];
    return [place, { pages: [await list.read(cursor)], pageParams: [cursor] }];
  };
  return new Map(await Promise.all(places.map(read)));
}

/** The list with what was read in its place. */
export function putPages<Row>(
  { pages, pageParams }: Pages<Row>,
  read: ReadonlyMap<number, Pages<Row>>,
): Pages<Row> {
  const front = read.get(0);
  if (front !== undefined && front.pages.length > maxNewPages) return front;
  const made = pages.map(
    (page, index) => read.get(index) ?? { pages: [page], pageParams: [pageParams[index]!] },
  );
  return {
    pages: made.flatMap((each) => each.pages),
    pageParams: made.flatMap((each) => each.pageParams),
  };
}

/** The rows below a cursor down to the one that the next page begins after; more pages than one where rows came in between. */
async function readBetween<Row>(
  from: Cursor,
  down: number | undefined,
  { pageSize, read }: PagedList<Row>,
  cursorOf: (row: Row) => number,
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
    if (whole || last === undefined || pages.length > maxNewPages) return { pages, pageParams };
    if (cursorOf(last) <= down) return { pages, pageParams };
    cursor = { after: cursorOf(last) };
  }
}

/** The rows of all pages. */
export function joinRows<Row>({ pages }: Pages<Row>): readonly Row[] {
  return pages.flatMap(({ data }) => data);
}

/** The same, each id once: where pages are counted, one that is not read again yet may hold a row that has moved to another. */
export function joinRowsOnce<Row>(list: Pages<Row>): readonly Row[] {
  const seen = new Set<unknown>();
  return joinRows(list).filter((row) => {
    const { id } = row as { id?: unknown };
    const isNew = !seen.has(id);
    seen.add(id);
    return isNew;
  });
}
