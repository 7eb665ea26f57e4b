// Every room made and put together: what one needs from a room further left is handed to it as a function.
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { changeKinds } from '../api/views/change-kind.ts';
import { createIdempotency } from '../api/idempotency.ts';
import { createRoutes, type Rooms } from '../api/routes.ts';
import { healthRoutes } from '../api/routes/workspace/health.ts';
import { createServer } from '../api/server.ts';
import { findWebFolder } from '../api/web-files.ts';
import { createSignInLimit } from '../api/sign-in-limit.ts';
import { version } from '../base/version.ts';
import { createWorkLoop, type WorkLoop } from '../base/work-loop.ts';
import type { Database } from '../db/database.ts';
import { keepNothing } from '../db/kept-answer.ts';
import { createDuckDbEngine, type DuckDbEngine } from '../engine/duckdb/duckdb-engine.ts';
import { raiseWalls } from '../engine/duckdb/wall/raise.ts';
import { widenPromises } from '../flows/datasets/dataset-promise.ts';
import type { FlowHooks, FlowRoom } from '../flows/flow-room.ts';
import { createLocations } from '../flows/datasets/location.ts';
import { createFlows } from '../flows/flows.ts';
import { createStartJob } from '../jobs/chain-start.ts';
import { createExternalJobs } from '../jobs/external/external-job.ts';
import { createNoteWatch, openEndNotes, type EndNotes } from '../jobs/end-note.ts';
import type { FinishContext } from '../jobs/finish.ts';
import { cancelJobsOfFlow } from '../jobs/job.ts';
import { isUploadPlanned } from '../jobs/open-job.ts';
import { createJobLog } from '../jobs/job-log.ts';
import { addJobMetrics } from '../jobs/job-metrics.ts';
import { launchRecipe } from '../jobs/launch.ts';
import { createPlacing } from '../jobs/placing/placing.ts';
import type { Publisher } from '../jobs/placing/publisher.ts';
import { createRunner, type Runner } from '../jobs/runner.ts';
import { createSilenceWatch } from '../jobs/external/silence-watch.ts';
import { createSlowWatch } from '../jobs/slow-watch.ts';
import { createSignIn, type SignIn } from '../people/sign-in.ts';
import { countSetAside } from '../webhooks/events/suspect.ts';
import { createDeadlineWatch } from '../webhooks/events/deadline-watch.ts';
import { removeScheduleOfFlow } from '../schedules/schedule.ts';
import { createScheduler } from '../schedules/scheduler.ts';
import { createDeliverer, type Deliverer } from '../webhooks/deliveries/deliverer.ts';
import type { DirectLease } from '../webhooks/deliveries/direct-lease.ts';
import { createHeldWatch } from '../webhooks/deliveries/held-watch.ts';
import { resealTasks } from '../webhooks/tasks/sealed-task.ts';
import type { StartJob } from '../webhooks/deliveries/run-job.ts';
import { createTaskCache } from '../webhooks/events/task-cache.ts';
import { createTaskLoader } from '../webhooks/tasks/sendable-task.ts';
import { disableTasksOfRecipe, removeTasksOfFlow } from '../webhooks/tasks/task-deletion.ts';
import type { TaskContext } from '../webhooks/tasks/task-editing.ts';
import { createChangeFeed, type ChangeFeed } from '../workspace/change-feed.ts';
import { type Ground } from '../workspace/ground.ts';
import { createGroundedRetention } from './old-work.ts';
import { createIdWatch } from '../workspace/id-mark.ts';
import { createKeyRotation, type KeyRotation } from '../workspace/key-rotation.ts';
import { type Place } from '../workspace/place.ts';

/** A part that works by itself: started in the order of the list once the server listens, stopped in the other. */
export interface Part {
  start?(): void | Promise<void>;
  /** `leftMs` is what is left of the time for all parts together. */
  stop?(leftMs: number): void | Promise<void>;
}

