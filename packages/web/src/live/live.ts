// Follows the server's changes while the page is seen, and has the answers that they touch read again.
import type { Query, QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { wait } from '@flowhook/client/limit';
import { Problem } from '@flowhook/client/problem';
import { hasSessionEnded } from '../api/call.ts';
import { isKept, readAgain } from '../api/query.ts';
import { isGone } from '../api/removal.ts';
import type { Changed } from '../api/row-refresh.ts';
import { server } from '../api/send-once.ts';
import { awaitSignIn } from '../api/session-store.ts';
import { isListOf, isTouched, type Change } from './change-reach.ts';

/** Answers are read again at most this often, however much changes. */
const gapMs = 400;
const firstMs = 50;
/** More changes than this at once, and everything is read again. */
const maxAtOnce = 200;
/** After a refusal that is not about the session. */
const retryMs = 5000;

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

/** Returns a function that ends it. A hidden tab hears nothing, and goes on where it stood when it is seen again. */
function followChanges(client: QueryClient): () => void {
  const gathering = gatherChanges(client);
  const place: Place = { lastId: undefined };
  let ending: AbortController | undefined;

  function start(): void {
    if (document.hidden || ending !== undefined) return;
    ending = new AbortController();
    void followWhileSignedIn(place, gathering, ending.signal);
  }

  function stop(): void {
    ending?.abort();
    ending = undefined;
  }

  function onVisibility(): void {
    if (!document.hidden) return start();
    stop();
    note('paused');
  }

  document.addEventListener('visibilitychange', onVisibility);
  start();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    gathering.stop();
    stop();
  };
}

/** Where to go on from. */
interface Place {
  lastId: string | undefined;
}

/** A following ends where it is refused, first of all because the session has ended. */
async function followWhileSignedIn(place: Place, gathering: Gathering, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    note('connecting');
    try {
      await followOnce(place, gathering, signal);
    } catch (error) {
      if (signal.aborted) return;
      const gone = await hasSessionEnded().catch(() => false);
      await (gone ? awaitSignIn(signal) : wait(retryMs, signal)).catch(() => undefined);
      if (!(error instanceof Problem)) console.error(error);
    }
  }
}

async function followOnce(place: Place, gathering: Gathering, signal: AbortSignal): Promise<void> {
  const options = {
    signal,
    after: place.lastId,
    onOpen: () => note('live'),
    onBreak: () => note('connecting'),
    onMove: (id: string) => {
      place.lastId = id;
    },
  };
  // Fetched when the page stands.
  const { follow } = await import('@flowhook/client/follow');
  for await (const event of follow({ server }, {}, options)) {
    if (event.type === 'change') gathering.add(event.change);
    // Nothing is old where nothing was followed yet.
    else if (place.lastId !== undefined) gathering.addAll();
  }
}

type Gathering = ReturnType<typeof gatherChanges>;

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
    const [gathered, everything, wasLate] = [changes, all || changes.length > maxAtOnce, late];
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
    add(change: Change) {
      changes.push(change);
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
