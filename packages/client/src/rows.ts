// All rows of a list, page by page: by its cursor where it has one, else by offset.
import type { AnyEndpoint, Endpoint } from '@flowhook/contract/endpoint';
import type { CallArguments, LooseInput, RowOf } from './call-input.ts';
import type { Caller, CallOptions } from './caller.ts';

type Query = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, unknown>>;
type Rows = AsyncGenerator<Row, void, undefined>;
type ReadPage = (query: Query) => Promise<{ readonly data: readonly Row[] }>;

/** As many rows as may have embedded lists. */
const usualPage = 100;
/** The most that a page takes: no event has so many decisions. */
const largestPage = 1000;

/**
 * All rows of a list in its order, read page by page as they are asked for; `limit` is the size of a page. Rows that
 * come or go meanwhile may be among them or not; none is there twice.
 */
export function each<E extends Endpoint>(
  { call }: Pick<Caller, 'call'>,
  endpoint: E,
  ...[input, options]: CallArguments<E, CallOptions>
): AsyncGenerator<RowOf<E>, void, undefined> {
  const given: LooseInput = input ?? {};
  const readPage: ReadPage = async (query) =>
    (await call<Endpoint>(endpoint, { ...given, query } as never, options)) as never;
  return readRows(endpoint, (given.query ?? {}) as Query, readPage) as never;
}

function readRows(endpoint: AnyEndpoint, query: Query, readPage: ReadPage): Rows {
  const known = shapeOf(endpoint.query);
  if (!('limit' in known) || /^(?:true|1)$/iu.test(String(query['noLimit'])))
    return readWhole(query, readPage);
  // A cursor goes by id: in another order it would leave rows out.
  const isNewestFirst = (query['sort'] ?? '-id') === '-id' && query['offset'] === undefined;
  if (!('after' in known) || !isNewestFirst) return readByOffset(query, readPage);
  return isOfEvents(endpoint) ? readByEvent(query, readPage) : readById(query, readPage);
}

/** True for endpoints that answer a list. */
export function holdsRows({ reply }: AnyEndpoint): boolean {
  return 'data' in shapeOf(reply);
}

function shapeOf(schema: object): Readonly<Record<string, unknown>> {
  return 'shape' in schema ? (schema.shape as Record<string, unknown>) : {};
}

/** Decisions have no id of their own: several are of one event. */
function isOfEvents({ reply }: AnyEndpoint): boolean {
  const { data } = shapeOf(reply) as { data?: { element?: object } };
  return 'eventId' in shapeOf(data?.element ?? {});
}

async function* readWhole(query: Query, readPage: ReadPage): Rows {
  yield* (await readPage(query)).data;
}

async function* readById(query: Query, readPage: ReadPage): Rows {
  const limit = Number(query['limit'] ?? usualPage);
  let after = query['after'];
  for (;;) {
    const { data } = await readPage({ ...query, limit, after });
    yield* data;
    if (data.length < limit) return;
    after = data.at(-1)!['id'];
  }
}

/** The last event of a page may go on behind it, so that it is read again. */
async function* readByEvent(query: Query, readPage: ReadPage): Rows {
  let after = query['after'];
  for (;;) {
    const { data } = await readPage({ ...query, limit: largestPage, after });
    const last = data.at(-1)?.['eventId'];
    const isEnd = data.length < largestPage;
    yield* isEnd ? data : data.filter(({ eventId }) => eventId !== last);
    if (isEnd) return;
    after = Number(last) + 1;
  }
}

async function* readByOffset(query: Query, readPage: ReadPage): Rows {
  const limit = Number(query['limit'] ?? usualPage);
  const seen = new Set<unknown>();
  for (let offset = Number(query['offset'] ?? 0); ; offset += limit) {
    const { data } = await readPage({ ...query, limit, offset });
    for (const row of data) {
      // What was made meanwhile moves the others on.
      const key = row['id'] ?? row['tokenId'] ?? row;
      if (!seen.has(key)) yield row;
      seen.add(key);
    }
    if (data.length < limit) return;
  }
}
