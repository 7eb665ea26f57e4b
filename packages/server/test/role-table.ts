// Who may call what: one row for every endpoint of the contract, with the status that each caller gets.
import { writeForm, formHeaders } from './upload-form.ts';
import { testPassword } from './server.ts';
import { patterns, type Cell } from './role-pattern.ts';
import type { RoleWorld } from './role-world.ts';

export interface Request {
  readonly params?: object;
  readonly query?: object;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Row {
  readonly cells: readonly Cell[];
  readonly request: (world: RoleWorld) => Request;
  /** It takes something away: everybody who may gets a new world. */
  readonly fresh?: boolean;
  /** Statuses that do as well as the endpoint's own: who may ask finds the object in another state. */
  readonly also?: readonly number[];
}

const none = () => ({});
const row = (
  cells: readonly Cell[],
  request: Row['request'] = none,
  more: Pick<Row, 'fresh' | 'also'> = {},
): Row => ({ cells, request, ...more });

const fresh = { fresh: true } as const;
const byId = (name: keyof RoleWorld) => (world: RoleWorld) => ({ params: { id: world[name] } });
const withBody = (name: keyof RoleWorld, body: unknown) => (world: RoleWorld) => ({
  params: { id: world[name] },
  body,
});
/** A schedule of the flow, once a year. */
export const scheduleOf = (flowId: number) => ({
  triggers: [{ timeBased: { cron: { expression: '0 0 1 1 *' }, timezone: 'UTC' } }],
  tasks: [{ runFlow: { flowId } }],
});
const ofFlow = ({ flowId }: RoleWorld) => ({ query: { flowId } });
const named = ({ marker }: RoleWorld) => ({ query: { filter: marker } });
const file = (name: keyof RoleWorld | null) => (world: RoleWorld) => ({
  ...(name !== null && { params: { id: world[name] } }),
  body: writeForm({ fileName: 'rows.csv', content: 'a,b\n1,2\n' }),
  headers: formHeaders,
});
const flowPackage = ({ packageFile }: RoleWorld) => ({
  body: writeForm({ fileName: 'flow.zip', content: packageFile, part: 'data' }),
  headers: formHeaders,
});
const tried = { url: 'https://role-table.invalid/', method: 'post', body: 'x' };
const newPassword = 'another password for tests';

/** By resource and name, as in `endpointsByResource`. */
export const roleTable: Readonly<Record<string, Row>> = {
  'session.create': row(patterns.open, ({ email }) => ({ body: { email, password: testPassword } })),
  'session.get': row(patterns.anybody),
  'session.remove': row(patterns.anybodyChanges),
  'signIn.ways': row(patterns.open),
  'signIn.begin': row(patterns.open, none, { also: [302, 303] }),
  'signIn.complete': row(patterns.open, none, { also: [302, 303] }),
  'setup.get': row(patterns.open),
  'setup.create': row(
    patterns.open,
    () => ({ body: { token: 'none', email: 'x@example.com', name: 'X', password: newPassword } }),
    { also: [401, 403, 409] },
  ),
  'person.current': row(patterns.anybody),
  'person.list': row(patterns.administer),
  'person.count': row(patterns.administer),
  'person.create': row(patterns.administer, ({ marker }) => ({
    body: { email: `${marker}@example.com`, name: 'New' },
  })),
  'person.get': row(patterns.administer, byId('personId')),
  'person.change': row(patterns.administer, withBody('personId', { name: 'Spare' })),
  'person.removal': row(patterns.administer, byId('personId')),
  'person.remove': row(patterns.administer, byId('personId'), fresh),
  'person.changeOwnPassword': row(patterns.ownThings, () => ({
    body: { currentPassword: testPassword, newPassword: testPassword },
  })),
  'person.resetPassword': row(patterns.administer, withBody('personId', { newPassword })),
  'accessToken.list': row(patterns.anybody),
  'accessToken.create': row(patterns.anybodyChanges, ({ callerFlowIds }) => ({
    body: { lifetimeSeconds: 60, description: 'x', ...(callerFlowIds && { flowIds: callerFlowIds }) },
  })),
  'accessToken.get': row(patterns.ownToken, ({ tokenId }) => ({ params: { tokenId } })),
  'accessToken.remove': row(patterns.removeToken, ({ tokenId }) => ({ params: { tokenId } }), fresh),
  'flow.list': row(patterns.listFlow, named),
  'flow.count': row(patterns.listFlow, named),
  'flow.create': row(patterns.authorMakes, () => ({ body: { name: 'New' } })),
  'flow.get': row(patterns.readFlow, byId('flowId')),
  'flow.change': row(patterns.editFlow, withBody('flowId', { description: 'x' })),
  'flow.replace': row(patterns.editFlow, ({ flowId, marker }) => ({
    params: { id: flowId },
    body: { name: marker },
  })),
  'flow.remove': row(patterns.ownFlow, byId('flowId'), fresh),
  'flow.deletion': row(patterns.readFlow, byId('flowId')),
  'flow.flowNodes': row(patterns.readFlow, byId('flowId')),
  'flowPermission.list': row(patterns.readFlow, byId('flowId')),
  'flowPermission.candidates': row(patterns.findPeople, byId('flowId')),
  'flowPermission.give': row(patterns.shareFlow, ({ flowId, personId }) => ({
    params: { id: flowId },
    body: { data: [{ personId, role: 'readOnly' }] },
  })),
  'flowPermission.take': row(
    patterns.unshareFlow,
    ({ flowId, sharedWithId }) => ({ params: { id: flowId, personId: sharedWithId } }),
    fresh,
  ),
  'flowDocument.get': row(patterns.tryFlow, byId('flowId')),
  'flowDocument.put': row(patterns.editFlow, ({ flowId, marker }) => ({
    params: { id: flowId },
    query: { dryRun: true },
    body: { name: marker },
  })),
  'flowDocument.create': row(patterns.authorMakes, () => ({ body: { name: 'New' } })),
  'flowTransfer.copy': row(patterns.copyFlow, byId('flowId')),
  'flowTransfer.exportPackage': row(patterns.readFlow, byId('flowId')),
  'flowTransfer.exportDryRun': row(patterns.readFlow, byId('flowId')),
  'flowTransfer.importPackage': row(patterns.authorMakes, flowPackage),
  'flowTransfer.importDryRun': row(patterns.authorTries, flowPackage),
  'flowRun.create': row(patterns.runFlow, byId('flowId')),
  'flowRun.list': row(patterns.listFlow, ofFlow),
  'flowRun.get': row(patterns.readFlow, byId('flowRunId')),
  'flowRun.status': row(patterns.readFlow, byId('flowRunId')),
  'flowRun.jobGroups': row(patterns.readFlow, byId('flowRunId')),
  'flowRun.cancel': row(patterns.editFlow, byId('flowRunId')),
  'flowParameter.list': row(patterns.readFlow, byId('flowId')),
  'flowParameter.create': row(patterns.editFlow, ({ flowId }) => ({
    params: { id: flowId },
    body: { name: `p${Math.random()}`.replace('.', ''), defaultValue: 1 },
  })),
  'flowParameter.get': row(patterns.readFlow, ({ flowId, parameterId }) => ({
    params: { id: flowId, parameterId },
  })),
  'flowParameter.change': row(patterns.editFlow, ({ flowId, parameterId }) => ({
    params: { id: flowId, parameterId },
    body: { defaultValue: 'x' },
  })),
  'flowParameter.remove': row(
    patterns.editFlow,
    ({ flowId, parameterId }) => ({ params: { id: flowId, parameterId } }),
    fresh,
  ),
  'environmentParameter.list': row(patterns.anybody),
  'environmentParameter.create': row(patterns.administer, ({ marker }) => ({
    body: { overrideKey: `env.${marker.replaceAll('-', '')}`, value: 'x' },
  })),
  'environmentParameter.get': row(patterns.anybody, byId('environmentId')),
  'environmentParameter.remove': row(patterns.administer, byId('environmentId'), fresh),
  'schedule.list': row(patterns.listFlow, ofFlow),
  // The flow has its schedule already.
  'schedule.create': row(patterns.editFlow, ({ flowId }) => ({ body: scheduleOf(flowId) }), { also: [409] }),
  'schedule.preview': row(patterns.anybody, ({ flowId }) => ({ body: scheduleOf(flowId) })),
  'schedule.get': row(patterns.readFlow, byId('scheduleId')),
  'schedule.replace': row(patterns.editFlow, ({ flowId, scheduleId }) => ({
    params: { id: scheduleId },
    body: scheduleOf(flowId),
  })),
  'schedule.remove': row(patterns.editFlow, byId('scheduleId'), fresh),
  'schedule.enable': row(patterns.editFlow, byId('scheduleId')),
  'schedule.disable': row(patterns.editFlow, byId('scheduleId')),
  'schedule.times': row(patterns.readFlow, byId('scheduleId')),
  'schedule.occurrences': row(patterns.readFlow, byId('scheduleId')),
  'importedDataset.list': row(patterns.listFlow, named),
  'importedDataset.count': row(patterns.listFlow, named),
  'importedDataset.create': row(patterns.authorMakes, ({ fileUri }) => ({ body: { uri: fileUri } })),
  'importedDataset.upload': row(patterns.authorMakes, file(null)),
  'datasetLook.read': row(patterns.authorTries, ({ fileUri }) => ({ body: { uri: fileUri } })),
  'datasetLook.readUpload': row(patterns.authorTries, file(null)),
  'importedDataset.get': row(patterns.readFlow, byId('datasetId')),
  'importedDataset.change': row(patterns.ownDatasetEnds, withBody('datasetId', { description: 'x' })),
  'importedDataset.replaceFile': row(patterns.ownDatasetEnds, file('datasetId')),
  'importedDataset.remove': row(patterns.ownDataset, byId('unreadDatasetId'), fresh),
  'importedDataset.addToFlow': row(patterns.editFlow, ({ datasetId, flowId }) => ({
    params: { id: datasetId },
    body: { flow: { id: flowId } },
  })),
  'importedDataset.removeFromFlow': row(
    patterns.editFlow,
    ({ unreadDatasetId, flowId }) => ({ params: { id: unreadDatasetId }, body: { flow: { id: flowId } } }),
    fresh,
  ),
  'importedDataset.uses': row(patterns.ownDatasetReads, byId('datasetId')),
  // It is its owner's own there: nothing was lent.
  'importedDataset.endUse': row(
    patterns.ownDatasetEnds,
    ({ unreadDatasetId, useId }) => ({ params: { id: unreadDatasetId, useId } }),
    { also: [409] },
  ),
  'importedDataset.preview': row(patterns.readFlow, byId('datasetId')),
  'wrangledDataset.list': row(patterns.listFlow, ofFlow),
  'wrangledDataset.count': row(patterns.listFlow, ofFlow),
  'wrangledDataset.create': row(patterns.editFlow, ({ flowId }) => ({
    body: { name: 'new', flow: { id: flowId }, sql: 'select 1 as one' },
  })),
  'wrangledDataset.check': row(patterns.readFlow, ({ flowId }) => ({
    body: { flowId, sql: 'select 1 as one' },
  })),
  'wrangledDataset.get': row(patterns.readFlow, byId('recipeId')),
  'wrangledDataset.change': row(patterns.editFlow, withBody('recipeId', { description: 'x' })),
  'wrangledDataset.remove': row(patterns.editFlow, byId('recipeId'), fresh),
  'wrangledDataset.deletion': row(patterns.readFlow, byId('recipeId')),
  'wrangledDataset.preview': row(patterns.readFlow, byId('recipeId')),
  'wrangledDataset.replacePrimaryInput': row(patterns.editFlow, ({ recipeId, datasetId }) => ({
    params: { id: recipeId },
    body: { importedDataset: { id: datasetId } },
  })),
  'wrangledDataset.inputs': row(patterns.readFlow, byId('recipeId')),
  'outputObject.list': row(patterns.listFlow, ofFlow),
  'outputObject.count': row(patterns.listFlow, ofFlow),
  'outputObject.create': row(
    patterns.editFlow,
    ({ recipeId }) => ({ body: { flowNodeId: recipeId, isAdhoc: false } }),
    { also: [409] },
  ),
  'outputObject.get': row(patterns.readFlow, byId('outputId')),
  'outputObject.change': row(patterns.editFlow, withBody('outputId', { profiler: true })),
  'outputObject.remove': row(patterns.editFlow, byId('outputId'), fresh),
  'writeSetting.list': row(patterns.listFlow, ({ outputId }) => ({ query: { outputObjectId: outputId } })),
  'writeSetting.count': row(patterns.listFlow, ({ outputId }) => ({ query: { outputObjectId: outputId } })),
  'writeSetting.create': row(
    patterns.editFlow,
    ({ outputId }) => ({
      body: { outputObjectId: outputId, path: 'another.csv', action: 'create', format: 'csv' },
    }),
    { also: [400] },
  ),
  'writeSetting.get': row(patterns.readFlow, byId('settingId')),
  'writeSetting.change': row(patterns.editFlow, withBody('settingId', { header: true })),
  'writeSetting.remove': row(patterns.editFlow, byId('settingId'), fresh),
  'jobGroup.list': row(patterns.listFlow, ofFlow),
  'jobGroup.library': row(patterns.listFlow, ofFlow),
  'jobGroup.count': row(patterns.listFlow, ofFlow),
  'jobGroup.create': row(patterns.runFlow, ({ recipeId }) => ({
    body: { wrangledDataset: { id: recipeId } },
  })),
  'jobGroup.get': row(patterns.readFlow, byId('jobId')),
  'jobGroup.status': row(patterns.readFlow, byId('jobId')),
  'jobGroup.jobs': row(patterns.readFlow, byId('jobId')),
  'jobGroup.jobStatus': row(patterns.readFlow, byId('stepId')),
  'jobGroup.cancel': row(patterns.editFlow, byId('jobId')),
  'jobGroup.remove': row(patterns.editFlow, byId('jobId')),
  'jobGroup.inputs': row(patterns.readFlow, byId('jobId')),
  'jobGroup.outputs': row(patterns.readFlow, byId('jobId')),
  'jobGroup.rejects': row(patterns.readFlow, ({ jobId }) => ({ params: { id: jobId } })),
  'jobGroup.downloadRejects': row(patterns.readFlow, ({ jobId }) => ({ params: { id: jobId } })),
  'jobGroup.download': row(patterns.readFlow, ({ jobId, fileId }) => ({ params: { id: jobId, fileId } })),
  'jobGroup.profile': row(patterns.readFlow, byId('jobId')),
  'jobGroup.logs': row(patterns.readFlow, byId('jobId')),
  'jobGroup.webhooks': row(patterns.readFlow, byId('jobId')),
  'jobContent.graph': row(patterns.readFlow, byId('jobId')),
  'jobContent.preview': row(patterns.readFlow, ({ jobId, fileId }) => ({ params: { id: jobId, fileId } })),
  'jobGroup.chain': row(patterns.readFlow, byId('jobId')),
  'externalJob.create': row(patterns.editFlow, ({ flowId }) => ({ body: { flow: { id: flowId } } })),
  'externalJob.change': row(patterns.editFlow, withBody('externalJobId', { percentComplete: 5 })),
  'webhookTask.list': row(patterns.listFlow, ofFlow),
  'webhookTask.listOfFlow': row(patterns.readFlow, byId('flowId')),
  'webhookTask.chainOfFlow': row(patterns.readFlow, byId('flowId')),
  'webhookTask.count': row(patterns.listFlow, ofFlow),
  'webhookTask.create': row(patterns.editFlow, ({ flowId }) => ({
    body: { ...tried, name: 'new', flowId, triggerEvent: 'onJobFailure', triggerObject: 'any' },
  })),
  'webhookTask.get': row(patterns.readFlow, byId('taskId')),
  'webhookTask.change': row(patterns.editFlow, withBody('taskId', { body: 'y' })),
  'webhookTask.remove': row(patterns.editFlow, byId('taskId'), fresh),
  'webhookTask.test': row(patterns.editFlow, ({ taskId }) => ({ body: { id: taskId } })),
  'webhookTask.preview': row(patterns.tryFlow, ({ taskId }) => ({ body: { id: taskId } })),
  'webhookTask.backtest': row(patterns.tryFlow, ({ taskId }) => ({ body: { id: taskId } })),
  'webhookTask.references': row(patterns.anybody),
  'webhookTask.egress': row(patterns.authorReads, () => ({ query: { url: tried.url } })),
  'webhookDecision.list': row(patterns.listFlow, ofFlow),
  'webhookDelivery.list': row(patterns.listFlow, ofFlow),
  'webhookDelivery.count': row(patterns.listFlow, ofFlow),
  'webhookDelivery.get': row(patterns.readFlow, byId('deliveryId')),
  'webhookDelivery.attempts': row(patterns.readFlow, byId('deliveryId')),
  'webhookDelivery.attempt': row(patterns.readFlow, ({ deliveryId }) => ({
    params: { id: deliveryId, n: 1 },
  })),
  'webhookDelivery.redeliver': row(patterns.editFlow, withBody('deliveryId', {}), { also: [409] }),
  'webhookDelivery.cancel': row(patterns.editFlow, byId('deliveryId'), { also: [409] }),
  'deliverySelection.redeliver': row(patterns.authorDoes, ({ deliveryId }) => ({
    body: { ids: [deliveryId] },
  })),
  'deliverySelection.export': row(patterns.anybody),
  'statistics.get': row(patterns.readFlow, ofFlow),
  'statistics.flow': row(patterns.readFlow, byId('flowId')),
  'eventStream.open': row(patterns.anybody),
  'workspace.settings': row(patterns.administer),
  'workspace.changeSettings': row(patterns.administer, () => ({ body: {} })),
  'workspace.configuration': row(patterns.administer),
  'workspace.changeConfiguration': row(patterns.administer, () => ({ body: { configuration: [] } })),
  'auditLog.list': row(patterns.administer),
  'workspace.rotateKey': row(patterns.administer, none, { also: [409] }),
  'audit.account': row(patterns.administer),
  'health.alive': row(patterns.open),
  'health.ready': row(patterns.open),
  'health.metrics': row(patterns.open),
  'openApi.get': row(patterns.open),
};
