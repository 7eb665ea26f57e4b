// The worker's slots: attempts under way at once, of all hosts and of each, for what is claimed and for what is born claimed.

export interface Slots {
  /** How many a claim from the queue may take now; they are kept for it until `take` tells what it took. */
  offer(): number;
  /** The hosts of what was claimed, and whether the queue is known to be empty since. */
  take(hosts: readonly string[], queueEmpty: boolean): void;
  /** Takes one for a delivery that is being recorded. False where it has to wait in the queue. */
  takeDirect(host: string): boolean;
  give(host: string): void;
  /** Free ones of a host, and the least that any host has. */
  freeOfHost(host: string): number;
  leastOfHost(): number;
  /** From now on nothing is offered or taken. */
  close(): void;
  isFree(): boolean;
}

/**
 * What is recorded while others wait in the queue waits there, too, and at most half of the slots are taken directly: so
 * nothing that waits is passed by without end. While the queue is empty, a claim leaves an eighth for what is recorded
 * meanwhile.
 */
export function createSlots(most: number, mostOfHost: number): Slots {
  const reserve = Math.floor(most / 8);
  const byHost = new Map<string, number>();
  let taken = 0;
  let offered = 0;
  let isQueueEmpty = false;
  let closed = false;
  const of = (host: string) => byHost.get(host) ?? 0;

  function occupy(host: string): void {
    taken += 1;
    byHost.set(host, of(host) + 1);
  }

  return {
    offer() {
      offered = closed ? 0 : Math.max(0, most - taken - (isQueueEmpty ? reserve : 0));
      return offered;
    },
    take(hosts, queueEmpty) {
      isQueueEmpty = queueEmpty && offered > 0;
      offered = 0;
      hosts.forEach(occupy);
    },
    takeDirect(host) {
      if (closed || !isQueueEmpty) return false;
      const fits = taken + offered < most && taken < most / 2 && of(host) < mostOfHost / 2;
      if (fits) occupy(host);
      // It will wait in the queue: what comes next waits behind it.
      else isQueueEmpty = false;
      return fits;
    },
    give(host) {
      taken -= 1;
      if (of(host) === 1) byHost.delete(host);
      else byHost.set(host, of(host) - 1);
    },
    freeOfHost: (host) => mostOfHost - of(host),
    leastOfHost: () => mostOfHost - Math.max(0, ...byHost.values()),
    close() {
      closed = true;
    },
    isFree: () => taken < most,
  };
}
