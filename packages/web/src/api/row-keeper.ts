// Keeps a long list as the server has it: what is in view is read again at once, the rest when it comes into view.
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import {
  findStale,
  markStale,
  putPages,
  readPages,
  type Changed,
  type PagedList,
  type Pages,
  type View,
} from './row-refresh.ts';

export interface RowKeeper {
  /** Rows have changed; what is in view of them is read again. */
  note(changed: Changed): void;
  /** The rows that are drawn now, by their places. */
  look(first: number, last: number): void;
  /** Called while the list is on a page; gives what is called when it is not any more. */
  attach(): () => void;
}

/** What was read longer ago may be old where nobody told of changes: not every list is live. */
const freshMs = 10_000;
const start: View = { first: 0, last: 0 };

export function createRowKeeper<Row>(
  client: QueryClient,
  queryKey: QueryKey,
  list: PagedList<Row>,
): RowKeeper {
  /** A table tells what it draws before its page is there. */
  let view: View = start;
  /** Nothing is read while nobody looks. */
  let attached = false;
  let changed: Changed | null = null;
  let working = false;
  /** Something was noted or looked at since the last time round. */
  let asked = false;

  const find = () => client.getQueryCache().find<Pages<Row>>({ queryKey, exact: true });

  /** A page that is being read goes behind the pages that were there when it was asked for. */
  async function untilIdle(): Promise<void> {
    for (let query = find(); query?.state.fetchStatus === 'fetching'; query = find()) {
      await query.promise?.catch(() => undefined);
    }
  }

  async function work(): Promise<void> {
    asked = true;
    if (working) return;
    working = true;
    try {
      while (asked) {
        asked = false;
        if (await readSome()) asked = true;
      }
    } catch {
      // What could not be read stays marked: the next change, look or connection tries again.
    } finally {
      working = false;
    }
  }

  /** True if there may be more to read. */
  async function readSome(): Promise<boolean> {
    await untilIdle();
    const query = find();
    const known = query?.state.data;
    if (query === undefined || known === undefined) return false;
    const before = changed === null ? known : markStale(known, changed, list);
    changed = null;
    if (before !== known) query.setData(before, { updatedAt: query.state.dataUpdatedAt, manual: true });
    const places = attached ? findStale(before, view) : [];
    if (places.length === 0) return false;
    const read = await readPages(before, places, list);
    await untilIdle();
    client.setQueryData<Pages<Row>>(queryKey, (now) => now && putPages(now, read));
    return true;
  }

  return {
    note(more) {
      changed = join(changed, more);
      void work();
    },
    look(first, last) {
      view = { first, last };
      void work();
    },
    attach() {
      attached = true;
      const state = find()?.state;
      const isOld = state !== undefined && Date.now() - state.dataUpdatedAt > freshMs;
      if (isOld && state.data !== undefined) changed = 'any';
      void work();
      return () => {
        attached = false;
        view = start;
      };
    },
  };
}

function join(a: Changed | null, b: Changed): Changed {
  if (a === 'any' || b === 'any') return 'any';
  return a === null ? b : new Set([...a, ...b]);
}
