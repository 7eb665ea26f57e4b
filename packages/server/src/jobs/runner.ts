// The runner: claims queued jobs, has the engine run them, and ends them with their callbacks in one transaction.
import { join } from 'node:path';
import { maxCrashesInRow } from '../base/max-crashes.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { createWorkLoop, type WorkLoop } from '../base/work-loop.ts';
import type { Database } from '../db/database.ts';
import type { Engine, Handle, Limits, WriteResult, Written } from '../engine/engine.ts';
import type { Failure } from '../engine/failure.ts';
import { findWithheld, withholding } from '../flows/datasets/dataset-leave.ts';
import type { Widening } from '../flows/datasets/dataset-promise.ts';
import { finishJobs, jobsChanged, type FinishContext } from './finish.ts';
import { createGoneWatch, leaseMs, renewLeases, renewMs, whileLeased } from './job-lease.ts';
import { requeueJob, type ClaimedJob } from './job-move.ts';
import { claimJobs } from './queue/job-claim.ts';
import { storeHandle } from './job-store.ts';
import { createProgressWriter } from './progress.ts';
import { warnOfAppended } from './placing/append-check.ts';
import { makeFolder, removeFolder } from './placing/attempt-folder.ts';
import { placeResult, undoPlacing } from './placing/end-placing.ts';
import type { Publisher } from './placing/publisher.ts';
import { describeResult, listPlaces, storeResult } from './result.ts';

export interface RunnerOptions {
  readonly db: Database;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly finish: FinishContext;
  /** The folder that holds a folder for each job. */
  readonly jobsDir: string;
  concurrency(): number;
  limits(): Limits;
  /** Puts files in their places before their job ends. */
  place: Publisher['place'];
  /** Told of the datasets whose files needed wider types than they promise, once their job has ended. */
  widen?(widenings: readonly Widening[]): Promise<void>;
}

export interface Runner {
  readonly loop: WorkLoop;
  start(): void;
  /** Claims nothing more; what runs is let go of (`detached`) or put back into the queue, which is no fault of its own. */
  stop(): Promise<void>;
}

/** The topic that wakes runners. */
export const jobsQueued = 'jobs.queued';
/** The topic that tells runners to look which of their jobs are to be canceled. */
export const jobsCanceled = 'jobs.canceled';

const pollMs = 2000;
const goneEveryMs = 2000;

