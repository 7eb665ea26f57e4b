// Pure: a time that a wrong or jumping clock of the machine does not move: what is due, too old or expired goes by it.

export interface SteadyTime {
  /** Epoch milliseconds. */
  now(): number;
  /** How far the machine's own clock is ahead of it (behind: below 0), in milliseconds. */
  offMs(): number;
  /** From now on a database's time decides; given again and again, as the machine's oscillator is not the database's. */
  follow(time: number): void;
}

export interface Clocks {
  /** The machine's clock, epoch milliseconds: it may be set at any moment. */
  system(): number;
  /** Milliseconds since any moment: it only goes forward. */
  monotonic(): number;
}

/** Smaller ones are corrections of a clock that goes right. */
const jumpMs = 2000;
/** A jump that lasts so long is the time. */
const lastsMs = 5 * 60_000;

export function createSteadyTime({ system, monotonic }: Clocks): SteadyTime {
  let offset = system() - monotonic();
  let follows = false;
  let jumpedAt: number | null = null;

  /** Without a database's time the machine's clock is believed where it goes on evenly, or has stood where it is for a while. */
  function settle(): void {
    const off = system() - monotonic() - offset;
    const isJump = Math.abs(off) > jumpMs;
    if (isJump) jumpedAt ??= monotonic();
    if (isJump && monotonic() - jumpedAt! < lastsMs) return;
    jumpedAt = null;
    offset += off;
  }

  function now(): number {
    if (!follows) settle();
    return Math.round(monotonic() + offset);
  }

  return {
    now,
    offMs: () => {
      const time = now();
      return Math.round(system()) - time;
    },
    follow(time) {
      follows = true;
      offset = time - monotonic();
    },
  };
}
