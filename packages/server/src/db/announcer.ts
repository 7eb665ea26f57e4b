// What follows the commit of a transaction, announcements above all, is kept until then; a rolled back one drops it.
import type { Announcement, Listener, Tx } from './database.ts';

export interface Announcer {
  announce(tx: Tx, announcement: Announcement): void;
  afterCommit(tx: Tx, act: () => void): void;
  /** Wraps a transaction's work so that what it announces can be told by the function it gives. */
  collect<Result>(work: (tx: Tx) => Promise<Result>): (tx: Tx) => Promise<Collected<Result>>;
  tell(told: readonly Announcement[]): void;
  act(acts: readonly (() => void)[]): void;
  listen(listener: Listener): () => void;
}

interface Collected<Result> {
  readonly value: Result;
  readonly told: Announcement[];
  readonly acts: (() => void)[];
}

/** `onError` gets what a listener throws: telling one never stops the others. */
export function createAnnouncer(onError: (error: unknown) => void): Announcer {
  // On SQLite several works run one after the other on the same connection: the current one is what counts.
  const open = new WeakMap<Tx, Omit<Collected<unknown>, 'value'>>();
  const listeners = new Set<Listener>();

  function attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      onError(error);
    }
  }

  function openOf(tx: Tx) {
    const found = open.get(tx);
    if (found === undefined) throw new Error('announce outside of a transaction');
    return found;
  }

  return {
    announce: (tx, announcement) => void openOf(tx).told.push(announcement),
    afterCommit: (tx, act) => void openOf(tx).acts.push(act),
    collect: (work) => async (tx) => {
      const kept = { told: [] as Announcement[], acts: [] as (() => void)[] };
      open.set(tx, kept);
      return { value: await work(tx), ...kept };
    },
    tell(told) {
      for (const announcement of told)
        for (const listener of listeners) attempt(() => listener(announcement));
    },
    act: (acts) => acts.forEach(attempt),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
