// How long a query is waited for: what it has found by then is enough, and where it has found nothing it may be given up.
import type { DuckDBConnection } from '@duckdb/node-api';

/** What is interrupted between two statements goes on with the next. */
const everyMs = 50;

export interface Patience {
  /** For what comes before the query. */
  readonly isHalfOver: () => boolean;
  /** Rows have come and the time is over. Called with the first rows at the latest: from then on it may be ended. */
  readonly hasEnough: () => boolean;
  /** Its statement was interrupted. */
  readonly gaveUp: () => boolean;
  readonly end: () => void;
}

/** `ms`: for ever unless given. Where it may not be given up, it goes on until its first row. */
export function startPatience(
  connection: Pick<DuckDBConnection, 'interrupt'>,
  { ms = Infinity, mayGiveUp = false }: { readonly ms?: number; readonly mayGiveUp?: boolean },
): Patience {
  const startedAt = performance.now();
  const passed = (): number => performance.now() - startedAt;
  let mayInterrupt = mayGiveUp;
  let isInterrupted = false;
  const look = (): void => {
    if (!mayInterrupt || passed() < ms) return;
    isInterrupted = true;
    connection.interrupt();
  };
  const timer = ms === Infinity ? undefined : setInterval(look, Math.min(everyMs, ms));
  return {
    isHalfOver: () => passed() >= ms / 2,
    hasEnough: () => {
      mayInterrupt = true;
      return passed() >= ms;
    },
    gaveUp: () => isInterrupted,
    end: () => clearInterval(timer),
  };
}
