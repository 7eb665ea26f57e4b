// The worker: claims what is due, sends it, settles what came back; one transaction a round does both ends.
import { setImmediate, setTimeout as waitFor } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { Database } from '../../db/database.ts';
import { endGoneLeases, endOrphanLeases } from './cut-off.ts';
import { claimDue, keyOf, type Claim, type Claimed } from './delivery-claim.ts';
import { settleAttempts, type EndedAttempt, type Settled } from './delivery-settle.ts';
import { createReserved, type DirectLease } from './direct-lease.ts';
import { deliveriesChanged, deliveriesDue } from './new-delivery.ts';
import { createSlots } from './slots.ts';
import { createSuspicion } from './suspicion.ts';

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
  /** Told of each attempt that is settled, for log and metrics. */
  onSettled(settled: Settled): void;
  /** Told of what came to an end without an attempt of this process, for log and metrics. */
  onEndedAside(ended: Pick<Claimed, 'interrupted' | 'expired'>): void;
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

/** What could not be written down is tried again after so long. */
const asideMs = 1000;

export function createWorker(options: WorkerOptions): Worker {
  const { db, clock, log } = options;
  const slots = createSlots(options.slots, options.slotsOfHost);
  const underWay = new Map<string, Promise<void>>();
  /** Attempts of this process that are not settled, by when they were begun on a clock that never jumps. */
  const begun = new Map<string, { readonly publicId: string; readonly at: number }>();
  /** Of those, the ones that came back and could not be written down. */
  const aside = new Set<string>();
  const reserved = createReserved();
  /** A transaction failed: its commit may have been made all the same, with leases that nobody here knows of. */
  let mayHaveOrphans = false;
  let ended: EndedAttempt[] = [];
  let goneCheckedAt = Number.NEGATIVE_INFINITY;

  /** The round under way, or the last one. */
  let current: Promise<unknown> = Promise.resolve();

  const loop = createWorkLoop({
    round: () => {
      const begins = round();
      current = begins.catch(() => undefined);
      return begins;
    },
    pollMs,
    now: clock.now,
    onError: (error) => log.error({ err: error }, 'webhook worker'),
  });
  const suspicion = createSuspicion(monotonic, () => loop.wake());

  async function round(): Promise<boolean> {
    await endLeases();
    await gather();
    const batch = ended;
    ended = [];
    const claimed = await runRound(batch).catch((error: unknown) => {
      slots.take([], false);
      mayHaveOrphans = true;
      return runApart(batch, error);
    });
    slots.take(
      claimed.claims.map(({ host }) => host),
      !claimed.more,
    );
    options.onEndedAside(claimed);
    for (const claim of claimed.claims) begin(claim);
    return ended.length > 0 || (claimed.more && slots.isFree());
  }

  /** What comes back at the same moment is settled together: a turn of the event loop for each that brought more. */
  async function gather(): Promise<void> {
    for (let before = 0; before < ended.length;) {
      before = ended.length;
      await setImmediate();
    }
  }

  async function runRound(batch: readonly EndedAttempt[]): Promise<Claimed> {
    const max = slots.offer();
    const { settled, claimed } = await db.transaction(async (tx) => {
      const done = await settleAttempts(tx, db.nodeId, batch);
      const taken = await claimDue(tx, {
        nodeId: db.nodeId,
        max,
        leaseMs: options.leaseMs(),
        maxOfHost: slots.freeOfHost,
        isIdle: slots.isIdle,
        leastOfHost: slots.leastOfHost(),
        maxCrashes: suspicion.maxCrashes(),
        isUnderWay,
      });
      announceChanged(tx, [...done.kept.map(({ attempt }) => attempt.claim), ...taken.changed]);
      return { settled: done, claimed: taken };
    });
    noteSettled(batch, settled);
    return claimed;
  }

  /**
   * Where a batch can't be written: claims alone, and settles one by one, so that only the attempt at fault fails. Where the
   * database does not even let claim it is away: all is kept for the next round, and can be settled while the lease lasts.
   */
  async function runApart(batch: readonly EndedAttempt[], cause: unknown): Promise<Claimed> {
    const keep = (error: unknown) => {
      ended = [...batch.filter(({ claim }) => isFresh(claim)), ...ended];
      throw error;
    };
    if (batch.length === 0) return keep(cause);
    const claimed = await runRound([]).catch((error: unknown) => {
      slots.take([], false);
      return keep(error);
    });
    for (const attempt of batch) await settleAlone(attempt);
    return claimed;
  }

  async function settleAlone(attempt: EndedAttempt): Promise<void> {
    try {
      const settled = await db.transaction(async (tx) => {
        const done = await settleAttempts(tx, db.nodeId, [attempt]);
        announceChanged(
          tx,
          done.kept.map((kept) => kept.attempt.claim),
        );
        return done;
      });
      noteSettled([attempt], settled);
    } catch (error) {
      log.error({ err: error, deliveryId: attempt.claim.publicId }, 'attempt could not be written down');
      putAside(attempt);
    }
  }

  /** It is tried again now and then while its lease lasts; then it counts as cut off. */
  function putAside(attempt: EndedAttempt): void {
    const key = keyOf(attempt.claim);
    aside.add(key);
    setTimeout(() => {
      aside.delete(key);
      if (!isFresh(attempt.claim)) return void begun.delete(key);
      ended.push(attempt);
      return loop.wake();
    }, asideMs).unref();
  }

  function noteSettled(batch: readonly EndedAttempt[], settled: Settled): void {
    for (const { claim } of batch) begun.delete(keyOf(claim));
    if (batch.length > 0) options.onSettled(settled);
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
    const key = keyOf(claim);
    const at = monotonic();
    begun.set(key, { publicId: claim.publicId, at });
    suspicion.begin(claim);
    const attempt = options
      .attempt(claim)
      .then((result) => void ended.push(result))
      .catch((error: unknown) => {
        begun.delete(key);
        log.error({ err: error, deliveryId: claim.publicId }, 'attempt could not be made');
      })
      .finally(() => {
        slots.give(claim.host, monotonic() - at);
        underWay.delete(key);
        suspicion.end(claim);
        loop.wake();
      });
    underWay.set(key, attempt);
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
      ...[...begun.values()].map(({ publicId }) => publicId),
    ]).catch((error: unknown) => {
      mayHaveOrphans = true;
      throw error;
    });
  }

  function isFresh(claim: Pick<Claim, 'id' | 'attemptCount'>): boolean {
    const since = begun.get(keyOf(claim));
    return since !== undefined && monotonic() - since.at < options.leaseMs();
  }

  /** What could not be written down may be made again when its lease is over. */
  function isUnderWay(id: number, attemptCount: number): boolean {
    return !aside.has(keyOf({ id, attemptCount })) && isFresh({ id, attemptCount });
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
      await Promise.race([drain(), waitFor(graceMs, undefined, { ref: false })]);
      await loop.stop();
      if (ended.length > 0) await round();
    },
  };
}

/** Milliseconds on a clock that never jumps. */
function monotonic(): number {
  return performance.now();
}
