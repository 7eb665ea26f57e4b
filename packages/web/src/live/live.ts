// Follows the server's changes while the page is seen, and has the answers that they touch read again.
import type { Query, QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { changeEvent, eventStreamEndpoints } from '@flowhook/contract/workspace/event-stream';
import { addressOf, hasSessionEnded } from '../api/call.ts';
import { isKept, readAgain } from '../api/query.ts';
import { isGone } from '../api/removal.ts';
import type { Changed } from '../api/row-refresh.ts';
import { awaitSignIn } from '../api/session-store.ts';
import { isListOf, isTouched, type Change } from './affected.ts';

/** Answers are read again at most this often, however much changes. */
const gapMs = 400;
const firstMs = 50;
/** More changes than this at once, and everything is read again. */
const mostAtOnce = 200;
const retryMs = [500, 1000, 2000, 5000, 10_000];

export type LiveState = 'live' | 'connecting' | 'paused';

let state: LiveState = 'connecting';
const listeners = new Set<() => void>();

/** `connecting` also means: what is shown may be old. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => state,
  );
}

/** Follows changes as long as the component is there. */
export function useLive(client: QueryClient): void {
  useEffect(() => followChanges(client), [client]);
}

function note(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** Gives a function that ends it. */
function followChanges(client: QueryClient): () => void {
  const gathering = gatherChanges(client);
  let source: EventSource | undefined;
  let lastId: string | undefined;
  let wasOpen = false;
  let failures = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  function open(): void {
    clearTimeout(retry);
    if (ended || document.hidden || source !== undefined) return;
    note('connecting');
    const query = lastId === undefined ? {} : { lastEventId: lastId };
    const opened = new EventSource(addressOf(eventStreamEndpoints.open, { query }));
    source = opened;
    opened.addEventListener('open', () => {
      // Without an event to go on from, nobody knows what changed while there was no stream.
      if (lastId === undefined && wasOpen) gathering.addAll();
      wasOpen = true;
      failures = 0;
      note('live');
    });
    opened.addEventListener('change', (event) => {
      lastId = event.lastEventId;
      gathering.add(event.data);
    });
    opened.addEventListener('reset', (event) => {
      lastId = event.lastEventId;
      gathering.addAll();
    });
    opened.addEventListener('error', () => void onError(opened));
  }

  /** The browser itself connects again after a broken line, with Last-Event-ID; not after a refusal. */
  async function onError(failed: EventSource): Promise<void> {
    note('connecting');
    failures += 1;
    if (failed.readyState !== EventSource.CLOSED || source !== failed) return;
    source = undefined;
    const gone = await hasSessionEnded().catch(() => false);
    if (gone && !ended) await awaitSignIn();
    retry = setTimeout(open, retryMs[Math.min(failures, retryMs.length) - 1]);
  }

  function close(): void {
    source?.close();
    source = undefined;
  }

  function onVisibility(): void {
    if (document.hidden) {
      close();
      clearTimeout(retry);
      note('paused');
    } else open();
  }

  document.addEventListener('visibilitychange', onVisibility);
  open();
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', onVisibility);
    clearTimeout(retry);
    gathering.stop();
    close();
  };
}

function gatherChanges(client: QueryClient) {
  let changes: Change[] = [];
  let all = false;
  /** What was being read when it changed: it may have been read too early, and is read again after that. */
  let late = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;

  function plan(): void {
    const wait = Math.max(firstMs, last + gapMs - performance.now());
    timer ??= setTimeout(flush, wait);
  }

  function flush(): void {
    timer = undefined;
    last = performance.now();
    const [gathered, everything, wasLate] = [changes, all || changes.length > mostAtOnce, late];
    changes = [];
    all = false;
    late = new Set();
    for (const query of client.getQueryCache().getAll()) {
      if (isGone(query.queryKey)) continue;
      const touching = gathered.filter((change) => touches(query.queryKey, change));
      const whole = everything || wasLate.has(query.queryHash);
      if (!whole && touching.length === 0) continue;
      // To begin anew at each change would never end while changes come faster than answers.
      if (query.state.fetchStatus === 'fetching' && !isKept(query)) late.add(query.queryHash);
      else readAgain(client, query, whole ? 'any' : rowsOf(query, touching));
    }
    if (late.size > 0) plan();
  }

  return {
    add(data: string) {
      const read = changeEvent.safeParse(JSON.parse(data));
      if (read.success) changes.push(read.data);
      plan();
    },
    addAll() {
      all = true;
      plan();
    },
    stop: () => clearTimeout(timer),
  };
}

function touches([path, input]: readonly unknown[], change: Change): boolean {
  const { params = {}, query = {} } = (input ?? {}) as { params?: object; query?: object };
  return typeof path === 'string' && isTouched(path, { ...query, ...params }, change);
}

/** The rows of a list that changed, where the changes are about its rows at all. */
function rowsOf({ queryKey: [path] }: Query, changes: readonly Change[]): Changed {
  if (!changes.every((change) => isListOf(String(path), change))) return 'any';
  return new Set(changes.map(({ id }) => id));
}
