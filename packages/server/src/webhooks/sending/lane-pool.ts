// Which connections wait for their next request, by origin; none is kept for long or past a change of policy.
import type { Lane } from './lane.ts';

export interface LanePool {
  /** A lane that is free, or a new one. Give it a request at once. */
  take(origin: string): Lane;
  /** Closes what waits; what is under way ends, and its connection is not used again. */
  renew(): void;
  /** Closes everything. */
  close(): void;
  /** Connections that wait. */
  readonly idleCount: number;
}

/** A change of a receiver's address is followed after this at the latest, however busy its connections are. */
const maxAgeMs = 60_000;

export interface LaneEnds {
  onIdle(lane: Lane): void;
  onGone(lane: Lane): void;
}

export function createLanePool(open: (origin: string, ends: LaneEnds) => Lane): LanePool {
  const idle = new Map<string, Lane[]>();
  /** Every lane, and which generation it is of. */
  const all = new Map<Lane, number>();
  let generation = 0;
  let idleCount = 0;

  function take(origin: string): Lane {
    const waiting = idle.get(origin);
    for (let lane = waiting?.pop(); lane !== undefined; lane = waiting?.pop()) {
      idleCount -= 1;
      if (isFresh(lane)) return lane;
      lane.destroy();
    }
    const lane = open(origin, { onIdle, onGone });
    all.set(lane, generation);
    return lane;
  }

  function isFresh(lane: Lane): boolean {
    const openedAt = lane.openedAt();
    return openedAt !== null && performance.now() - openedAt < maxAgeMs;
  }

  function onIdle(lane: Lane): void {
    if (all.get(lane) !== generation) return lane.destroy();
    const waiting = idle.get(lane.origin);
    if (waiting === undefined) idle.set(lane.origin, [lane]);
    else waiting.push(lane);
    idleCount += 1;
  }

  function onGone(lane: Lane): void {
    all.delete(lane);
    const waiting = idle.get(lane.origin);
    const at = waiting?.indexOf(lane) ?? -1;
    if (waiting === undefined || at < 0) return;
    waiting.splice(at, 1);
    idleCount -= 1;
    if (waiting.length === 0) idle.delete(lane.origin);
  }

  return {
    take,
    renew() {
      generation += 1;
      for (const lane of [...idle.values()].flat()) lane.destroy();
    },
    close() {
      generation += 1;
      for (const lane of all.keys()) lane.destroy();
    },
    get idleCount() {
      return idleCount;
    },
  };
}
