// Examples of the main requests and answers; a test reads each with the schema of its endpoint.
import { initialFields } from '../webhook/task-field.ts';

interface Example {
  readonly body?: unknown;
  readonly reply?: unknown;
}

const author = { id: 1 };
const made = { createdAt: '2026-01-02T03:04:05.678Z', updatedAt: '2026-01-02T03:04:05.678Z' };
const stamp = { ...made, creator: author, updater: author };

const webhookTask = {
  id: 149,
  flow: { id: 7 },
  ...initialFields,
  name: 'Tell Slack',
  url: 'https://hooks.example.com/services/T0/B0/x',
  method: 'post',
  triggerEvent: 'onJobSuccess',
  triggerObject: 'some',
  flowNodeIds: [12],
  kind: 'request',
  runWrangledDataset: null,
  headers: { 'Content-Type': 'application/json', Authorization: null },
  secretHeaders: ['Authorization'],
  body: '{"text":"Job $jobId has completed. Status: $jobStatus."}',
  secretKeySet: true,
  earlierSecretKeyUntil: null,
  secretNames: [],
  missingSecrets: [],
  disabledReason: null,
  ...stamp,
};

const flow = { id: 7, name: 'Sales', description: null, callerRole: 'owner', ...stamp };
const csv = { path: 'sales/totals.csv', action: 'create', format: 'csv' };

/** By operation id. */
export const examples: Readonly<Record<string, Example>> = {
  sessionCreate: { body: { email: 'ada@example.com', password: 'correct horse battery' } },
  personCreate: {
    body: { email: 'ada@example.com', name: 'Ada', role: 'author', password: 'correct horse battery' },
  },
  accessTokenCreate: {
    body: { lifetimeSeconds: 2_592_000, description: 'Nightly run', readOnly: false },
    reply: {
      tokenValue: 'shown-this-once',
      tokenInfo: {
        tokenId: '0f8fad5b-d9cb-469f-a165-70867728950e',
        description: 'Nightly run',
        expiredAt: '2026-02-01T03:04:05.678Z',
        lastUsed: null,
        createdAt: made.createdAt,
        readOnly: false,
        flowIds: null,
      },
    },
  },
  flowCreate: { body: { name: 'Sales', description: 'Totals by day' }, reply: flow },
  flowGet: { reply: flow },
  flowChange: { body: { description: 'Totals by day and shop' } },
  importedDatasetCreate: { body: { uri: 'file:///srv/data/sales.csv', name: 'sales' } },
  importedDatasetChange: { body: { options: { delimiter: ';', decimalSeparator: ',' } } },
  importedDatasetAddToFlow: {
    body: { flow: { id: 7 } },
    reply: { id: 11, flow: { id: 7 }, recipe: { id: 11 }, wrangled: false },
  },
  wrangledDatasetCreate: {
    body: {
      name: 'totals',
      flow: { id: 7 },
      importedDataset: { id: 3 },
      sql: 'SELECT day, sum(amount) AS total FROM sales GROUP BY day',
    },
  },
  wrangledDatasetCheck: { body: { flowId: 7, sql: 'SELECT day FROM sales' } },
  wrangledDatasetReplacePrimaryInput: { body: { importedDataset: { id: 3 } } },
  outputObjectCreate: {
    body: { flowNodeId: 12, execution: 'photon', profiler: true, isAdhoc: true, writeSettings: [csv] },
  },
  writeSettingCreate: { body: { ...csv, outputObjectId: 31 } },
  jobGroupCreate: {
    body: { wrangledDataset: { id: 12 }, overrides: { profiler: false } },
    reply: {
      sessionId: '9b2f6c1e-7f61-4f0e-9d53-4b0c3c1c2f10',
      reason: 'JobStarted',
      jobGraph: { vertices: [91, 92], edges: [{ source: 91, target: 92 }] },
      id: 42,
      jobs: { data: [{ id: 91 }, { id: 92 }] },
    },
  },
  flowRunCreate: {
    body: { wrangledDatasetIds: [12], overrides: { totals: { profiler: false } } },
    reply: {
      flowRunId: 5,
      data: [
        {
          sessionId: '9b2f6c1e-7f61-4f0e-9d53-4b0c3c1c2f10',
          reason: 'JobStarted',
          jobGraph: { vertices: [91, 92], edges: [{ source: 91, target: 92 }] },
          id: 42,
          jobs: { data: [{ id: 91 }, { id: 92 }] },
          flowRun: { id: 5 },
        },
      ],
    },
  },
  flowRunStatus: { reply: 'Complete' },
  jobGroupStatus: { reply: 'Complete' },
  jobGroupCancel: { reply: { jobIds: [91, 92], jobgroupId: 42 } },
  externalJobCreate: { body: { flow: { id: 7 }, name: 'dbt build', heartbeatSeconds: 60 } },
  externalJobChange: {
    body: { status: 'Failed', errorMessage: 'Exit code 2.', facts: { models: 12 }, logTail: 'ERROR ...' },
  },
  flowParameterCreate: { body: { name: 'region', type: 'text', defaultValue: 'north' } },
  environmentParameterCreate: { body: { overrideKey: 'env.stage', value: 'production' } },
  scheduleCreate: {
    body: {
      name: 'Every weekday',
      triggers: [{ timeBased: { cron: { expression: '30 6 * * 1-5' }, timezone: 'Europe/Berlin' } }],
      tasks: [{ runFlow: { flowId: 7 } }],
      missed: 'once',
      overlap: 'skip',
    },
  },
  schedulePreview: {
    body: { triggers: [{ timeBased: { cron: { expression: '0 0 6 ? * 2-6' }, timezone: 'UTC' } }], count: 3 },
  },
  webhookTaskCreate: {
    body: {
      name: 'Tell Slack',
      flowId: 7,
      url: 'https://hooks.example.com/services/T0/B0/x',
      method: 'post',
      triggerEvent: 'onJobSuccess',
      triggerObject: 'some',
      flowNodeIds: [12],
      headers: { 'Content-Type': 'application/json' },
      body: '{"text":"Job $jobId has completed. Status: $jobStatus."}',
      secretKey: 'mySecret',
    },
    reply: webhookTask,
  },
  webhookTaskGet: { reply: webhookTask },
  webhookTaskChange: { body: { enabled: false } },
  webhookTaskTest: {
    body: {
      url: 'https://hooks.example.com/',
      method: 'post',
      body: '{"text":"Test"}',
      secretKey: 'mySecret',
    },
  },
  webhookDeliveryRedeliver: { body: { asNew: true } },
  workspaceChangeSettings: { body: { 'webapp.webhookSettings.tasksPerFlow': 100 } },
  workspaceChangeConfiguration: {
    body: {
      configuration: [{ key: 'webapp.webhookSettings.forbiddenIPs', value: '10.0.0.0/8;192.168.0.0/16' }],
    },
  },
};
