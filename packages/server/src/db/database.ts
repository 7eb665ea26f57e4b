// The one Database that SQLite and PostgreSQL are: reads, transactions, announcements, and which nodes are alive.
import type { Kysely, Transaction } from 'kysely';
import type { DialectWords } from './dialect.ts';
import type { Schema } from './schema.ts';

declare const inTransaction: unique symbol;

/** What reads: the database outside of a transaction, or a transaction. It carries the words of its dialect. */
export type Read = Kysely<Schema> & DialectWords;

/** An open transaction. Store functions that write take one, so that they can't be called outside of it. */
export type Tx = Transaction<Schema> & DialectWords & { readonly [inTransaction]: true };

/** What others may want to know once a transaction is committed. */
export interface Announcement {
  readonly topic: string;
  readonly flowId: number | null;
  readonly ids: readonly number[];
}

/**
 * The topic of an announcement that this process makes to itself: announcements of other nodes may have been lost, as
 * its session was broken. Whoever keeps something in step by announcements reads it again.
 */
export const announcementsMissed = 'announcements.missed';

export type Listener = (announcement: Announcement) => void;

export interface Database {
  /** Reads outside of a transaction. */
  readonly read: Read;
  /**
   * Reads that may go through many rows: lists, counts, exports, the audit. On SQLite in threads of their own, on PostgreSQL
   * on a few connections of their own, so that they hold up nothing else. One that takes too long throws `TookTooLong`.
   */
  readonly aside: Read;
  /** Returns what `work` reads of one moment, however long that takes, beside everything else. */
  readLong<Result>(work: (moment: Read) => Promise<Result>): Promise<Result>;
  /**
   * Runs `work` in a transaction and gives what it gives once that is durable. `work` may be run again after a
   * deadlock, so what it takes outside of the transaction `afterRollback` gives back, and it awaits nothing but the transaction's own queries.
   */
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** Tells listeners on every node, after the commit and only then. Lost if the process dies in between: whoever must not miss it also polls. */
  announce(tx: Tx, announcement: Announcement): void;
  listen(listener: Listener): () => void;
  /** Runs in this process, after the commit and only then; lost if the process dies in between: a lease must stand behind it. */
  afterCommit(tx: Tx, act: () => void): void;
  /** Gives back what `work` took outside of the transaction: runs in this process where it, or this try of it, came to nothing. */
  afterRollback(tx: Tx, act: () => void): void;
  /** This process's row in `nodes`: the owner of its leases. */
  readonly nodeId: number;
  /** The nodes among `ids` that are known to be gone: their leases may end early. */
  findGoneNodes(ids: readonly number[]): Promise<number[]>;
  /** The nodes among `ids` that have not been heard of for three seconds: gone, stopped or cut off. Their leases stand. */
  findSilentNodes(ids: readonly number[]): Promise<number[]>;
  close(): Promise<void>;
}
