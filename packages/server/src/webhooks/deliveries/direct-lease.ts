// A delivery can be born under the lease of the process that records it: sent after the commit, with no claim in between.
import type { Database, Tx } from '../../db/database.ts';
import type { Claim } from './delivery-claim.ts';

/**
 * What a worker offers to those who record in its process. It is the same lease as a claim's: what a crash cuts off is
 * taken over by the same rules.
 */
export interface DirectLease {
  readonly nodeId: number;
  /** Longer than the longest attempt, in milliseconds. */
  leaseMs(): number;
  /** Takes a slot for one delivery, by its public id. False where it has to wait in the queue. */
  take(publicId: string, host: string): boolean;
  /** Gives a slot back whose delivery was not committed, as far as is known. */
  give(publicId: string, host: string): void;
  /** Sends what was committed, each in the slot that was taken for it. */
  send(claims: readonly Claim[]): void;
}

/** Takes a slot that is given back where the transaction comes to nothing. */
export function takeSlot(
  tx: Tx,
  db: Pick<Database, 'afterRollback'>,
  lease: DirectLease | null,
  { publicId, host }: { readonly publicId: string; readonly host: string },
): boolean {
  if (lease?.take(publicId, host) !== true) return false;
  db.afterRollback(tx, () => lease.give(publicId, host));
  return true;
}

/** Deliveries that are being recorded, each with a slot of its own, by their public ids. */
export function createReserved() {
  const all = new Set<string>();
  let waiting: (() => void)[] = [];
  return {
    ids: () => [...all],
    add: (publicId: string) => void all.add(publicId),
    remove(publicId: string) {
      all.delete(publicId);
      if (all.size === 0) waiting.splice(0).forEach((resolve) => resolve());
    },
    /** Resolves when there are none. */
    none: () => new Promise<void>((resolve) => (all.size === 0 ? resolve() : void waiting.push(resolve))),
  };
}
