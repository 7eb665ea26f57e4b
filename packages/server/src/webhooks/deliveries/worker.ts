// The worker: claims what is due, sends it, settles what came back; one transaction a round does both ends.
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { Database } from '../../db/database.ts';
import { claimDue, type Claim } from './delivery-claim.ts';
import { settleAttempts, type EndedAttempt, type Settled } from './delivery-settle.ts';
import type { DirectLease } from './direct-lease.ts';
import { endGoneLeases, endOrphanLeases } from './gone-lease.ts';
import { deliveriesChanged, deliveriesDue } from './owed.ts';
import { createSlots } from './slots.ts';

export interface WorkerOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Attempts under way at once, and how many of them one host may have. */
  readonly slots: number;
  readonly slotsOfHost: number;
  /** Longer than the longest attempt, in milliseconds. */
  leaseMs(): number;
  /** Composes, sends and gives what is to be settled. What it throws is a bug: it is logged, and the lease runs out. */
  attempt(claim: Claim): Promise<EndedAttempt>;
  /** Told of each attempt that is settled, for log, metrics and the feed. */
  onSettled(settled: Settled): void;
}

export interface Worker {
  readonly loop: WorkLoop;
  /** For what is recorded in this process. */
  readonly direct: DirectLease;
  start(): void;
  /** Claims nothing more, waits for what is under way until `graceMs`, settles it. */
  stop(graceMs: number): Promise<void>;
}

/** The safety net where a wake was lost: an announcement that died with its process. */
const pollMs = 1000;
/** At most once in so many milliseconds the leases of nodes that are gone are ended. */
const goneEveryMs = 2000;

export function createWorker(options: WorkerOptions): Worker {
  const { db, clock, log } = options;
  const slots = createSlots(options.slots, options.slotsOfHost);
  const underWay = new Map<string, Promise<void>>();
  const reserved = createReserved();
  /** A transaction failed: its commit may have been made all the same, with leases that nobody here knows of. */
  let mayHaveOrphans = false;
  let ended: EndedAttempt[] = [];
  let goneCheckedAt = Number.NEGATIVE_INFINITY;

  /** The round under way, or the last one. */
  let current: Promise<unknown> = Promise.resolve();

  const loop = createWorkLoop({
    round: () => {
      const begun = round();
      current = begun.catch(() => undefined);
      return begun;
    },
    pollMs,
    now: clock.now,
    onError: (error) => log.error({ err: error }, 'webhook worker'),
  });

  async function round(): Promise<boolean> {
    await endLeases();
    await gather();
    const batch = ended;
    ended = [];
    const { settled, claimed } = await runRound(batch).catch((error: unknown) => {
      slots.take([], false);
      mayHaveOrphans = true;
      // Kept for the next round: while the lease lasts, what came back can still be settled.
      ended = [...batch.filter(({ claim }) => isFresh(claim)), ...ended];
      throw error;
    });
    if (batch.length > 0) options.onSettled(settled);
    const hosts = claimed.claims.map(({ host }) => host);
    slots.take(hosts, !claimed.more);
    for (const claim of claimed.claims) begin(claim);
    return ended.length > 0 || (claimed.more && slots.isFree());
  }

  /** What comes back at the same moment is settled together: a turn of the event loop for each that brought more. */
  async function gather(): Promise<void> {
    for (let before = 0; before < ended.length;) {
      before = ended.length;
      await nextTurn();
    }
  }

  function runRound(batch: readonly EndedAttempt[]) {
    const most = slots.offer();
    return db.transaction(async (tx) => {
      const settled = await settleAttempts(tx, db.nodeId, batch, clock.now());
      const share = { mostOfHost: slots.freeOfHost, leastOfHost: slots.leastOfHost() };
      const claimed = await claimDue(tx, {
        nodeId: db.nodeId,
        most,
        leaseMs: options.leaseMs(),
        ...share,
      });
      announceChanged(tx, [...settled.kept.map(({ attempt }) => attempt.claim), ...claimed.changed]);
      return { settled, claimed };
    });
  }

  function announceChanged(
    tx: Parameters<Database['announce']>[0],
    changed: readonly { id: number; flowId: number }[],
  ): void {
    const byFlow = new Map<number, number[]>();
    for (const { id, flowId } of changed) byFlow.set(flowId, [...(byFlow.get(flowId) ?? []), id]);
    for (const [flowId, ids] of byFlow) db.announce(tx, { topic: deliveriesChanged, flowId, ids });
  }

  /** In a slot that is taken already. */
  function begin(claim: Claim): void {
    const attempt = options
      .attempt(claim)
      .then((result) => void ended.push(result))
      .catch((error: unknown) =>
        log.error({ err: error, deliveryId: claim.publicId }, 'attempt could not be made'),
      )
      .finally(() => {
        slots.give(claim.host);
        underWay.delete(claim.publicId);
        loop.wake();
      });
    underWay.set(claim.publicId, attempt);
  }

  async function endLeases(): Promise<void> {
    if (mayHaveOrphans) await endOrphans();
    if (clock.now() - goneCheckedAt < goneEveryMs) return;
    goneCheckedAt = clock.now();
    await endGoneLeases(db);
  }

  async function endOrphans(): Promise<void> {
    mayHaveOrphans = false;
    await endOrphanLeases(db, () => [
      ...reserved.ids(),
      ...underWay.keys(),
      ...ended.map(({ claim }) => claim.publicId),
    ]).catch((error: unknown) => {
      mayHaveOrphans = true;
      throw error;
    });
  }

  function isFresh(claim: Claim): boolean {
    return clock.now() < claim.claimedUntil;
  }

  const stopListening = db.listen(({ topic }) => {
    if (topic === deliveriesDue) loop.wake();
  });

  const direct: DirectLease = {
    nodeId: db.nodeId,
    leaseMs: options.leaseMs,
    take(publicId, host) {
      const isTaken = slots.takeDirect(host);
      if (isTaken) reserved.add(publicId);
      return isTaken;
    },
    give(publicId, host) {
      slots.give(host);
      reserved.remove(publicId);
      mayHaveOrphans = true;
    },
    send(claims) {
      for (const claim of claims) {
        begin(claim);
        reserved.remove(claim.publicId);
      }
    },
  };

  return {
    loop,
    direct,
    start: () => loop.start(),
    async stop(graceMs) {
      slots.close();
      stopListening();
      const drain = async () => {
        // It may have made its offer before the slots were closed: what it claims is begun at its end.
        await current;
        await reserved.none();
        await Promise.all(underWay.values());
      };
      await Promise.race([drain(), waitAtMost(graceMs)]);
      await loop.stop();
      if (ended.length > 0) await round();
    },
  };
}

/** Deliveries that are being recorded, each with a slot of its own, by their public ids. */
function createReserved() {
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function waitAtMost(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
