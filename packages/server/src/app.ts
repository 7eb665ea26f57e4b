// The server put together: opens what it stands on, wires the rooms, starts and stops them in order.
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createIdempotency } from './api/idempotency.ts';
import { createRoutes, type Rooms } from './api/routes.ts';
import { healthRoutes } from './api/routes/health.ts';
import { createServer } from './api/server.ts';
import { findWebFolder } from './api/web-files.ts';
import { createSignInLimit } from './api/sign-in-limit.ts';
import type { Config } from './base/config.ts';
import type { Log } from './base/log.ts';
import { StartError } from './base/start-error.ts';
import { version } from './base/version.ts';
import { createWorkLoop, type WorkLoop } from './base/work-loop.ts';
import type { Database } from './db/database.ts';
import { createDuckDbEngine } from './engine/duckdb/duckdb-engine.ts';
import type { Engine } from './engine/engine.ts';
import { datasetsChanged, flowsChanged, type FlowHooks } from './flows/flow-room.ts';
import { createFlows } from './flows/flows.ts';
import { createExternalJobs } from './jobs/external-job.ts';
import { flowRunsChanged } from './jobs/flow-run-end.ts';
import { jobsChanged, type FinishContext } from './jobs/finish.ts';
import { cancelJobsOfFlow } from './jobs/job.ts';
import { createPublisher, type Publisher } from './jobs/publisher.ts';
import { createRunner, jobsQueued, type Runner } from './jobs/runner.ts';
import { createSilenceWatch } from './jobs/silence-watch.ts';
import { prepareFirstStart } from './people/first-start.ts';
import { createSignIn, type SignIn } from './people/sign-in.ts';
import { createDeliverer, type Deliverer } from './webhooks/deliverer.ts';
import { findExpressionFault, findForbiddenFault } from './webhooks/egress/policy.ts';
import { createHeldWatch } from './webhooks/held-watch.ts';
import { createTaskCache } from './webhooks/task-cache.ts';
import { createTaskLoader } from './webhooks/stored-task.ts';
import { deliveriesChanged } from './webhooks/record.ts';
import {
  disableTasksOfRecipe,
  removeTasksOfFlow,
  tasksChanged,
  type TaskContext,
} from './webhooks/task-editing.ts';
import { createChangeFeed, type ChangeFeed } from './workspace/change-feed.ts';
import { openGround, type Ground } from './workspace/ground.ts';
import { createPlace, type Place } from './workspace/place.ts';
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

/** A part that works by itself: started in the order of the list once the server listens, stopped in the other. */
interface Part {
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
}

