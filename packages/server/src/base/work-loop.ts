// A loop that works when it is woken, and by a slow poll as the safety net; an error is logged and the loop goes on.

export interface WorkLoop {
  /** Something may be due. Many wakes while it works become one more round. */
  wake(): void;
  start(): void;
  /** Lets the round under way end; no round begins afterwards. */
  stop(): Promise<void>;
  /** When the last round ended without an error, epoch milliseconds; null before the first. For readiness. */
  lastRoundAt(): number | null;
}

export interface WorkLoopOptions {
  /** Does what is due; true if there may be more at once, or the milliseconds until there is. */
  round(): Promise<boolean | number>;
  readonly pollMs: number;
  onError(error: unknown): void;
  now(): number;
}

/** After an error the loop waits this long, so that a broken database is not hammered. */
const pauseAfterErrorMs = 1000;

export function createWorkLoop({ round, pollMs, onError, now }: WorkLoopOptions): WorkLoop {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let woken = false;
  let stopped = true;
  let lastRound: number | null = null;

  async function run(): Promise<void> {
    let wait = 0;
    do {
      woken = false;
      wait = await runRound();
    } while (!stopped && (woken || wait === 0));
    current = undefined;
    if (!stopped) schedule(wait);
  }

  async function runRound(): Promise<number> {
    try {
      const more = await round();
      lastRound = now();
      if (typeof more === 'number') return Math.min(more, pollMs);
      return more ? 0 : pollMs;
    } catch (error) {
      onError(error);
      woken = false;
      return pauseAfterErrorMs;
    }
  }

  function schedule(wait: number): void {
    clearTimeout(timer);
    timer = setTimeout(begin, wait);
  }

  function begin(): void {
    clearTimeout(timer);
    if (!stopped) current ??= run();
  }

  return {
    wake() {
      woken = true;
      begin();
    },
    start() {
      stopped = false;
      begin();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
    lastRoundAt: () => lastRound,
  };
}
