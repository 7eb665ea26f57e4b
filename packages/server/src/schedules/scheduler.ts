// The loop that fires schedules: it sleeps until the next one is due, and is woken by what changes.
import type { Clock } from '../base/clock.ts';
import type { Metrics } from '../base/metrics.ts';
import { createWorkLoop, type WorkLoop } from '../base/work-loop.ts';
import { announcementsMissed } from '../db/database.ts';
import { flowRunsChanged } from '../jobs/flow-runs/flow-run-end.ts';
import { fireSchedules, schedulesChanged, type FiringContext } from './firing.ts';
import { claimSchedules, countCrashed, endGoneClaims, readWait } from './schedule-claim.ts';
import { suspectsAfterMs } from './suspect.ts';

export interface Scheduler {
  readonly loop: WorkLoop;
  start(): void;
  /** Fires nothing more; what is being fired is let end. */
  stop(): Promise<void>;
}

export interface SchedulerOptions extends FiringContext {
  readonly clock: Clock;
  readonly metrics?: Metrics;
}

/** Longer than any launch takes; a node that is known to be gone loses its claims at once. */
const leaseMs = 30_000;
/** The safety net: a change that nobody heard of is noticed so late. */
const pollMs = 2000;
/** While suspects wait. */
const lookAgainMs = 100;
/** Claimed together, and launched by the same few statements. */
const together = 100;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { db, clock, log } = options;
  let goneCheckedAt = Number.NEGATIVE_INFINITY;
  const startedAt = performance.now();
  options.metrics?.gauge(
    'flowhook_schedules_crashed',
    'Schedules that are disabled because the server ended three times in a row while it fired them.',
    () => countCrashed(db.read),
  );

  async function round(): Promise<boolean | number> {
    if (clock.now() - goneCheckedAt >= pollMs) {
      goneCheckedAt = clock.now();
      await endGoneClaims(db);
    }
    const wait = await readWait(db.read);
    if (wait === null || wait > 0) return wait ?? pollMs;
    const untilSuspects = startedAt + suspectsAfterMs - performance.now();
    const claim = { nodeId: db.nodeId, max: together, leaseMs };
    const claimed = await db.transaction((tx) => claimSchedules(tx, claim, untilSuspects <= 0));
    if (claimed.length === 0 && untilSuspects > 0) return Math.min(untilSuspects, lookAgainMs);
    const launched = await fireSchedules(options, claimed);
    log.debug({ claimed: claimed.length, launched: launched.size }, 'schedules fired');
    // Where another node was faster, what we saw as due is claimed by now.
    return true;
  }

  const onError = (error: unknown) => log.error({ err: error }, 'scheduler');
  const loop = createWorkLoop({ round, pollMs, now: clock.now, onError });
  const wakingTopics = new Set([schedulesChanged, flowRunsChanged, announcementsMissed]);
  const stopListening = db.listen(({ topic }) => {
    if (wakingTopics.has(topic)) loop.wake();
  });
  return {
    loop,
    start: () => loop.start(),
    async stop() {
      stopListening();
      await loop.stop();
    },
  };
}
