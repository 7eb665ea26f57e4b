// All routes, by the rooms that answer them: one line a resource.
import { version } from '../base/version.ts';
import type { ExternalJobs } from '../jobs/external/external-job.ts';
import type { FinishContext } from '../jobs/finish.ts';
import type { Caller } from '../people/caller.ts';
import type { SignIn } from '../people/sign-in.ts';
import type { Deliverer } from '../webhooks/deliveries/deliverer.ts';
import type { ChangeFeed } from '../workspace/change-feed.ts';
import type { Ground } from '../workspace/ground.ts';
import type { KeyRotation } from '../workspace/key-rotation.ts';
import type { Route } from './route.ts';
import type { FlowRoom } from '../flows/flow-room.ts';
import { launchFlow } from '../jobs/flow-runs/flow-launch.ts';
import { launchRecipe } from '../jobs/launch.ts';
import { createTasksLoader } from '../webhooks/tasks/sendable-task.ts';
import { ofFlowItself, readTasks } from '../webhooks/tasks/stored-task.ts';
import type { TaskContext } from '../webhooks/tasks/task-editing.ts';
import { readJobWebhooks } from './views/job-webhook.ts';
import { accessTokenRoutes } from './routes/person/access-token.ts';
import { auditRoutes } from './routes/webhook/audit.ts';
import { auditLogRoutes } from './routes/workspace/audit-log.ts';
import { eventStreamRoutes } from './routes/workspace/event-stream.ts';
import { deliverySelectionRoutes } from './routes/webhook/delivery-selection.ts';
import { externalJobRoutes } from './routes/job/external-job.ts';
import { flowRoutes } from './routes/flow/flow.ts';
import { flowDocumentRoutes } from './routes/flow/flow-document.ts';
import { flowParameterRoutes } from './routes/flow/flow-parameter.ts';
import { flowPermissionRoutes } from './routes/flow/flow-permission.ts';
import { flowRunRoutes } from './routes/job/flow-run.ts';
import { flowTransferRoutes } from './routes/flow/flow-transfer.ts';
import { healthRoutes } from './routes/workspace/health.ts';
import { importedDatasetRoutes } from './routes/flow/imported-dataset.ts';
import { jobContentRoutes } from './routes/job/job-content.ts';
import { jobGroupRoutes } from './routes/job/job-group.ts';
import { openApiRoutes } from './routes/workspace/open-api.ts';
import { outputObjectRoutes } from './routes/flow/output-object.ts';
import { personRoutes } from './routes/person/person.ts';
import { scheduleRoutes } from './routes/flow/schedule.ts';
import { sessionRoutes } from './routes/person/session.ts';
import { setupRoutes } from './routes/person/setup.ts';
import { signInRoutes } from './routes/person/sign-in.ts';
import { statisticsRoutes } from './routes/webhook/statistics.ts';
import { webhookDecisionRoutes } from './routes/webhook/webhook-decision.ts';
import { webhookDeliveryRoutes } from './routes/webhook/webhook-delivery.ts';
import { showTasks, webhookTaskRoutes } from './routes/webhook/webhook-flow-task.ts';
import { webhookTrialRoutes } from './routes/webhook/webhook-trial.ts';
import { workspaceRoutes } from './routes/workspace/workspace.ts';
import { wrangledDatasetRoutes } from './routes/flow/wrangled-dataset.ts';
import { writeSettingRoutes } from './routes/flow/write-setting.ts';
import { withVersion } from './versions/versioned-route.ts';
import { sql } from 'kysely';
import { createSingleSignOn } from '../people/single-sign-on.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface Rooms extends Ground {
  readonly finish: FinishContext;
  readonly deliverer: Deliverer;
  readonly flows: FlowRoom;
  readonly tasks: TaskContext;
  readonly external: ExternalJobs;
  readonly feed: ChangeFeed;
  readonly keyRotation: KeyRotation;
  readonly signIn: SignIn;
  readonly limit: SignInLimit;
  readonly basePath: string;
  /** True where people reach the server by https. */
  readonly secure: boolean;
  readonly origins: readonly string[];
  readonly outputsDir: string;
}

export function createRoutes(rooms: Rooms): Route[] {
  const { db, clock, config, workspace, keyRotation, external, finish, flows, tasks, deliverer } = rooms;
  const { now } = clock;
  const sessions = { ...rooms, now, sessionMs: config.sessionSeconds * 1000 };
  const loadTasks = createTasksLoader(db, tasks.box);
  const byHand = {
    db,
    loadTasks,
    makePublicId: finish.record.makePublicId,
    maximumAgeMs: () => finish.record.settings().maximumAgeMs,
  };
  return [
    ...healthRoutes({ ...rooms, isBehindProxy: config.baseUrl !== null }),
    ...sessionRoutes(sessions),
    ...setupRoutes(sessions),
    ...signInRoutes({ ...sessions, singleSignOn: createConfigured(config), baseUrl: () => finish.baseUrl }),
    ...personRoutes(rooms),
    ...accessTokenRoutes({ db, now }),
    ...workspaceRoutes({ workspace, keyRotation }),
    ...auditLogRoutes({ db }),
    ...eventStreamRoutes(rooms),
    ...openApiRoutes(),
    ...auditRoutes({ ...rooms, now }),
    ...externalJobRoutes({ db, external, now }),
    ...flowRoutes({ room: flows, readTasks: (caller, flowId) => readTasksOf(tasks, caller, flowId) }),
    ...flowPermissionRoutes({ room: flows }),
    ...flowDocumentRoutes({ room: flows, tasks }),
    ...flowTransferRoutes({ room: flows, tasks }),
    ...importedDatasetRoutes({ room: flows }),
    ...wrangledDatasetRoutes({ room: flows }),
    ...outputObjectRoutes({ room: flows }),
    ...writeSettingRoutes({ room: flows }),
    ...jobGroupRoutes({
      db,
      finish,
      launch: (request, keep) => launchRecipe({ ...flows, keep }, request, tasks),
      readWebhooks: (jobId, caller) => readJobWebhooks({ db, loadTasks }, caller, jobId),
    }),
    ...flowParameterRoutes({ room: flows }),
    ...scheduleRoutes({ db }),
    ...flowRunRoutes({ db, finish, launch: (request, keep) => launchFlow({ ...flows, keep }, request) }),
    ...jobContentRoutes({ db, engine: flows.engine }),
    ...statisticsRoutes({ db, tasks, now }),
    ...webhookTaskRoutes({ ...tasks, resolve: deliverer.sender.resolve }),
    ...webhookTrialRoutes({
      ...tasks,
      version,
      now,
      sender: deliverer.sender,
      testsPerMinute: () => workspace.settings()['webapp.webhookSettings.testsPerMinute'],
      baseUrl: () => finish.baseUrl,
    }),
    ...webhookDecisionRoutes({ db }),
    ...webhookDeliveryRoutes(byHand),
    ...deliverySelectionRoutes(byHand),
  ].map((route) => withVersion({ db, box: tasks.box }, route));
}

/** Null where no provider is configured. */
function createConfigured({ oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret }: Rooms['config']) {
  if (issuer === null || clientId === null) return null;
  return createSingleSignOn({ issuer, clientId, clientSecret: oidcClientSecret });
}

async function readTasksOf({ db, box }: TaskContext, caller: Caller, flowId: number) {
  const where = sql<boolean>`t.flow_id = ${flowId} and t.deleted_at is null and ${ofFlowItself}`;
  const tasks = await readTasks(db.read, box, { where, orderBy: sql`t.id`, page: sql`` });
  return showTasks(db.read, caller, tasks);
}