/** Every room, made by one call each; what one needs from a room further left is handed to it as a function. */
export async function wire(
  ground: Ground,
  place: Place,
): Promise<{ server: FastifyInstance; feed: ChangeFeed; parts: Part[] }> {
  const { config, clock, db, readiness } = ground;
  const notes = await openEndNotes(db, ground.dataDir);
  const finish = createFinish(ground, place, notes, () =>
    config.roles.includes('webhooks') ? deliverer.worker.direct : null,
  );
  const startJob = createStartJob(db, (request) =>
    launchRecipe({ ...flows.room, keep: keepNothing }, request, tasks),
  );
  const deliverer = createGroundedDeliverer(ground, place, startJob);
  place.onListen(deliverer.placeChanged);
  const external = createExternalJobs(db, finish);
  const silence = createSilenceWatch(external, clock.now, ground.onError);
  const engine = await createGroundedEngine(ground);
  const tasks = createTaskContext(ground, deliverer);
  const flows = createFlows({
    ...ground,
    engine,
    hooks: createFlowHooks(db, finish, tasks),
    isPlanned: (key) => isUploadPlanned(db.read, key),
    config: { ...config, dataDir: ground.dataDir },
  });
  const placing = createPlacing(ground);
  const runner = createGroundedRunner(ground, flows.room, finish, placing.publisher);

  const signIn = createSignIn({
    db,
    now: clock.now,
    sessionMs: config.sessionSeconds * 1000,
    passwordsFor: () => ground.workspace.settings()['webapp.signIn.passwords'],
  });
  const feed = createChangeFeed(db, changeKinds);
  const keyRotation = createKeyRotation({ ...ground, source: ground.keySource, now: clock.now }, [
    resealTasks,
  ]);
  const sweep = createSweep(ground, signIn, keyRotation);

  const ids = createIdWatch(db, ground.dataDir, ground.onError);
  const parts: Part[] = [
    ids,
    { stop: () => notes.close() },
    { stop: () => external.idle() },
    { stop: () => engine.close() },
    flows,
    sweep,
  ];
  const { roles } = config;
  const addLoop = (name: string, loop: WorkLoop): Part => {
    readiness.addLoop(name, loop, stuckMs);
    return loop;
  };
  if (roles.includes('api')) {
    parts.push({ start: () => external.open() });
    parts.push(addLoop('notes', createNoteWatch(notes, clock.now, ground.onError)));
  }
  if (roles.includes('webhooks')) {
    readiness.addLoop('webhooks', deliverer.worker.loop, stuckMs);
    parts.push({
      start: () => deliverer.start(),
      stop: (leftMs) => deliverer.close(leftMs),
    });
    parts.push(
      addLoop('held', createHeldWatch(db, clock.now, ground.onError)),
      addLoop('deadlines', createDeadlineWatch({ record: finish.record, db }, clock.now, ground.onError)),
      createGroundedRetention(ground),
    );
  }
  if (roles.includes('jobs')) {
    parts.push(addLoop('silence', silence), addLoop('publisher', placing.late));
    parts.push(addLoop('slow', createSlowWatch({ finish, db }, clock.now, ground.onError)));
    readiness.addLoop('jobs', runner.loop, stuckMs);
    const scheduler = createScheduler({ ...ground, room: flows.room });
    readiness.addLoop('schedules', scheduler.loop, stuckMs);
    parts.push(runner, scheduler);
  }
  const rooms = { finish, deliverer, external, tasks, signIn, feed, keyRotation, flows: flows.room };
  return { server: await createApi(ground, place, rooms), feed, parts };
}

/** Queries run behind the walls that stand here; throws `StartError` where they are required and don't. */
async function createGroundedEngine({ config, dataDir, readiness, metrics }: Ground): Promise<DuckDbEngine> {
  // A process that only sends runs no query.
  const asked = config.roles.some((role) => role !== 'webhooks');
  const walls = await raiseWalls({ mode: asked ? config.sandbox : 'off', dataDir });
  if (asked) readiness.add('sandbox', () => walls.detail);
  const { mayRead } = createLocations({ dataDir, dataRoots: config.dataRoots });
  const engine = createDuckDbEngine({ scratchFolder: join(dataDir, 'scratch'), walls, mayRead });
  for (const [name, load] of [
    ['checks', engine.checks],
    ['previews', engine.previews],
  ] as const) {
    metrics.gauge(
      `flowhook_engine_${name}_running`,
      `Processes of the engine busy with ${name}`,
      load.running,
    );
    metrics.gauge(`flowhook_engine_${name}_waiting`, `Requests that wait for ${name}`, load.waiting);
  }
  return engine;
}

/** A loop that has not ended a round for so long is stuck. */
const stuckMs = 60_000;

