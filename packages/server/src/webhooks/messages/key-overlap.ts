// Pure: the rotation of a task's secret key: for a set time the new key and the earlier one both sign.
import type { Fault } from './header.ts';

/** The key before the one of now; it signs too until then. Epoch milliseconds. */
export interface EarlierKey {
  readonly key: string;
  readonly until: number;
}

export interface KeysOfTask {
  readonly secretKey: string | null;
  readonly earlierKey?: EarlierKey | null | undefined;
}

export interface KeyChange {
  /** Empty removes the key, null or undefined leaves it. */
  readonly secretKey?: string | null | undefined;
  /** For so long the key of until now signs beside the new one. */
  readonly secretKeyOverlapSeconds?: number | undefined;
}

/** `moved`: the URL points to another scheme, host or port, where no stored key may follow. */
export interface KeyMoment {
  readonly now: number;
  readonly moved: boolean;
}

const field = 'secretKeyOverlapSeconds';

/** The earlier key that a change leaves, and what is wrong with the change. */
export function overlapKeys(
  stored: KeysOfTask,
  change: KeyChange,
  { now, moved }: KeyMoment,
): { readonly earlierKey: EarlierKey | null; readonly faults: readonly Fault[] } {
  const seconds = change.secretKeyOverlapSeconds ?? 0;
  const isChanged = change.secretKey != null && change.secretKey !== stored.secretKey;
  if (seconds === 0)
    return { earlierKey: isChanged || moved ? null : (stored.earlierKey ?? null), faults: [] };
  const detail = findFault(stored, change, moved);
  if (detail !== null) return { earlierKey: null, faults: [{ field, detail }] };
  // The same key once more: what was begun goes on.
  if (!isChanged) return { earlierKey: stored.earlierKey ?? null, faults: [] };
  return { earlierKey: { key: stored.secretKey!, until: now + seconds * 1000 }, faults: [] };
}

function findFault(stored: KeysOfTask, change: KeyChange, moved: boolean): string | null {
  if (!change.secretKey) return 'Give the new secretKey with it.';
  if (stored.secretKey === null) return 'There is no earlier key: leave this out.';
  return moved
    ? 'The URL points to another scheme, host or port, and the earlier key does not go there: leave this out.'
    : null;
}

/** The keys that sign at this time, the one of now first. */
export function keysAt<Key>(
  keys: { readonly key: Key | null; readonly earlier: { readonly key: Key; readonly until: number } | null },
  time: number,
): Key[] {
  if (keys.key === null) return [];
  const { earlier } = keys;
  return earlier !== null && earlier.until > time ? [keys.key, earlier.key] : [keys.key];
}
