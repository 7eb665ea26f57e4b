// Hooks over the contract: an endpoint that is read, one that is paged through, one that changes something.
import {
  hashKey,
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type Query,
  type QueryKey,
} from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { Problem } from '@flowhook/client/problem';
import type { AnswerOf, InputOf } from '@flowhook/client/call-input';
import { makeKey } from '@flowhook/client/sender';
import { call } from './call.ts';
import { isGone, noteRemoval } from './removal.ts';
import { createRowKeeper, type RowKeeper } from './row-keeper.ts';
import { joinRows, joinRowsOnce, type Changed, type Page } from './row-refresh.ts';

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
  return error instanceof Problem && (error.status === 0 || error.status === 502 || error.status === 504);
}

/** `[path, input]`: live/change-reach.ts finds by it what a change touches. */
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
  return useQuery<AnswerOf<E>, Problem>({
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
      /** Of a long list: reads again what is in view of it, not the whole list. */
      rows?: RowKeeper;
    };
  }
}

/**
 * Reads a list page by page; `data` are the rows that were read so far. `look` is for the table: what it draws is read
 * again when it changes, the rest when it comes into view.
 */
export function useRows<E extends Endpoint>(
  endpoint: E,
  input: InputOf<E>,
  { pageSize = 200, cursorOf, keepPrevious = true, ...options }: PageOptions<E> = {},
) {
  const client = useQueryClient();
  const queryKey = [...keyOf(endpoint, input), 'rows', pageSize];
  const hash = hashKey(queryKey);
  const read = async (cursor: object, signal?: AbortSignal) => {
    const { query } = input as { query?: object };
    const paged = { ...(input as object), query: { ...query, limit: pageSize, ...cursor } };
    const answer: unknown = await call(endpoint, paged as never, signal === undefined ? {} : { signal });
    return answer as Page<RowOf<E>>;
  };
  const keeper = useMemo(
    () => createRowKeeper<RowOf<E>>(client, queryKey, { pageSize, cursorOf, read }),
    // oxlint-disable-next-line react/exhaustive-deps -- What it reads with is told by the key.
    [client, hash],
  );
  useEffect(() => keeper.attach(), [keeper]);
  const rows = useInfiniteQuery<Page<RowOf<E>>, Problem, readonly RowOf<E>[], QueryKey, object>({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: {},
    getNextPageParam: (last, pages) => {
      if (last.data.length < pageSize) return undefined;
      if (cursorOf === undefined) return { offset: pages.length * pageSize };
      return { after: cursorOf(last.data.at(-1)!) };
    },
    // The keeper has it read again, page by page.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: false,
    meta: { rows: keeper },
    select: cursorOf === undefined ? joinRowsOnce : joinRows,
    ...(keepPrevious && { placeholderData: keepPreviousData }),
    ...options,
  });
  return { ...rows, look: keeper.look };
}

export interface ChangeOptions<E extends Endpoint> {
  /** Paths (or their beginnings) whose answers are read again, beside those of the same resource. */
  readonly refreshes?: readonly string[];
  onDone?(answer: AnswerOf<E>, input: InputOf<E>): void;
}

/** A second click of a double click comes sooner. */
const sameClickMs = 1000;

interface Sent<Answer> {
  readonly input: string;
  readonly at: number;
  readonly answer: Promise<Answer>;
  isTold: boolean;
}

/** A call whose answer was lost: what it was to make may be there. */
interface Unsure {
  readonly input: string;
  readonly key: string;
}

/** Not where the server said no. */
function mayBeMade(error: unknown): boolean {
  return !(error instanceof Problem) || error.status === 0 || error.status >= 500;
}

/**
 * Calls an endpoint that changes something, and reads again what it touches; of what it deletes nothing. A double click
 * acts once: the same input again, within a second of what has not failed, is the same call. Pressed again after an answer
 * was lost, it makes nothing twice: the call is repeated with its key.
 */
export function useChange<E extends Endpoint>(
  endpoint: E,
  { refreshes = [], onDone }: ChangeOptions<E> = {},
) {
  const client = useQueryClient();
  const sent = useRef<Sent<AnswerOf<E>> | null>(null);
  const unsure = useRef<Unsure | null>(null);
  const send = (input: InputOf<E>): Promise<AnswerOf<E>> => {
    if (endpoint.method === 'DELETE')
      return noteRemoval(endpoint, paramsOf(input), () => call(endpoint, input));
    const hash = hashKey([input]);
    if (unsure.current?.input !== hash) unsure.current = { input: hash, key: makeKey() };
    const answer = call(endpoint, input, { idempotencyKey: unsure.current.key });
    answer.then(
      () => (unsure.current = null),
      (error: unknown) => {
        if (!mayBeMade(error)) unsure.current = null;
      },
    );
    return answer;
  };
  return useMutation<AnswerOf<E>, Problem, InputOf<E>>({
    mutationFn: (input) => {
      const now: Sent<AnswerOf<E>> | null = sent.current;
      const key = hashKey([input]);
      if (now?.input === key && performance.now() - now.at < sameClickMs) return now.answer;
      const answer = send(input);
      sent.current = { input: key, at: performance.now(), answer, isTold: false };
      answer.catch(() => (sent.current = null));
      return answer;
    },
    onSuccess: (answer, input) => {
      if (sent.current?.input === hashKey([input])) {
        if (sent.current.isTold) return;
        sent.current.isTold = true;
      }
      onDone?.(answer, input);
      // A dialog that closes now must not ask once more for what it has just removed.
      setTimeout(() => refresh(client, [resourceOf(endpoint.path), ...refreshes]));
    },
  });
}

/** Reads again every answer whose path begins so. */
export function refresh(client: QueryClient, beginnings: readonly string[]): void {
  const found = client.getQueryCache().findAll({
    predicate: ({ queryKey }) => {
      const [path] = queryKey;
      return (
        typeof path === 'string' &&
        beginnings.some((beginning) => path.startsWith(beginning)) &&
        !isGone(queryKey)
      );
    },
  });
  for (const query of found) readAgain(client, query);
}

/** Has an answer read again; of a long list what is in view. `changed` are the ids of rows that a list may hold. */
export function readAgain(client: QueryClient, query: Query, changed: Changed = 'any'): void {
  if (isKept(query)) query.meta!.rows!.note(changed);
  else void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
}

/** True for a long list that stands on a page or stood there: it is read page by page. */
export function isKept({ meta, state }: Query): boolean {
  return meta?.rows !== undefined && state.data !== undefined;
}

function paramsOf(input: object): Readonly<Record<string, unknown>> {
  return (input as { params?: Readonly<Record<string, unknown>> }).params ?? {};
}

/** `/v4/flows/:id` is of `/v4/flows`. */
function resourceOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}
