// The server: opens what it stands on, has the rooms wired, starts and stops them in order.
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { chooseDrainMs, stopOnce, type Stop } from './app/stop.ts';
import { wire } from './app/wire.ts';
import type { Config } from './base/config.ts';
import type { Log } from './base/log.ts';
import { StartError } from './base/start-error.ts';
import type { Database } from './db/database.ts';
import { takeOverPlaces } from './jobs/placing/place-takeover.ts';
import { prepareFirstStart } from './people/first-start.ts';
import { findExpressionFault, findForbiddenFault } from './webhooks/sending/egress/policy.ts';
import { openGround } from './workspace/ground.ts';
import { createPlace, type Place } from './workspace/place.ts';
import type { Workspace } from './workspace/setting.ts';

export interface App {
  /** Where the server listens, with the base path: `http://127.0.0.1:3005`. */
  readonly url: string;
  /** The link that makes the first administrator; null where there is one. */
  readonly setupUrl: string | null;
  readonly db: Database;
  readonly workspace: Workspace;
  /**
   * Accepts nothing more, lets what is under way end within the grace, closes the database. False where that was given up.
   * Before that it drains, if that is set, or where the stop `isSupervised` and other nodes take over.
   */
  stop(isSupervised?: boolean): Promise<boolean>;
}

/** Starts everything that `config.roles` names. What fails on the way closes what was opened before it. */
export async function startApp(config: Config, { log }: { log: Log }): Promise<App> {
  const ground = await openGround(config, { log, checks: egressChecks });
  const { db, workspace } = ground;
  const place = createPlace(config);
  let stop: Stop = async () => {
    await db.close();
    return true;
  };
  try {
    const first = { email: config.adminEmail, password: config.adminPassword, token: config.adminToken };
    const setup = await prepareFirstStart(db, first, ground.clock.now());
    await takeOverPlaces(db, ground.log);
    const { server, feed, parts } = await wire(ground, place);
    stop = stopOnce({ ...ground, server, feed, parts, graceMs: config.stopSeconds * 1000 });
    await listen(server, config, place);
    for (const part of parts) await part.start?.();
    const setupUrl = setup === null ? null : `${place.baseUrl}/setup?token=${setup.setupToken}`;
    const stopFor = (isSupervised = false) => stop(chooseDrainMs(config, isSupervised));
    return { url: place.ownUrl, setupUrl, db, workspace, stop: stopFor };
  } catch (error) {
    await stop(0);
    throw error;
  }
}

/** They hold at start already, before the room that has them is made. */
const egressChecks = {
  'webapp.webhookSettings.forbiddenIPs': findForbiddenFault,
  'webapp.webhookSettings.allowedUrlRegexes': findExpressionFault,
} as const;

async function listen(server: FastifyInstance, { host, port }: Config, place: Place): Promise<void> {
  try {
    await server.listen({ port, host });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!/^(EADDR|EACCES|ENOTFOUND)/u.test(code)) throw error;
    throw new StartError(
      `Can't listen on ${host}:${port} (${code}): set PORT or HOST to another address.`,
      error,
    );
  }
  place.listens((server.server.address() as AddressInfo).port);
}
