// The feed of changes: the last ones in memory, each with an id to go on from; who is too late starts anew.
import { randomBytes } from 'node:crypto';
import { announcementsMissed, type Announcement, type Database } from '../db/database.ts';

/** Says only that an object changed: whoever wants to know more reads it. */
export interface Change {
  readonly kind: ChangeKind;
  readonly id: number;
  readonly flowId: number | null;
}

export type ChangeKind =
  | 'flow'
  | 'dataset'
  | 'recipe'
  | 'output'
  | 'webhookTask'
  | 'job'
  | 'flowRun'
  | 'schedule'
  | 'delivery';

export interface ChangeFeed {
  /** The id of the newest change: whoever follows from it misses nothing that comes. */
  newest(): string;
  /** The changes after the one with this id, at most `max`; null where they are not kept (too old, or of another process). */
  readAfter(id: string, max: number): { readonly changes: readonly Change[]; readonly last: string } | null;
  /** Told that there is more. */
  onMore(listener: () => void): () => void;
  /** Told when the feed ends with its process. */
  onClose(listener: () => void): () => void;
  close(): void;
}

/** About a minute of the busiest server, in a few hundred kilobytes. */
const maxKept = 10_000;

/** `kinds` says what the topics of announcements are about; other topics are left out. */
export function createChangeFeed(
  db: Pick<Database, 'listen'>,
  kinds: Readonly<Record<string, ChangeKind>>,
  kept = maxKept,
): ChangeFeed {
  // Another process, or this one after a restart, counts from the beginning: its ids must not be mistaken for ours.
  let boot = randomBytes(6).toString('hex');
  const ring = createRing(kept);
  const followers = new Set<() => void>();
  const closers = new Set<() => void>();
  const stopListening = db.listen((announcement) => {
    const changes = toChanges(announcement, kinds[announcement.topic]);
    const missed = announcement.topic === announcementsMissed;
    // Nobody can go on from before what was missed.
    if (missed) boot = randomBytes(6).toString('hex');
    for (const change of changes) ring.add(change);
    if (missed || changes.length > 0) for (const follower of followers) follower();
  });
  const write = (count: number) => `${boot}-${count}`;
  return {
    newest: () => write(ring.count()),
    readAfter(id, max) {
      const [of, count] = id.split('-');
      const from = of === boot && /^\d+$/u.test(count ?? '') ? Number(count) : -1;
      if (from < ring.oldest() || from > ring.count()) return null;
      const changes = ring.read(from, max);
      return { changes, last: write(from + changes.length) };
    },
    onMore: (listener) => subscribe(followers, listener),
    onClose: (listener) => subscribe(closers, listener),
    close() {
      stopListening();
      for (const closer of closers) closer();
    },
  };
}

function subscribe(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Where no ids are told, many of a flow may have changed. */
function toChanges({ flowId, ids }: Announcement, kind: ChangeKind | undefined): Change[] {
  if (kind === undefined) return [];
  if (ids.length === 0) return flowId === null ? [] : [{ kind: 'flow', id: flowId, flowId }];
  return ids.map((id) => ({ kind, id, flowId }));
}

function createRing(kept: number) {
  const changes: Change[] = [];
  let count = 0;
  return {
    count: () => count,
    /** Nothing is known of what came before this many. */
    oldest: () => Math.max(0, count - kept),
    add(change: Change) {
      changes[count % kept] = change;
      count += 1;
    },
    read(from: number, max: number): Change[] {
      const length = Math.min(max, count - from);
      return Array.from({ length }, (_, index) => changes[(from + index) % kept]!);
    },
  };
}
