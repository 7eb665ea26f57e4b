// The worker's slots: attempts under way at once, of all hosts and of each, for what is claimed and for what is born claimed.
import { createHostPace } from '../sending/host-pace.ts';

export interface Slots {
  /** How many a claim from the queue may take now; they are kept for it until `take` tells what it took. */
  offer(): number;
  /** The hosts of what was claimed, and whether nothing is left in the queue that could be taken. */
  take(hosts: readonly string[], queueEmpty: boolean): void;
  /** Takes one for a delivery that is being recorded. False where it has to wait in the queue. */
  takeDirect(host: string): boolean;
  /** After an attempt, which took so long; without it the slot was never used. */
  give(host: string, tookMs?: number): void;
  /** Free ones of a host, once `granted` are given to others, and the least that any host has. */
  freeOfHost(host: string, granted?: number): number;
  /** Whether nothing of it is under way. */
  isIdle(host: string): boolean;
  leastOfHost(): number;
  /** From now on nothing is offered or taken. */
  close(): void;
  isFree(): boolean;
}

/**
 * What is recorded while others of its host wait in the queue waits there, too, and at most half of the slots are taken
 * directly: so nothing that waits is passed by without end. While the queue is empty, a claim leaves an eighth for what is
 * recorded meanwhile.
 *
 * Receivers that never answer must not hold up the others, however many they are. So a host's share shrinks with the
 * number of hosts that have something under way; a quarter of the slots is for hosts that have few or none under way; one
 * that has not answered quickly of late gets an eighth at most, and those that keep us waiting share a half among them.
 */
export function createSlots(
  max: number,
  maxOfHost: number,
  now: () => number = () => performance.now(),
): Slots {
  const reserve = Math.floor(max / 8);
  const common = max - Math.floor(max / 4);
  const few = Math.max(1, Math.floor(max / 16));
  const ofUnproven = Math.max(1, Math.floor(max / 8));
  const pace = createHostPace(now);
  /** Hosts of which something waits in the queue, as far as is known since the last claim. */
  const waiting = new Set<string>();
  let taken = 0;
  let offered = 0;
  let isQueueEmpty = false;
  let closed = false;
  const of = pace.countOf;

  function occupy(host: string): void {
    taken += 1;
    pace.begin(host);
  }

  /** The most that a host may have by itself. */
  function shareOf(host: string): number {
    const others = pace.busyHosts() - (of(host) > 0 ? 1 : 0);
    const fair = Math.min(maxOfHost, Math.max(few, Math.floor(max / (others + 1))));
    if (pace.isSlow(host)) return Math.min(fair, Math.max(1, Math.floor(max / 2 / pace.slowHosts())));
    return pace.isProven(host) ? fair : Math.min(fair, ofUnproven);
  }

  /** What is left for it of all: beyond what everybody may use, a few for those that have none or few. */
  function leftFor(host: string, used: number): number {
    const first = of(host) === 0 && used < max - few ? 1 : 0;
    const beyond = pace.isProven(host) ? few - of(host) : first;
    return Math.min(max - used, Math.max(common - used, beyond));
  }

  const freeOfHost = (host: string, granted = 0) =>
    Math.max(0, Math.min(shareOf(host) - of(host), leftFor(host, taken + granted)));

  return {
    offer() {
      offered = closed ? 0 : Math.max(0, max - taken - (isQueueEmpty ? reserve : 0));
      return offered;
    },
    take(hosts, queueEmpty) {
      isQueueEmpty = queueEmpty && offered > 0;
      offered = 0;
      hosts.forEach(occupy);
      waiting.clear();
      for (const host of pace.hosts()) if (freeOfHost(host) === 0) waiting.add(host);
    },
    takeDirect(host) {
      if (closed || !isQueueEmpty || waiting.has(host)) return false;
      const fits =
        taken + offered < max &&
        (taken < max / 2 || of(host) < few) &&
        of(host) < maxOfHost / 2 &&
        freeOfHost(host) > 0;
      if (fits) occupy(host);
      // It will wait in the queue: what comes next of its host waits behind it.
      else waiting.add(host);
      return fits;
    },
    give(host, tookMs) {
      taken -= 1;
      pace.end(host, tookMs);
    },
    freeOfHost,
    isIdle: (host) => of(host) === 0,
    leastOfHost: () => Math.min(freeOfHost(''), ...pace.hosts().map((host) => freeOfHost(host))),
    close() {
      closed = true;
    },
    isFree: () => taken < max,
  };
}