type RoomsOfApi = Pick<
  Rooms,
  'keyRotation' | 'finish' | 'deliverer' | 'external' | 'tasks' | 'flows' | 'signIn' | 'feed'
>;

async function createApi(ground: Ground, place: Place, rooms: RoomsOfApi): Promise<FastifyInstance> {
  const { config, clock, db, dataDir } = ground;
  const limit = createSignInLimit(clock.now);
  const { basePath, secure } = place;
  const origins = config.baseUrl === null ? [] : [place.origin];
  const all = { ...ground, ...rooms, limit, basePath, secure, origins, outputsDir: join(dataDir, 'outputs') };
  return createServer({
    ...all,
    // A process without the api still says how it is.
    routes: config.roles.includes('api')
      ? createRoutes(all)
      : healthRoutes({ ...ground, isBehindProxy: config.baseUrl !== null }),
    idempotency: createIdempotency(db, clock.now, ground.onError),
    trustedProxies: config.trustedProxies,
    hosts: { host: config.baseUrl === null ? null : new URL(config.baseUrl).hostname, names: config.hosts },
    uploadLimit: config.uploadLimit,
    bodyLimit: config.bodyLimit,
    requestSeconds: config.requestSeconds,
    maxConnections: config.maxConnections,
    webFolder: config.roles.includes('api') ? findWebFolder() : null,
  });
}

const sweepEveryMs = 3_600_000;

/** Sessions that have ended are removed now and then, and keys that nothing needs any more. */
function createSweep({ clock, onError }: Ground, signIn: SignIn, keyRotation: KeyRotation): Part {
  const round = async () => {
    await signIn.sweep();
    await keyRotation.tidy();
    return false;
  };
  return createWorkLoop({ round, pollMs: sweepEveryMs, onError, now: clock.now });
}

function createFinish(
  ground: Ground,
  place: Place,
  notes: EndNotes,
  direct: () => DirectLease | null,
): FinishContext {
  const { db, workspace } = ground;
  const settings = () => ({
    switchedOn: workspace.settings()['webapp.webhookSettings.enabled'],
    maximumAgeMs: workspace.settings()['webapp.webhookSettings.maximumAge'] * 1000,
  });
  const makePublicId = () => `dlv_${randomBytes(16).toString('base64url')}`;
  addJobMetrics(ground.metrics, db);
  countSetAside(ground.metrics, db);
  return {
    db,
    record: { db, tasks: createTaskCache(), makePublicId, settings, direct },
    notes,
    jobEnded: createJobLog(ground),
    get baseUrl() {
      return place.baseUrl;
    },
  };
}

function createTaskContext({ db, box, workspace }: Ground, deliverer: Deliverer): TaskContext {
  const maxTasks = () => workspace.settings()['webapp.webhookSettings.tasksPerFlow'];
  return { db, box, maxTasks, policy: deliverer.policy };
}

/** What the rooms to the left do when something of a flow is deleted, in the same transaction. */
function createFlowHooks(db: Database, finish: FinishContext, tasks: TaskContext): FlowHooks {
  return {
    async flowDeleted(tx, flowId, personId) {
      await removeScheduleOfFlow(tx, db, flowId, personId);
      await cancelJobsOfFlow(tx, finish, flowId);
      await removeTasksOfFlow(tx, tasks, flowId, personId);
    },
    recipeDeleted: (tx, deleted) => disableTasksOfRecipe(tx, tasks, deleted),
  };
}

function createGroundedRunner(
  ground: Ground,
  room: FlowRoom,
  finish: FinishContext,
  { place }: Publisher,
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
    engine: room.engine,
    finish,
    limits,
    jobsDir: join(dataDir, 'jobs'),
    concurrency: () => config.jobConcurrency,
    place,
    widen: (widenings) => widenPromises(room, widenings),
  });
}

function createGroundedDeliverer(ground: Ground, place: Place, startJob: StartJob) {
  const { config, db, box } = ground;
  return createDeliverer({
    ...ground,
    version,
    slots: config.deliverySlots,
    slotsOfHost: config.deliverySlotsOfHost,
    nameServers: config.nameServers,
    loadTask: createTaskLoader(db, box),
    startJob,
    own: () => ({ urls: [place.baseUrl, place.ownUrl], addresses: place.addresses() }),
  });
}
