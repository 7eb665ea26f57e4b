// Announcements of a transaction are kept until its commit, then told; those of a rolled back one are dropped.
import type { Announcement, Listener, Tx } from './database.ts';

export interface Announcer {
  announce(tx: Tx, announcement: Announcement): void;
  /** Wraps a transaction's work so that what it announces can be told by the function it gives. */
  collect<Result>(
    work: (tx: Tx) => Promise<Result>,
  ): (tx: Tx) => Promise<{ value: Result; told: Announcement[] }>;
  tell(told: readonly Announcement[]): void;
  listen(listener: Listener): () => void;
}

/** `onError` gets what a listener throws: telling one never stops the others. */
export function createAnnouncer(onError: (error: unknown) => void): Announcer {
  // On SQLite several works run one after the other on the same connection: the current one is what counts.
  const open = new WeakMap<Tx, Announcement[]>();
  const listeners = new Set<Listener>();

  function tellOne(listener: Listener, announcement: Announcement): void {
    try {
      listener(announcement);
    } catch (error) {
      onError(error);
    }
  }

  return {
    announce(tx, announcement) {
      const told = open.get(tx);
      if (told === undefined) throw new Error('announce outside of a transaction');
      told.push(announcement);
    },
    collect: (work) => async (tx) => {
      const told: Announcement[] = [];
      open.set(tx, told);
      return { value: await work(tx), told };
    },
    tell(told) {
      for (const announcement of told) for (const listener of listeners) tellOne(listener, announcement);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