/** Starts everything that `config.roles` names. What fails on the way closes what was opened before it. */
export async function startApp(config: Config, { log }: { log: Log }): Promise<App> {
  const ground = await openGround(config, { log, checks: egressChecks });
  const { db, workspace } = ground;
  const place = createPlace(config);
  let stop = () => db.close();
  try {
    const first = { email: config.adminEmail, password: config.adminPassword, token: config.adminToken };
    const setup = await prepareFirstStart(db, first, ground.clock.now());
    const { server, feed, parts } = await wire(ground, place);
    const stopping = { server, feed, parts, db, graceMs: config.stopSeconds * 1000 };
    stop = stopOnce(() => stopAll(stopping));
    await listen(server, config, place);
    for (const part of parts) await part.start?.();
    const setupUrl = setup === null ? null : `${place.baseUrl}/setup?token=${setup.setupToken}`;
    return { url: place.ownUrl, setupUrl, db, workspace, stop };
  } catch (error) {
    await stop();
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

function stopOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

interface Stopping {
  readonly server: FastifyInstance;
  readonly feed: ChangeFeed;
  readonly parts: readonly Part[];
  readonly db: Database;
  readonly graceMs: number;
}

/** First nothing more comes in, then what works by itself ends, at last the database closes. */
async function stopAll({ server, feed, parts, db, graceMs }: Stopping): Promise<void> {
  feed.close();
  const cut = setTimeout(() => server.server.closeAllConnections(), graceMs);
  await server.close();
  clearTimeout(cut);
  for (const part of parts.toReversed()) await part.stop?.();
  await db.close();
}

/** Every room, made by one call each; what one needs from a room further left is handed to it as a function. */
async function wire(
  ground: Ground,
  place: Place,
): Promise<{ server: FastifyInstance; feed: ChangeFeed; parts: Part[] }> {
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
  const publisher = createGroundedPublisher(ground);
  const runner = createGroundedRunner(ground, engine, finish, publisher);

  const signIn = createSignIn({
    db,
    now: clock.now,
    sessionMs: config.sessionSeconds * 1000,
    passwordsFor: () => ground.workspace.settings()['webapp.signIn.passwords'],
  });
  const feed = createFeed(ground);
  const sweep = createSweep(ground, signIn);

  const parts: Part[] = [{ stop: () => external.idle() }, { stop: () => engine.close() }, flows, sweep];
  const { stopSeconds, roles } = config;
  const addLoop = (name: string, loop: WorkLoop): Part => {
    readiness.addLoop(name, loop, stuckMs);
    return loop;
  };
  if (roles.includes('webhooks')) {
    readiness.addLoop('webhooks', deliverer.worker.loop, stuckMs);
    parts.push({
      start: () => deliverer.worker.start(),
      stop: () => deliverer.close(stopSeconds * 1000),
    });
    parts.push(addLoop('held', createHeldWatch(db, clock.now, ground.onError)));
  }
  if (roles.includes('jobs')) {
    parts.push(addLoop('silence', silence), addLoop('publisher', publisher.loop));
    readiness.addLoop('jobs', runner.loop, stuckMs);
    parts.push(runner);
  }
  const rooms = { finish, deliverer, external, tasks, signIn, feed, flows: flows.room };
  return { server: await createApi(ground, place, rooms), feed, parts };
}

/** A loop that has not ended a round for so long is stuck. */
const stuckMs = 60_000;

type RoomsOfApi = Pick<Rooms, 'finish' | 'deliverer' | 'external' | 'tasks' | 'flows' | 'signIn' | 'feed'>;

async function createApi(ground: Ground, place: Place, rooms: RoomsOfApi): Promise<FastifyInstance> {
  const { config, clock, db, dataDir } = ground;
  const limit = createSignInLimit(clock.now);
  const { basePath, secure } = place;
  const origins = config.baseUrl === null ? [] : [place.origin];
  const all = { ...ground, ...rooms, limit, basePath, secure, origins, outputsDir: join(dataDir, 'outputs') };
  return createServer({
    ...all,
    // A process without the api still says how it is.
    routes: config.roles.includes('api') ? createRoutes(all) : healthRoutes(ground),
    idempotency: createIdempotency(db, clock.now),
    trustedProxies: config.trustedProxies,
    uploadLimit: config.uploadLimit,
    bodyLimit: config.bodyLimit,
    webFolder: config.roles.includes('api') ? findWebFolder() : null,
  });
}

/** What the announcements of each room are about. */
function createFeed({ db }: Ground): ChangeFeed {
  return createChangeFeed(db, {
    [flowsChanged]: 'flow',
    [datasetsChanged]: 'dataset',
    [tasksChanged]: 'webhookTask',
    [jobsChanged]: 'job',
    [jobsQueued]: 'job',
    [flowRunsChanged]: 'flowRun',
    [deliveriesChanged]: 'delivery',
  });
}

const sweepEveryMs = 3_600_000;

/** Sessions that have ended are removed now and then. */
function createSweep({ clock, onError }: Ground, signIn: SignIn): Part {
  const round = async () => {
    await signIn.sweep();
    return false;
  };
  return createWorkLoop({ round, pollMs: sweepEveryMs, onError, now: clock.now });
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

function createGroundedPublisher({ db, dataDir, log, clock }: Ground): Publisher {
  return createPublisher({ db, outputsDir: join(dataDir, 'outputs'), log, now: clock.now });
}

function createGroundedRunner(
  ground: Ground,
  engine: Engine,
  finish: FinishContext,
  { publish }: Publisher,
): Runner {
  const { config, dataDir } = ground;
  const limits = () => ({
    memoryBytes: config.jobMemory,
    tempBytes: config.jobTemp,
    timeMs: config.jobTime * 1000,
    threads: config.jobThreads,
  });
  return createRunner({
    ...ground,
    engine,
    finish,
    limits,
    jobsDir: join(dataDir, 'jobs'),
    concurrency: () => config.jobConcurrency,
    publish,
  });
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
      return place.origin;
    },
  });
}
