// Turns at something scarce: shared by person, so that one who asks for much does not hold up the others.

/** For whom something is done: a person's id, null for the server itself. Turns go round by asker. */
export type Asker = number | string | null;

export interface TurnOptions {
  /** Turns at the same time. */
  size: number;
  /** Waiting in all, and of one asker. */
  maxWaiting: number;
  maxOfOne: number;
}

/** `closing`: there will be no turn any more. `busy`: too many wait already. `canceled`: by its signal. */
export type NoTurn = 'closing' | 'busy' | 'canceled';

export interface Turns {
  /** Waits for a turn; gives what ends it, to be called once. */
  take: (asker: Asker, signal?: AbortSignal) => Promise<(() => void) | NoTurn>;
  running: () => number;
  waiting: () => number;
  close: () => void;
}

interface Waiter {
  settle: (turn: (() => void) | NoTurn) => void;
}

/**
 * One asker never has every turn: what runs can't be taken back, and whoever else comes would wait for its end. Among
 * those who wait, the one is next whose last turn began longest ago.
 */
export function createTurns({ size, maxWaiting, maxOfOne }: TurnOptions): Turns {
  const share = Math.max(1, size - 1);
  const running = new Map<Asker, number>();
  // In the order of their turns: whoever gets one goes to the end.
  const waiting = new Map<Asker, Waiter[]>();
  let closed = false;

  const countRunning = (): number => sum(running.values());
  const countWaiting = (): number => sum([...waiting.values()].map(({ length }) => length));
  const isFree = (asker: Asker): boolean => countRunning() < size && (running.get(asker) ?? 0) < share;

  function begin(asker: Asker): () => void {
    running.set(asker, (running.get(asker) ?? 0) + 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const left = (running.get(asker) ?? 1) - 1;
      if (left === 0) running.delete(asker);
      else running.set(asker, left);
      serve();
    };
  }

  function serve(): void {
    for (;;) {
      const next = [...waiting.keys()].find(isFree);
      if (next === undefined) return;
      const own = waiting.get(next) ?? [];
      const [first, ...rest] = own;
      waiting.delete(next);
      if (rest.length > 0) waiting.set(next, rest);
      first?.settle(begin(next));
    }
  }

  function leave(asker: Asker, waiter: Waiter): void {
    const rest = (waiting.get(asker) ?? []).filter((other) => other !== waiter);
    // In its place, so that one who gives up costs the asker no turn.
    if (rest.length > 0) waiting.set(asker, rest);
    else waiting.delete(asker);
    waiter.settle('canceled');
  }

  async function take(asker: Asker, signal?: AbortSignal): Promise<(() => void) | NoTurn> {
    if (closed) return 'closing';
    if (signal?.aborted === true) return 'canceled';
    if (isFree(asker) && !waiting.has(asker)) return begin(asker);
    if (countWaiting() >= maxWaiting || (waiting.get(asker)?.length ?? 0) >= maxOfOne) return 'busy';
    const { promise, resolve: settle } = Promise.withResolvers<(() => void) | NoTurn>();
    const waiter: Waiter = { settle };
    waiting.set(asker, [...(waiting.get(asker) ?? []), waiter]);
    const onAbort = (): void => leave(asker, waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    return promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  return {
    take,
    running: countRunning,
    waiting: countWaiting,
    close: () => {
      closed = true;
      const left = [...waiting.values()].flat();
      waiting.clear();
      for (const { settle } of left) settle('closing');
    },
  };
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);
