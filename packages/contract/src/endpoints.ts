// Every endpoint of the API, in the order of the OpenAPI document.
import { accessTokenEndpoints } from './person/access-token.ts';
import { auditEndpoints } from './webhook/audit.ts';
import { auditLogEndpoints } from './workspace/audit-log.ts';
import type { AnyEndpoint } from './endpoint.ts';
import { eventStreamEndpoints } from './workspace/event-stream.ts';
import { externalJobEndpoints } from './job/external-job.ts';
import { flowDocumentEndpoints } from './flow/flow-document.ts';
import { flowEndpoints } from './flow/flow.ts';
import { environmentParameterEndpoints, flowParameterEndpoints } from './flow/flow-parameter.ts';
import { flowPermissionEndpoints } from './flow/flow-permission.ts';
import { flowRunEndpoints } from './job/flow-run.ts';
import { flowTransferEndpoints } from './flow/flow-transfer.ts';
import { healthEndpoints } from './workspace/health.ts';
import { datasetLookEndpoints } from './flow/dataset-look.ts';
import { importedDatasetEndpoints } from './flow/imported-dataset.ts';
import { deliverySelectionEndpoints } from './webhook/delivery-selection.ts';
import { jobContentEndpoints } from './job/job-content.ts';
import { jobGroupEndpoints } from './job/job-group.ts';
import { openApiEndpoints } from './openapi/open-api.ts';
import { outputObjectEndpoints } from './flow/output-object.ts';
import { personEndpoints } from './person/person.ts';
import { scheduleEndpoints } from './flow/schedule.ts';
import { sessionEndpoints } from './person/session.ts';
import { setupEndpoints } from './person/setup.ts';
import { signInEndpoints } from './person/sign-in.ts';
import { statisticsEndpoints } from './webhook/statistics.ts';
import { webhookDecisionEndpoints } from './webhook/webhook-decision.ts';
import { webhookDeliveryEndpoints } from './webhook/webhook-delivery.ts';
import { webhookTaskEndpoints } from './webhook/webhook-task.ts';
import { workspaceEndpoints } from './workspace/workspace.ts';
import { wrangledDatasetEndpoints } from './flow/wrangled-dataset.ts';
import { writeSettingEndpoints } from './flow/write-setting.ts';

/** By resource; the names make the operation ids (`flow.list`). */
export const endpointsByResource = {
  session: sessionEndpoints,
  setup: setupEndpoints,
  signIn: signInEndpoints,
  person: personEndpoints,
  accessToken: accessTokenEndpoints,
  flow: flowEndpoints,
  flowPermission: flowPermissionEndpoints,
  flowDocument: flowDocumentEndpoints,
  flowTransfer: flowTransferEndpoints,
  datasetLook: datasetLookEndpoints,
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
