// The webhooks room at work: policy, sender and worker, kept in step with the workspace settings.
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import { createWorkLoop } from '../../base/work-loop.ts';
import type { Database } from '../../db/database.ts';
import type { Workspace } from '../../workspace/setting.ts';
import { createAttempter, type SendableTask } from './attempt.ts';
import { createDeliveryMetrics, type EndedAside } from './delivery-metrics.ts';
import type { Settled } from './delivery-settle.ts';
import { mergeOldTallies } from './tally-store.ts';
import {
  compilePolicy,
  findExpressionFault,
  findForbiddenFault,
  type EgressPolicy,
  type OwnPlace,
} from '../sending/egress/policy.ts';
import type { StartJob } from './run-job.ts';
import { createSender, type Sender } from '../sending/sender.ts';
import { createResolver } from '../sending/resolve.ts';
import { createWorker, type Worker } from './worker.ts';

export interface DelivererOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly workspace: Workspace;
  readonly version: string;
  readonly slots: number;
  readonly slotsOfHost: number;
  /** Those of the system where it is empty. */
  readonly nameServers: readonly string[];
  /** Where this server's own API is reached now. */
  own(): Omit<OwnPlace, 'selfCalls'>;
  loadTask(taskId: number): Promise<SendableTask>;
  /** Launches the job that a task runs. */
  startJob: StartJob;
}

export interface Deliverer {
  readonly worker: Worker;
  readonly sender: Sender;
  policy(): EgressPolicy;
  /** Reads the policy again: where this server is reached is a part of it, and known once it listens. */
  placeChanged(): void;
  start(): void;
  close(graceMs: number): Promise<void>;
}

const mergeTalliesEveryMs = 60_000;
const connectMs = 10_000;
/** A lease outlives the longest attempt by this, so that only what was cut off is taken over. */
const leaseReserveMs = 30_000;

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { db, clock, log, workspace } = options;
  let policy = readPolicy(options);
  const totalMs = () => workspace.settings()['webapp.webhookSettings.timeLimit'] * 1000;
  const { nameServers: servers } = options;
  const sender = createSender({
    // A name server that was chosen decides alone: the system's own ways would ask others.
    resolve: createResolver(servers.length === 0 ? {} : { servers, fallback: async () => [] }),
    policy: () => policy,
    limits: () => ({ totalMs: totalMs(), connectMs: Math.min(connectMs, totalMs()) }),
  });
  workspace.addCheck('webapp.webhookSettings.forbiddenIPs', (value: string) => findForbiddenFault(value));
  workspace.addCheck('webapp.webhookSettings.allowedUrlRegexes', (value: string[]) =>
    findExpressionFault(value),
  );
  const readAgain = () => {
    policy = readPolicy(options);
    sender.policyChanged();
  };
  workspace.onChange(readAgain);
  const schedule = () =>
    workspace.settings()['webapp.webhookSettings.retrySchedule'].map((seconds) => seconds * 1000);
  const attempt = createAttempter({
    db,
    clock,
    sender,
    version: options.version,
    loadTask: options.loadTask,
    startJob: options.startJob,
    schedule,
  });
  const count = createDeliveryMetrics(options.metrics, db);
  const onSettled = (settled: Settled) => {
    count.settled(settled);
    logSettled(log, settled);
  };
  const onEndedAside = (ended: EndedAside) => {
    count.endedAside(ended);
    logEndedAside(log, ended);
  };
  const { slots, slotsOfHost } = options;
  const worker = createWorker({
    db,
    clock,
    log,
    slots,
    slotsOfHost,
    leaseMs: () => totalMs() + leaseReserveMs,
    attempt,
    onSettled,
    onEndedAside,
  });
  const tallies = createWorkLoop({
    round: () => mergeOldTallies(db, clock.now()),
    pollMs: mergeTalliesEveryMs,
    now: clock.now,
    onError: (error) => log.error({ err: error }, 'tallies'),
  });
  return {
    worker,
    sender,
    policy: () => policy,
    placeChanged: readAgain,
    start() {
      worker.start();
      tallies.start();
    },
    async close(graceMs) {
      await tallies.stop();
      await worker.stop(graceMs);
      await sender.close();
    },
  };
}

function readPolicy({ workspace, own }: DelivererOptions): EgressPolicy {
  const settings = workspace.settings();
  return compilePolicy({
    allowedUrlRegexes: settings['webapp.webhookSettings.allowedUrlRegexes'],
    forbiddenIps: settings['webapp.webhookSettings.forbiddenIPs'],
    onlyAllowedUrls: settings['webapp.webhookSettings.onlyAllowedUrls'],
    own: { ...own(), selfCalls: settings['webapp.webhookSettings.selfCalls'] },
  });
}

/** The one canonical line of an attempt. */
function logSettled(log: Log, { kept, lost }: Settled): void {
  for (const { attempt, state, next } of kept) {
    const { claim, outcome } = attempt;
    const line = {
      deliveryId: claim.publicId,
      taskId: claim.taskId,
      flowId: claim.flowId,
      jobId: claim.jobId,
      attempt: claim.attemptCount,
      outcome: outcome.kind === 'response' ? outcome.statusCode : outcome.reason,
      durationMs: Math.round(attempt.durationMs * 10) / 10,
      address: attempt.address,
      state,
      ...(next.state === 'pending' && { nextAttemptAt: new Date(next.dueAt).toISOString() }),
    };
    log.info(line, 'attempt');
  }
  for (const { claim } of lost)
    log.warn(
      { deliveryId: claim.publicId, attempt: claim.attemptCount },
      'attempt came back after its lease was taken over',
    );
}

function logEndedAside(log: Log, { interrupted, expired }: EndedAside): void {
  for (const { row, state, crashed } of interrupted) {
    log.info({ ...nameRow(row), attempt: row.attempt_count, outcome: 'interrupted', state }, 'attempt');
    if (crashed)
      log.error(nameRow(row), 'delivery is held: the server ended during its attempt too often in a row');
  }
  for (const row of expired) log.info({ ...nameRow(row), state: 'dead' }, 'delivery is too old');
}

function nameRow({ public_id: deliveryId, task_id: taskId, flow_id: flowId }: EndedAside['expired'][number]) {
  return { deliveryId, taskId, flowId };
}
