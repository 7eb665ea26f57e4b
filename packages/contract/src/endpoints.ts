// Every endpoint of the API, in the order of the OpenAPI document.
import { accessTokenEndpoints } from './access-token.ts';
import { auditEndpoints } from './audit.ts';
import { auditLogEndpoints } from './audit-log.ts';
import type { AnyEndpoint } from './endpoint.ts';
import { eventStreamEndpoints } from './event-stream.ts';
import { externalJobEndpoints } from './external-job.ts';
import { flowEndpoints } from './flow.ts';
import { environmentParameterEndpoints, flowParameterEndpoints } from './flow-parameter.ts';
import { flowPermissionEndpoints } from './flow-permission.ts';
import { flowRunEndpoints } from './flow-run.ts';
import { flowTransferEndpoints } from './flow-transfer.ts';
import { healthEndpoints } from './health.ts';
import { importedDatasetEndpoints } from './imported-dataset.ts';
import { deliverySelectionEndpoints } from './delivery-selection.ts';
import { jobContentEndpoints } from './job-content.ts';
import { jobGroupEndpoints } from './job-group.ts';
import { openApiEndpoints } from './open-api.ts';
import { outputObjectEndpoints } from './output-object.ts';
import { personEndpoints } from './person.ts';
import { scheduleEndpoints } from './schedule.ts';
import { sessionEndpoints } from './session.ts';
import { setupEndpoints } from './setup.ts';
import { signInEndpoints } from './sign-in.ts';
import { statisticsEndpoints } from './statistics.ts';
import { webhookDecisionEndpoints } from './webhook-decision.ts';
import { webhookDeliveryEndpoints } from './webhook-delivery.ts';
import { webhookTaskEndpoints } from './webhook-task.ts';
import { workspaceEndpoints } from './workspace.ts';
import { wrangledDatasetEndpoints } from './wrangled-dataset.ts';
import { writeSettingEndpoints } from './write-setting.ts';

/** By resource; the names make the operation ids (`flow.list`). */
export const endpointsByResource = {
  session: sessionEndpoints,
  setup: setupEndpoints,
  signIn: signInEndpoints,
  person: personEndpoints,
  accessToken: accessTokenEndpoints,
  flow: flowEndpoints,
  flowPermission: flowPermissionEndpoints,
  flowTransfer: flowTransferEndpoints,
  importedDataset: importedDatasetEndpoints,
  wrangledDataset: wrangledDatasetEndpoints,
  outputObject: outputObjectEndpoints,
  writeSetting: writeSettingEndpoints,
  jobGroup: jobGroupEndpoints,
  jobContent: jobContentEndpoints,
  externalJob: externalJobEndpoints,
  flowRun: flowRunEndpoints,
  flowParameter: flowParameterEndpoints,
  environmentParameter: environmentParameterEndpoints,
  schedule: scheduleEndpoints,
  webhookTask: webhookTaskEndpoints,
  webhookDecision: webhookDecisionEndpoints,
  webhookDelivery: webhookDeliveryEndpoints,
  deliverySelection: deliverySelectionEndpoints,
  statistics: statisticsEndpoints,
  eventStream: eventStreamEndpoints,
  workspace: workspaceEndpoints,
  auditLog: auditLogEndpoints,
  audit: auditEndpoints,
  health: healthEndpoints,
  openApi: openApiEndpoints,
} as const;

export const endpoints: readonly AnyEndpoint[] = Object.values(endpointsByResource).flatMap(
  (resource): AnyEndpoint[] => Object.values(resource),
);