interface Running {
  readonly job: ClaimedJob;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export function createRunner(options: RunnerOptions): Runner {
  const { db, clock, log } = options;
  const running = new Map<number, Running>();
  let renewing: NodeJS.Timeout | undefined;
  const goneWatch = createGoneWatch(db);
  let goneCheckedAt = Number.NEGATIVE_INFINITY;
  let stopping = false;
  const onError = (error: unknown) => log.error({ err: error }, 'job runner');
  const loop = createWorkLoop({ round, pollMs, now: clock.now, onError });

  async function round(): Promise<boolean> {
    if (clock.now() - goneCheckedAt >= goneEveryMs) {
      goneCheckedAt = clock.now();
      await goneWatch.look();
    }
    const max = options.concurrency() - running.size;
    if (max <= 0) return false;
    const jobs = await db.transaction(async (tx) => {
      const underWay = [...running.keys()];
      const claimed = await claimJobs(tx, { nodeId: db.nodeId, max, leaseMs, underWay });
      for (const { id, flowId } of claimed) db.announce(tx, { topic: jobsChanged, flowId, ids: [id] });
      return claimed;
    });
    for (const job of jobs) begin(job);
    return jobs.length === max;
  }

  function begin(job: ClaimedJob): void {
    const abort = new AbortController();
    if (job.stopping) abort.abort();
    const done = runJob(options, job, { signal: abort.signal, isPlanned: () => stopping })
      .catch((error: unknown) => log.error({ err: error, jobId: job.id }, 'job could not be run'))
      .finally(() => {
        running.delete(job.id);
        loop.wake();
      });
    running.set(job.id, { job, abort, done });
  }

  async function renew(): Promise<void> {
    // Only these are judged by the answer: a job that begins meanwhile is not in it.
    const asked = [...running.values()];
    if (asked.length === 0) return;
    const ids = asked.map(({ job }) => job.id);
    const kept = await db.transaction((tx) => renewLeases(tx, db.nodeId, ids));
    for (const { job, abort } of asked) {
      const lease = kept.get(job.id);
      if (lease === undefined || lease.cancel) abort.abort();
    }
  }

  const stopListening = db.listen(({ topic }) => {
    if (topic === jobsQueued) loop.wake();
    if (topic === jobsCanceled) void renew().catch(onError);
  });

  return {
    loop,
    start() {
      renewing = setInterval(() => void renew().catch(onError), renewMs);
      loop.start();
    },
    async stop() {
      stopListening();
      stopping = true;
      await loop.stop();
      await options.engine.close();
      await Promise.all([...running.values()].map(({ done }) => done));
      clearInterval(renewing);
    },
  };
}

/** One try to run a job: what ends it early, and whether that was planned. */
interface Try {
  readonly signal: AbortSignal;
  isPlanned(): boolean;
}

async function runJob(options: RunnerOptions, job: ClaimedJob, one: Try): Promise<void> {
  const { log } = options;
  const began = performance.now();
  const { result, folder } = await takeUp(options, job, one.signal);
  const state = await settleResult(options, job, { result, folder, planned: one.isPlanned() });
  // The job's canonical line is written where it ends; this tells of one try to run it.
  const durationMs = Math.round(performance.now() - began);
  log.debug({ jobId: job.id, flowId: job.flowId, attempt: job.attempt, state, durationMs }, 'job run');
  if (state !== 'complete' && state !== 'detached') await removeFolder(folder, log);
}

/** Takes up a run that goes on elsewhere, or begins one in a folder of its own. */
async function takeUp(
  options: RunnerOptions,
  job: ClaimedJob,
  signal: AbortSignal,
): Promise<{ result: WriteResult; folder: string }> {
  const { db, engine } = options;
  const progress = createProgressWriter(options, job);
  const watch = { signal, onProgress: progress.note };
  try {
    if (job.handle !== null && job.folder !== null) {
      const result = await engine.attach(job.handle, watch);
      if (result.state !== 'gone') return { result, folder: job.folder };
      await removeFolder(job.folder, options.log);
    }
    const folder = join(options.jobsDir, String(job.id), String(job.attempt));
    // It may be what ends our process: then nobody has told that the earlier attempts are gone.
    if (job.crashes >= maxCrashesInRow) return { result: { state: 'gone' }, folder };
    if (signal.aborted) return { result: { state: 'canceled' }, folder };
    const refused = await refuseWithheld(db, job);
    if (refused !== null) return { result: { state: 'failed', failure: refused, steps: [] }, folder };
    const obstacle = await makeFolder(folder, options.log);
    if (obstacle !== null) return { result: { state: 'failed', failure: obstacle, steps: [] }, folder };
    const onHandle = async (handle: Handle) => {
      const ours = await db.transaction((tx) => storeHandle(tx, job, db.nodeId, handle, folder));
      if (!ours) throw new Error('the lease of the job was lost');
    };
    const { datasets, recipes, output, files, profile, parameters } = job.plan;
    const plan = {
      datasets,
      recipes,
      output,
      parameters,
      files: files.map((file) => file.plan),
      folder,
      profile,
      limits: options.limits(),
    };
    return { result: await engine.write(plan, { ...watch, onHandle }), folder };
  } finally {
    await progress.stop();
  }
}

/** Leave to read what was planned may have been withdrawn since the launch. */
async function refuseWithheld({ read }: Database, { flowId, plan }: ClaimedJob): Promise<Failure | null> {
  const [withheld] = await findWithheld(
    read,
    flowId,
    plan.inputs.map(({ id }) => id),
  );
  return withheld === undefined ? null : withholding(withheld.name);
}

interface Ended {
  readonly result: WriteResult;
  readonly folder: string;
  /** Its run was cut off because this server stops. */
  readonly planned: boolean;
}

async function settleResult(options: RunnerOptions, job: ClaimedJob, ended: Ended): Promise<string> {
  const { db } = options;
  const { folder, planned } = ended;
  if (ended.result.state === 'detached') return 'detached';
  if (ended.result.state === 'gone' && (planned || job.crashes < maxCrashesInRow))
    return giveBack(options, job, planned);
  // Whoever hears that the job is complete finds its files in their places.
  const { result, placed } = await placeResult(options, job, ended);
  const described = describeResult(job, result, folder, placed);
  const more = result.state === 'complete' ? await warnOfAppended(db, job, result.columns) : [];
  // It was cut off three times while it ran, and three more while its end was recorded.
  const setAside = job.crashes >= 2 * maxCrashesInRow;
  const end = { ...described, setAside, warnings: [...(described.warnings ?? []), ...more] };
  return whileLeased(options.log, job.id, async () => {
    const row = await db.transaction(async (tx) => {
      const ours = (await finishJobs(tx, options.finish, [end])).get(job.id);
      if (ours !== undefined && result.state === 'complete')
        await storeResult(tx, { job, result, at: ours.finished_at }, placed);
      return ours;
    });
    if (row !== undefined && result.state === 'complete') await tellWidened(options, job, result.widened);
    const state = row?.state ?? (await findEnd(db, job, folder));
    if (state === 'lost' && result.state === 'complete')
      await undoPlacing(db, listPlaces(job, result, folder), placed);
    return state;
  });
}

/** The job has its result whatever comes of it: the next one widens again. */
async function tellWidened(
  { widen, log }: RunnerOptions,
  { id: jobId, plan }: ClaimedJob,
  widened: Written['widened'],
): Promise<void> {
  const widenings = widened.flatMap(({ dataset, columns }) => {
    const before = plan.datasets.find(({ name }) => name === dataset)?.schema;
    const datasetId = plan.inputs.find(({ name }) => name === dataset)?.id;
    return before === undefined || datasetId === undefined ? [] : [{ datasetId, before, columns }];
  });
  if (widenings.length === 0) return;
  await widen?.(widenings).catch((error: unknown) =>
    log.error({ err: error, jobId }, 'a promise could not be widened'),
  );
}

/** Back into the queue; what somebody wants to end ends here. What was not planned counts: it may be what ends the process. */
function giveBack(options: RunnerOptions, job: ClaimedJob, planned: boolean): Promise<string> {
  const { db, finish } = options;
  return whileLeased(options.log, job.id, () =>
    db.transaction(async (tx) => {
      if (await requeueJob(tx, job, { nodeId: db.nodeId, planned })) return 'queued';
      const end = { ...describeResult(job, { state: 'canceled' }, ''), event: 'requeue' } as const;
      return (await finishJobs(tx, finish, [end])).get(job.id)?.state ?? 'lost';
    }),
  );
}

/** How the job ended where it is no longer ours: as a commit says whose answer was lost, or by somebody else. */
async function findEnd({ read }: Database, job: ClaimedJob, folder: string): Promise<string> {
  const row = await read
    .selectFrom('jobs')
    .select(['state', 'result_folder'])
    .where('id', '=', job.id)
    .executeTakeFirst();
  return row?.state === 'complete' && row.result_folder === folder ? 'complete' : 'lost';
}
