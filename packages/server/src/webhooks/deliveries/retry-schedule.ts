// Reads and writes the retry schedule as the settings hold it: waits in seconds, `5,30,120`.

const MOST_WAITS = 20;
const LONGEST_WAIT_SECONDS = 7 * 24 * 60 * 60;

export type ParsedSchedule =
  | { readonly ok: true; /** Milliseconds. */ readonly waits: readonly number[] }
  | { readonly ok: false; readonly detail: string };

/** Reads waits in seconds, separated by commas. A refusal names the entry and what would do. */
export function parseSchedule(text: string): ParsedSchedule {
  const entries = text.split(',').map((entry) => entry.trim());
  if (text.trim() === '') {
    return refuse('Give at least one wait in seconds, for example 5,30,120. A task can switch retries off.');
  }
  if (entries.length > MOST_WAITS)
    return refuse(`Give at most ${MOST_WAITS} waits; there are ${entries.length}.`);
  for (const [index, entry] of entries.entries()) {
    const fault = findFault(entry);
    if (fault !== null) return refuse(`Wait ${index + 1} (${JSON.stringify(entry)}) ${fault}.`);
  }
  return { ok: true, waits: entries.map((entry) => Math.round(Number(entry) * 1000)) };
}

/** The text that `parseSchedule` reads back as the same waits (milliseconds). */
export function formatSchedule(waits: readonly number[]): string {
  return waits.map((wait) => String(wait / 1000)).join(',');
}

function refuse(detail: string): ParsedSchedule {
  return { ok: false, detail };
}

function findFault(entry: string): string | null {
  if (entry === '') return 'is empty: remove the extra comma';
  if (!/^\d+(?:\.\d{1,3})?$/u.test(entry)) return 'is not a number of seconds such as 30 or 0.5';
  const seconds = Number(entry);
  if (seconds === 0) return 'must be more than 0 seconds';
  if (seconds > LONGEST_WAIT_SECONDS) return `must be at most ${LONGEST_WAIT_SECONDS} seconds (7 days)`;
  return null;
}
