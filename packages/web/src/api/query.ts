// Hooks over the contract: an endpoint that is read, one that is paged through, one that changes something.
import {
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryKey,
} from '@tanstack/react-query';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { ApiProblem } from './api-problem.ts';
import { call, type AnswerOf, type InputOf } from './call.ts';
import { refreshPages, type Page, type PagedList, type Pages } from './row-refresh.ts';

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Changes are told by the event stream (live/): what was read a moment ago is still true.
        staleTime: 10_000,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        retry: (count, error) => count < 2 && isPassing(error),
      },
      mutations: { networkMode: 'always' },
    },
  });
}

/** A server that is being restarted, or a proxy in front of one. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status === 502 || error.status === 504);
}

/** `[path, input]`: live/affected.ts finds by it what a change touches. */
export function keyOf<E extends Endpoint>(endpoint: E, input: InputOf<E>): QueryKey {
  const { params, query } = input as { params?: object; query?: object };
  return [endpoint.path, { params, query }];
}

export interface ReadOptions {
  /** False while it can't be asked yet. */
  readonly enabled?: boolean;
  /** Goes on showing the last answer while another input is being asked. */
  readonly keepPrevious?: boolean;
  /** Asks again this often while the page is seen, milliseconds. */
  readonly refetchInterval?: number | false;
  readonly staleTime?: number;
}

/** Reads an endpoint; the answer is kept up to date by the event stream. */
export function useEndpoint<E extends Endpoint>(
  endpoint: E,
  input: InputOf<E>,
  { keepPrevious = false, ...options }: ReadOptions = {},
) {
  return useQuery<AnswerOf<E>, ApiProblem>({
    queryKey: keyOf(endpoint, input),
    queryFn: ({ signal }) => call(endpoint, input, { signal }),
    ...(keepPrevious && { placeholderData: keepPreviousData }),
    ...options,
  });
}

export type RowOf<E> = AnswerOf<E> extends { data: (infer Row)[] } ? Row : never;

export interface PageOptions<E> extends ReadOptions {
  readonly pageSize?: number;
  /** The cursor of the page after this row; offset paging where it is left out. */
  cursorOf?(last: RowOf<E>): number;
}

declare module '@tanstack/react-query' {
  interface Register {
    queryMeta: {
      /** Reads again what these rows of a list stand on, not the whole list. */
      refreshRows?(client: QueryClient, ids: ReadonlySet<number>): Promise<void>;
    };
  }
}

/** Reads a list page by page; `rows` are those that were read so far. */
export function useRows<E extends Endpoint>(
  endpoint: E,
  input: InputOf<E>,
  { pageSize = 200, cursorOf, keepPrevious = true, ...options }: PageOptions<E> = {},
) {
  const queryKey = [...keyOf(endpoint, input), 'rows', pageSize];
  const read = async (cursor: object, signal?: AbortSignal) => {
    const { query } = input as { query?: object };
    const paged = { ...(input as object), query: { ...query, limit: pageSize, ...cursor } };
    const answer: unknown = await call(endpoint, paged as never, signal === undefined ? {} : { signal });
    return answer as Page<RowOf<E>>;
  };
  return useInfiniteQuery<Page<RowOf<E>>, ApiProblem, readonly RowOf<E>[], QueryKey, object>({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: {},
    getNextPageParam: (last, pages) => {
      if (last.data.length < pageSize) return undefined;
      if (cursorOf === undefined) return { offset: pages.length * pageSize };
      return { after: cursorOf(last.data.at(-1)!) };
    },
    select: ({ pages }) => pages.flatMap(({ data }) => data),
    ...(cursorOf !== undefined && {
      meta: {
        refreshRows: (client, ids) => refreshRows(client, queryKey, ids, { pageSize, cursorOf, read }),
      },
    }),
    ...(keepPrevious && { placeholderData: keepPreviousData }),
    ...options,
  });
}

async function refreshRows<Row>(
  client: QueryClient,
  queryKey: QueryKey,
  ids: ReadonlySet<number>,
  list: PagedList<Row>,
): Promise<void> {
  const before = client.getQueryData<Pages<Row>>(queryKey);
  if (before === undefined) return;
  const { pages, pageParams } = await refreshPages(before, ids, list);
  client.setQueryData<Pages<Row>>(queryKey, (now = before) => ({
    // Pages that were read meanwhile stand behind those.
    pages: [...pages, ...now.pages.slice(before.pages.length)],
    pageParams: [...pageParams, ...now.pageParams.slice(before.pages.length)],
  }));
}

export interface ChangeOptions<E extends Endpoint> {
  /** Paths (or their beginnings) whose answers are read again, beside those of the same resource. */
  readonly refreshes?: readonly string[];
  onDone?(answer: AnswerOf<E>, input: InputOf<E>): void;
}

/** Calls an endpoint that changes something, and reads again what it touches. */
export function useChange<E extends Endpoint>(
  endpoint: E,
  { refreshes = [], onDone }: ChangeOptions<E> = {},
) {
  const client = useQueryClient();
  return useMutation<AnswerOf<E>, ApiProblem, InputOf<E>>({
    mutationFn: (input) => call(endpoint, input),
    onSuccess: (answer, input) => {
      refresh(client, [resourceOf(endpoint.path), ...refreshes]);
      onDone?.(answer, input);
    },
  });
}

/** Reads again every answer whose path begins so. */
export function refresh(client: QueryClient, beginnings: readonly string[]): void {
  void client.invalidateQueries({
    predicate: ({ queryKey: [path] }) =>
      typeof path === 'string' && beginnings.some((beginning) => path.startsWith(beginning)),
  });
}

/** `/v4/flows/:id` is of `/v4/flows`. */
function resourceOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}
