// The worker: claims what is due, sends it, settles what came back; one transaction a round does both ends.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { createWorkLoop, type WorkLoop } from '../base/work-loop.ts';
import type { Database } from '../db/database.ts';
import { claimDue, endGoneLeases, type Claim } from './delivery-claim.ts';
import { settleAttempts, type EndedAttempt, type Settled } from './delivery-settle.ts';
import { deliveriesChanged, deliveriesDue } from './record.ts';

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
  start(): void;
  /** Claims nothing more, waits for what is under way until `graceMs`, settles it. */
  stop(graceMs: number): Promise<void>;
}

/** The safety net where a wake was lost: an announcement that died with its process. */
const pollMs = 1000;
/** Every so many polls the leases of nodes that are gone are ended. */
const goneEveryMs = 2000;

export function createWorker(options: WorkerOptions): Worker {
  const { db, clock, log, slots } = options;
  const hosts = createShares(options.slotsOfHost);
  const underWay = new Set<Promise<void>>();
  let ended: EndedAttempt[] = [];
  let stopping = false;
  let goneCheckedAt = Number.NEGATIVE_INFINITY;

  const loop = createWorkLoop({
    round,
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
      // Kept for the next round: while the lease lasts, what came back can still be settled.
      ended = [...batch.filter(({ claim }) => isFresh(claim)), ...ended];
      throw error;
    });
    if (batch.length > 0) options.onSettled(settled);
    for (const claim of claimed.claims) begin(claim);
    return ended.length > 0 || (claimed.more && underWay.size < slots);
  }

  /** What comes back at the same moment is settled together: a turn of the event loop for each that brought more. */
  async function gather(): Promise<void> {
    for (let before = 0; before < ended.length;) {
      before = ended.length;
      await nextTurn();
    }
  }

  function runRound(batch: readonly EndedAttempt[]) {
    const most = stopping ? 0 : slots - underWay.size;
    return db.transaction(async (tx) => {
      const settled = await settleAttempts(tx, db.engine, db.nodeId, batch, clock.now());
      const share = { mostOfHost: hosts.free, leastOfHost: hosts.leastFree() };
      const claimed = await claimDue(tx, db.engine, {
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

  function begin(claim: Claim): void {
    hosts.take(claim.host);
    const attempt = options
      .attempt(claim)
      .then((result) => void ended.push(result))
      .catch((error: unknown) =>
        log.error({ err: error, deliveryId: claim.publicId }, 'attempt could not be made'),
      )
      .finally(() => {
        hosts.give(claim.host);
        underWay.delete(attempt);
        loop.wake();
      });
    underWay.add(attempt);
  }

  async function endLeases(): Promise<void> {
    if (clock.now() - goneCheckedAt < goneEveryMs) return;
    goneCheckedAt = clock.now();
    await endGoneLeases(db);
  }

  function isFresh(claim: Claim): boolean {
    return clock.now() < claim.claimedUntil;
  }

  const stopListening = db.listen(({ topic }) => {
    if (topic === deliveriesDue) loop.wake();
  });

  return {
    loop,
    start: () => loop.start(),
    async stop(graceMs) {
      stopping = true;
      stopListening();
      await Promise.race([Promise.all(underWay), waitAtMost(graceMs)]);
      await loop.stop();
      if (ended.length > 0) await round();
    },
  };
}

/** How many slots each host has taken. */
function createShares(mostOfHost: number) {
  const taken = new Map<string, number>();
  return {
    free: (host: string) => mostOfHost - (taken.get(host) ?? 0),
    leastFree: () => mostOfHost - Math.max(0, ...taken.values()),
    take: (host: string) => void taken.set(host, (taken.get(host) ?? 0) + 1),
    give(host: string) {
      const left = (taken.get(host) ?? 1) - 1;
      if (left === 0) taken.delete(host);
      else taken.set(host, left);
    },
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
