// One stream of server-sent events: bounded however slow its reader is, ended with its session or the server.
import type { ServerResponse } from 'node:http';
import type { Change, ChangeFeed } from '../workspace/change-feed.ts';

export interface StreamOptions {
  readonly feed: ChangeFeed;
  /** The id that the client has seen last; null for a new one. */
  readonly after: string | null;
  /** What of these the client may hear; throws where it may not hear anything any more. */
  filter(changes: readonly Change[]): Promise<readonly Change[]>;
  /** Asked now and then; throws where the client may not hear anything any more. */
  requireAllowed(): Promise<void>;
  onError(error: unknown): void;
}

/** What changes within this time is told together, each object once. */
const gatherMs = 100;
/** Keeps proxies from closing the stream, and finds out that its reader has gone or may not read any more. */
const heartbeatMs = 15_000;
const maxAtOnce = 1000;

/** Writes to the answer until it is closed. What a slow reader misses is not kept: it is told to start anew. */
export function streamChanges(response: ServerResponse, options: StreamOptions): void {
  const { feed } = options;
  let at = options.after ?? feed.newest();
  let gathering: NodeJS.Timeout | undefined;
  let writing = false;

  async function writeWaiting(): Promise<void> {
    gathering = undefined;
    if (writing || response.destroyed) return;
    writing = true;
    try {
      while ((await writeSome()) && !response.destroyed);
    } catch (error) {
      options.onError(error);
      end();
    } finally {
      writing = false;
    }
  }

  /** True if there may be more. */
  async function writeSome(): Promise<boolean> {
    await isDrained(response);
    const found = feed.readAfter(at, maxAtOnce);
    if (found === null) {
      at = feed.newest();
      response.write(writeEvent(at, 'reset', {}));
      return false;
    }
    const changes = await options.filter(found.changes);
    at = found.last;
    if (changes.length > 0) response.write(writeChanges(changes, at));
    return found.changes.length === maxAtOnce;
  }

  const gather = () => {
    gathering ??= setTimeout(() => void writeWaiting(), gatherMs);
  };
  const heartbeat = setInterval(() => {
    // Also moves the client's place on where nothing was for it.
    if (!response.writableNeedDrain) response.write(`id: ${at}\n: still here\n\n`);
    void options.requireAllowed().catch(end);
  }, heartbeatMs);
  const stops = [feed.onMore(gather), feed.onClose(end)];
  response.once('close', () => {
    clearInterval(heartbeat);
    clearTimeout(gathering);
    for (const stop of stops) stop();
  });
  function end(): void {
    response.end();
  }

  response.write(options.after === null ? `retry: 2000\nid: ${at}\n\n` : 'retry: 2000\n\n');
  void writeWaiting();
}

/** Only the last has a place to go on from: what is cut off between them is told again, all of it. */
function writeChanges(changes: readonly Change[], last: string): string {
  return changes
    .map((change, index) => writeEvent(index === changes.length - 1 ? last : null, 'change', change))
    .join('');
}

function writeEvent(id: string | null, event: string, data: object): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function isDrained(response: ServerResponse): Promise<void> {
  if (!response.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
