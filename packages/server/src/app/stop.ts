// Stopping in order and in time: first nothing more comes in, then what is under way ends, at last the database closes.
import { setTimeout as waitFor } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import type { Readiness } from '../base/readiness.ts';
import type { Database } from '../db/database.ts';
import { noteStopping } from '../db/node-end.ts';
import type { ChangeFeed } from '../workspace/change-feed.ts';
import type { Part } from './wire.ts';

export interface Stopping {
  readonly server: FastifyInstance;
  readonly feed: ChangeFeed;
  readonly parts: readonly Part[];
  readonly db: Database;
  readonly readiness: Readiness;
  readonly log: Log;
  /** How long what is under way may take, all of it together. */
  readonly graceMs: number;
}

/** For what is written down after the grace; a database that does not answer would hold the process for ever. */
const reserveMs = 2000;

/** A proxy that asks `/readyz` every second or two has noticed by then. */
const usualDrainMs = 5000;

/**
 * For how long everything is still served while `/readyz` says that the server stops: as set, else only where a SIGTERM, as
 * a supervisor's, ends one of several nodes. Nobody waits for it at a terminal, nor where there is no other node.
 */
export function chooseDrainMs(
  { drainSeconds, databaseUrl, roles }: Pick<Config, 'drainSeconds' | 'databaseUrl' | 'roles'>,
  isSupervised: boolean,
): number {
  if (drainSeconds !== null) return drainSeconds * 1000;
  return isSupervised && databaseUrl !== null && roles.includes('api') ? usualDrainMs : 0;
}

export type Stop = (drainMs: number) => Promise<boolean>;

/** Once, however often it is called; false where it was given up because something did not end in time. */
export function stopOnce(stopping: Stopping): Stop {
  let stopped: Promise<boolean> | undefined;
  return (drainMs) => {
    stopped ??= stopInTime(stopping, drainMs);
    return stopped;
  };
}

async function stopInTime(stopping: Stopping, drainMs: number): Promise<boolean> {
  const { readiness, graceMs, log, server } = stopping;
  readiness.add('stopping', () => {
    throw new Error('the server stops');
  });
  // Nobody waits for it: a database that is away holds no stop up.
  noteStopping(stopping.db).catch((error: unknown) =>
    log.warn({ err: error }, 'the stop could not be noted'),
  );
  // Who keeps its connection asks the next time over a new one, which leads elsewhere.
  server.server.prependListener('request', (_, response) => void (response.shouldKeepAlive = false));
  await waitFor(drainMs);
  let isEnded = false;
  const ending = stopAll(stopping).then(() => {
    isEnded = true;
  });
  // A timer that nobody waits for any more would keep the process.
  const patience = new AbortController();
  const over = waitFor(graceMs + reserveMs, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([ending, over]).finally(() => patience.abort());
  if (!isEnded) {
    ending.catch(() => undefined);
    log.error({ graceMs }, 'stopped before everything had ended: what is under way is taken up by others');
  }
  return isEnded;
}

async function stopAll({ server, feed, parts, db, graceMs }: Stopping): Promise<void> {
  const until = performance.now() + graceMs;
  const left = () => Math.max(0, until - performance.now());
  feed.close();
  const cut = setTimeout(() => server.server.closeAllConnections(), graceMs);
  await server.close();
  clearTimeout(cut);
  for (const part of parts.toReversed()) await part.stop?.(left());
  await db.close();
}
