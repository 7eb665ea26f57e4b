// The server put together: opens the database, wires the rooms, starts and stops them in order.
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createIdempotency } from './api/idempotency.ts';
import { createRoutes } from './api/routes.ts';
import { createServer } from './api/server.ts';
import { createSignInLimit } from './api/sign-in-limit.ts';
import { systemClock } from './base/clock.ts';
import type { Config } from './base/config.ts';
import { openKey } from './base/key-file.ts';
import type { Log } from './base/log.ts';
import { createSecretBox } from './base/secret.ts';
import { version } from './base/version.ts';
import type { Database } from './db/database.ts';
import { openDatabase } from './db/open-database.ts';
import { createExternalJobs } from './jobs/external-job.ts';
import type { FinishContext } from './jobs/finish.ts';
import { createSilenceWatch } from './jobs/silence-watch.ts';
import { prepareFirstStart } from './people/first-start.ts';
import { createSignIn } from './people/sign-in.ts';
import { createDeliverer } from './webhooks/deliverer.ts';
import { createTaskCache } from './webhooks/task-cache.ts';
import { createTaskLoader } from './webhooks/task-store.ts';
import { checkEncryptionKey } from './workspace/key-check.ts';
import { openWorkspace, type WorkspaceSettings } from './workspace/setting.ts';

export interface App {
  /** Where the server listens: `http://127.0.0.1:3005`. */
  readonly url: string;
  readonly db: Database;
  /** The link that makes the first administrator; null where there is one. */
  readonly setupUrl: string | null;
  stop(): Promise<void>;
}

/** Starts everything that `config.roles` names. What fails on the way closes what was opened before it. */
export async function startApp(config: Config, { log }: { log: Log }): Promise<App> {
  const clock = systemClock;
  const dataDir = resolve(config.dataDir);
  const box = createSecretBox(await openKey(dataDir, config.encryptionKey));
  const onError = (error: unknown) => log.error({ err: error }, 'in the background');
  const db = await openDatabase({
    url: config.databaseUrl,
    dataDir,
    nodeName: `${hostname()} ${process.pid}`,
    onError,
  });
  try {
    await checkEncryptionKey(db, box, clock.now());
    const workspace = await openWorkspace(db, readFirstSettings(config), onError);
    const first = { email: config.adminEmail, password: config.adminPassword, token: config.adminToken };
    const setup = await prepareFirstStart(db, first, clock.now());
    const place = { baseUrl: config.baseUrl ?? `http://${config.host}:${config.port}` };
    const maximumAgeMs = () => workspace.settings()['webapp.webhookSettings.maximumAge'] * 1000;
    const finish: FinishContext = {
      db,
      get baseUrl() {
        return place.baseUrl;
      },
      record: {
        db,
        tasks: createTaskCache(),
        makePublicId: () => `dlv_${randomBytes(16).toString('base64url')}`,
        settings: () => ({
          switchedOn: workspace.settings()['webapp.webhookSettings.enabled'],
          maximumAgeMs: maximumAgeMs(),
        }),
      },
    };
    const deliverer = createDeliverer({
      db,
      clock,
      log,
      workspace,
      version,
      slots: config.deliverySlots,
      slotsOfHost: config.deliverySlotsOfHost,
      ownOrigin: new URL(place.baseUrl).origin,
      loadTask: createTaskLoader(db, box),
    });
    const external = createExternalJobs(db, finish);
    const silence = createSilenceWatch(external, clock.now, onError);
    const signIn = createSignIn({ db, now: clock.now, sessionMs: config.sessionSeconds * 1000 });
    const limit = createSignInLimit(clock.now);
    const basePath = new URL(place.baseUrl).pathname.replace(/\/$/u, '');
    const origins = [new URL(place.baseUrl).origin];
    const routes = createRoutes({
      db,
      box,
      clock,
      config,
      workspace,
      finish,
      deliverer,
      external,
      signIn,
      limit,
      basePath,
      origins,
      outputsDir: join(dataDir, 'outputs'),
    });
    const idempotency = createIdempotency(db, clock.now);
    const { trustedProxies, uploadLimit } = config;
    const server = await createServer({
      routes,
      log,
      signIn,
      limit,
      idempotency,
      trustedProxies,
      basePath,
      origins,
      uploadLimit,
    });
    await server.listen({ port: config.port, host: config.host });
    const address = `http://${config.host}:${(server.server.address() as AddressInfo).port}`;
    if (config.baseUrl === null) place.baseUrl = address;
    if (config.roles.includes('webhooks')) deliverer.worker.start();
    if (config.roles.includes('jobs')) silence.start();
    return {
      url: address,
      db,
      setupUrl: setup === null ? null : `${place.baseUrl}/setup?token=${setup.setupToken}`,
      async stop() {
        await server.close();
        await external.idle();
        await silence.stop();
        await deliverer.close(config.stopSeconds * 1000);
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** What the settings give as first values of the workspace's. */
function readFirstSettings(config: Config): Partial<WorkspaceSettings> {
  return {
    ...(config.allowedUrlRegexes.length > 0 && {
      'webapp.webhookSettings.allowedUrlRegexes': [...config.allowedUrlRegexes],
    }),
    ...(config.forbiddenIps !== null && { 'webapp.webhookSettings.forbiddenIPs': config.forbiddenIps }),
    ...(config.retrySchedule !== null && {
      'webapp.webhookSettings.retrySchedule': [...config.retrySchedule],
    }),
  };
}
