// The server put together: opens what it stands on, wires the rooms, starts and stops them in order.
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createIdempotency } from './api/idempotency.ts';
import { createRoutes } from './api/routes.ts';
import { createServer } from './api/server.ts';
import { findWebFolder } from './api/web-files.ts';
import { createSignInLimit } from './api/sign-in-limit.ts';
import type { Config } from './base/config.ts';
import type { Log } from './base/log.ts';
import { version } from './base/version.ts';
import type { Database } from './db/database.ts';
import { createDuckDbEngine } from './engine/duckdb/duckdb-engine.ts';
import type { Engine } from './engine/engine.ts';
import type { FlowHooks } from './flows/flow-room.ts';
import { createFlows } from './flows/flows.ts';
import { createExternalJobs } from './jobs/external-job.ts';
import type { FinishContext } from './jobs/finish.ts';
import { cancelJobsOfFlow } from './jobs/job.ts';
import { createPublisher } from './jobs/publisher.ts';
import { createRunner, type Runner } from './jobs/runner.ts';
import { createSilenceWatch } from './jobs/silence-watch.ts';
import { prepareFirstStart } from './people/first-start.ts';
import { createSignIn } from './people/sign-in.ts';
import { createDeliverer, type Deliverer } from './webhooks/deliverer.ts';
import { createTaskCache } from './webhooks/task-cache.ts';
import { createTaskLoader } from './webhooks/stored-task.ts';
import { disableTasksOfRecipe, removeTasksOfFlow, type TaskContext } from './webhooks/task-editing.ts';
import { openGround, type Ground } from './workspace/ground.ts';
import type { Workspace } from './workspace/setting.ts';

export interface App {
  /** Where the server listens, with the base path: `http://127.0.0.1:3005`. */
  readonly url: string;
  /** The link that makes the first administrator; null where there is one. */
  readonly setupUrl: string | null;
  readonly db: Database;
  readonly workspace: Workspace;
  /** Accepts nothing more, lets what is under way end within the grace, closes the database. */
  stop(): Promise<void>;
}

/** The address by which people and receivers reach this server; without `/` at its end. With port 0 it is known once it listens. */
interface Place {
  baseUrl: string;
}

/** A part that works by itself: started in the order of the list once the server listens, stopped in the other. */
interface Part {
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
}

