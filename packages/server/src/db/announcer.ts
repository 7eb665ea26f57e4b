// What follows the end of a transaction: announcements and acts after its commit, acts after a rollback.
import type { Announcement, Listener, Tx } from './database.ts';

export interface Announcer {
  announce(tx: Tx, announcement: Announcement): void;
  afterCommit(tx: Tx, act: () => void): void;
  afterRollback(tx: Tx, act: () => void): void;
  /** Wraps a transaction's work: each of its tries adds what follows it. */
  collect<Result>(work: (tx: Tx) => Promise<Result>, tries: Kept[]): (tx: Tx) => Promise<Result>;
  tell(told: readonly Announcement[]): void;
  act(acts: readonly (() => void)[]): void;
  listen(listener: Listener): () => void;
}

/** What follows one try of a transaction: `undone` if it is rolled back, else the rest. */
export interface Kept {
  readonly told: Announcement[];
  readonly acts: (() => void)[];
  readonly undone: (() => void)[];
}

/** `onError` gets what a listener throws: telling one never stops the others. */
export function createAnnouncer(onError: (error: unknown) => void): Announcer {
  // On SQLite several works run one after the other on the same connection: the current one is what counts.
  const open = new WeakMap<Tx, Kept>();
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
    afterRollback: (tx, act) => void openOf(tx).undone.push(act),
    collect: (work, tries) => (tx) => {
      const kept: Kept = { told: [], acts: [], undone: [] };
      open.set(tx, kept);
      tries.push(kept);
      return work(tx);
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