/** Starts everything that `config.roles` names. What fails on the way closes what was opened before it. */
export async function startApp(config: Config, { log }: { log: Log }): Promise<App> {
  const ground = await openGround(config, { log });
  const { db, workspace } = ground;
  try {
    const first = { email: config.adminEmail, password: config.adminPassword, token: config.adminToken };
    const setup = await prepareFirstStart(db, first, ground.clock.now());
    const place = { baseUrl: config.baseUrl ?? `http://${writeHost(config.host)}:${config.port}` };
    const { server, parts } = await wire(ground, place);
    await server.listen({ port: config.port, host: config.host });
    const address = readAddress(server, config);
    if (config.baseUrl === null) place.baseUrl = address;
    for (const part of parts) await part.start?.();
    const setupUrl = setup === null ? null : `${place.baseUrl}/setup?token=${setup.setupToken}`;
    const stop = async () => {
      await server.close();
      for (const part of parts.toReversed()) await part.stop?.();
      await db.close();
    };
    return { url: `${address}${readBasePath(place)}`, setupUrl, db, workspace, stop };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Every room, made by one call each; what one needs from a room further left is handed to it as a function. */
async function wire(ground: Ground, place: Place): Promise<{ server: FastifyInstance; parts: Part[] }> {
  const { config, clock, db, readiness } = ground;
  const finish = createFinish(ground, place);
  const deliverer = createGroundedDeliverer(ground, place);
  const external = createExternalJobs(db, finish);
  const silence = createSilenceWatch(external, clock.now, ground.onError);
  const engine = createDuckDbEngine({ scratchFolder: join(ground.dataDir, 'scratch') });
  const tasks = createTaskContext(ground, deliverer);
  const flows = createFlows({
    ...ground,
    engine,
    hooks: createFlowHooks(finish, tasks),
    config: { ...config, dataDir: ground.dataDir },
  });
  const runner = createGroundedRunner(ground, engine, finish);

  const parts: Part[] = [{ stop: () => external.idle() }, { stop: () => engine.close() }, flows];
  const { stopSeconds, roles } = config;
  if (roles.includes('webhooks')) {
    readiness.addLoop('webhooks', deliverer.worker.loop, stuckMs);
    parts.push({
      start: () => deliverer.worker.start(),
      stop: () => deliverer.close(stopSeconds * 1000),
    });
  }
  if (roles.includes('jobs')) {
    readiness.addLoop('silence', silence, stuckMs);
    parts.push({ start: () => silence.start(), stop: () => silence.stop() });
    readiness.addLoop('jobs', runner.loop, stuckMs);
    parts.push(runner);
  }
  const rooms = { finish, deliverer, external, tasks, flows: flows.room };
  return { server: await createApi(ground, place, rooms), parts };
}

/** A loop that has not ended a round for so long is stuck. */
const stuckMs = 60_000;

async function createApi(
  ground: Ground,
  place: Place,
  rooms: Pick<Parameters<typeof createRoutes>[0], 'finish' | 'deliverer' | 'external' | 'tasks' | 'flows'>,
): Promise<FastifyInstance> {
  const { config, clock, db, dataDir } = ground;
  const signIn = createSignIn({ db, now: clock.now, sessionMs: config.sessionSeconds * 1000 });
  const limit = createSignInLimit(clock.now);
  const basePath = readBasePath(place);
  const origins = config.baseUrl === null ? [] : [new URL(config.baseUrl).origin];
  const shell = { signIn, limit, basePath, origins };
  const outputsDir = join(dataDir, 'outputs');
  const routes = createRoutes({ ...ground, ...shell, ...rooms, outputsDir });
  const idempotency = createIdempotency(db, clock.now);
  const { trustedProxies, uploadLimit } = config;
  return createServer({
    ...ground,
    ...shell,
    routes,
    idempotency,
    trustedProxies,
    uploadLimit,
    webFolder: findWebFolder(),
  });
}

function createFinish({ db, workspace }: Ground, place: Place): FinishContext {
  const settings = () => ({
    switchedOn: workspace.settings()['webapp.webhookSettings.enabled'],
    maximumAgeMs: workspace.settings()['webapp.webhookSettings.maximumAge'] * 1000,
  });
  const makePublicId = () => `dlv_${randomBytes(16).toString('base64url')}`;
  return {
    db,
    record: { db, tasks: createTaskCache(), makePublicId, settings },
    get baseUrl() {
      return place.baseUrl;
    },
  };
}

function createTaskContext({ db, box, workspace }: Ground, deliverer: Deliverer): TaskContext {
  const mostTasks = () => workspace.settings()['webapp.webhookSettings.tasksPerFlow'];
  return { db, box, mostTasks, policy: deliverer.policy };
}

/** What the rooms to the left do when something of a flow is deleted, in the same transaction. */
function createFlowHooks(finish: FinishContext, tasks: TaskContext): FlowHooks {
  return {
    async flowDeleted(tx, flowId, personId) {
      await cancelJobsOfFlow(tx, finish, flowId);
      await removeTasksOfFlow(tx, tasks, flowId, personId);
    },
    recipeDeleted: (tx, deleted) => disableTasksOfRecipe(tx, tasks, deleted),
  };
}

function createGroundedRunner(ground: Ground, engine: Engine, finish: FinishContext): Part & Runner {
  const { config, dataDir, db } = ground;
  const publisher = createPublisher(db, join(dataDir, 'outputs'));
  const limits = () => ({
    memoryBytes: config.jobMemory,
    tempBytes: config.jobTemp,
    timeMs: config.jobTime * 1000,
    threads: config.jobThreads,
  });
  const runner = createRunner({
    ...ground,
    engine,
    finish,
    limits,
    jobsDir: join(dataDir, 'jobs'),
    concurrency: () => config.jobConcurrency,
    publish: publisher.publish,
  });
  return {
    ...runner,
    async start() {
      await publisher.publishRest();
      runner.start();
    },
  };
}

function createGroundedDeliverer(ground: Ground, place: Place) {
  const { config, db, box } = ground;
  return createDeliverer({
    ...ground,
    version,
    slots: config.deliverySlots,
    slotsOfHost: config.deliverySlotsOfHost,
    loadTask: createTaskLoader(db, box),
    get ownOrigin() {
      return new URL(place.baseUrl).origin;
    },
  });
}

function readBasePath({ baseUrl }: Place): string {
  return new URL(baseUrl).pathname.replace(/\/$/u, '');
}

function readAddress(server: FastifyInstance, { host }: Config): string {
  const { port } = server.server.address() as AddressInfo;
  return `http://${writeHost(host)}:${port}`;
}

/** A server that listens on every address is reached on this machine by the loopback one. */
function writeHost(host: string): string {
  const name = ['0.0.0.0', '::', ''].includes(host) ? '127.0.0.1' : host;
  return name.includes(':') ? `[${name}]` : name;
}
