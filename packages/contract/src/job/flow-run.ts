// Flow runs: the outputs of a flow run together, one job group each.
import { z } from 'zod';
import {
  id,
  idParams,
  idText,
  listOf,
  listQueryOf,
  objectQueryOf,
  reference,
  stamp,
  time,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { jobGroup, jobStatus, startedBy } from './job-group.ts';
import { ranFroms } from './job-launch.ts';
import { jobGroupStarted } from './job-result.ts';
import { execution } from '../flow/output-object.ts';
import { readParameters, runParameters } from './run-parameter.ts';
import { writeSettingList } from '../flow/write-setting.ts';

export const flowRun = z
  .looseObject({
    id,
    flow: reference,
    status: jobStatus.describe(
      'Failed where one of its jobs failed, Canceled where none failed and one was canceled.',
    ),
    ranfrom: z.enum(ranFroms),
    startedBy,
    schedule: reference.nullable(),
    jobGroups: listOf(z.looseObject({ id })),
    ...stamp,
    startedAt: time,
    finishedAt: time.nullable(),
  })
  .meta({ id: 'FlowRun', description: 'The outputs of a flow, run together.' });

/** Parsed: `{wrangledDatasetIds, overrides: {name: {profiler, writeSettings}}, parameters, ranfrom}`. */
export const flowRunCreate = z
  .object({
    wrangledDatasetIds: z
      .array(id)
      .min(1)
      .max(1000)
      .optional()
      .describe('Only the outputs of these recipes; all ad hoc outputs of the flow unless given.'),
    overrides: z
      .record(
        z.string().max(255),
        z.object({
          execution: execution.optional(),
          profiler: z.boolean().optional(),
          writesettings: writeSettingList.optional().describe('Instead of those of the output.'),
          writeSettings: writeSettingList.optional().describe('The same as writesettings.'),
        }),
      )
      .nullish()
      .describe('By the name of a recipe that is run.'),
    ranfrom: z.enum(['ui', 'api']).optional().describe('api unless given.'),
    runParameters,
  })
  .transform(({ overrides, runParameters, ...rest }) => ({
    ...rest,
    parameters: readParameters(runParameters),
    overrides: Object.entries(overrides ?? {}).map(([recipeName, given]) => ({
      recipeName,
      profiler: given.profiler,
      writeSettings: given.writeSettings ?? given.writesettings,
    })),
  }));

export const flowRunStarted = z.object({
  flowRunId: id,
  data: z.array(jobGroupStarted.extend({ flowRun: reference }).meta({ id: 'FlowRunJobStarted' })),
});

export const flowRunNames = {
  sort: ['id', 'createdAt', 'updatedAt', 'finishedAt', 'status'],
  filter: ['name'],
  embed: ['flow', 'creator'],
} as const;
const tag = 'Jobs';

export const flowRunEndpoints = {
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/flows/:id/run',
    summary: 'Run the ad hoc outputs of a flow, all or none',
    tag,
    access: 'author',
    params: idParams,
    body: flowRunCreate,
    reply: flowRunStarted,
    problems: [404, 409],
    headers: { 'X-Webhook-Delivery': 'Taken as the Idempotency-Key, for ever.' },
  }),
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/flowRuns',
    summary: 'List flow runs',
    tag,
    access: 'viewer',
    query: listQueryOf(flowRunNames).extend({
      flowId: idText.optional().describe('Runs of this flow.'),
      status: jobStatus.optional(),
      after: idText.optional().describe('Cursor: runs with an id below this one, newest first.'),
    }),
    reply: listOf(flowRun),
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/flowRuns/:id',
    summary: 'Read a flow run',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(flowRunNames),
    reply: flowRun,
  }),
  status: defineEndpoint({
    method: 'GET',
    path: '/v4/flowRuns/:id/status',
    summary: "Read a flow run's status, as a bare JSON string",
    tag,
    access: 'viewer',
    params: idParams,
    reply: jobStatus,
  }),
  jobGroups: defineEndpoint({
    method: 'GET',
    path: '/v4/flowRuns/:id/jobGroups',
    summary: 'List the jobs of a flow run',
    tag,
    access: 'viewer',
    params: idParams,
    reply: listOf(jobGroup),
  }),
  cancel: defineEndpoint({
    method: 'POST',
    path: '/v4/flowRuns/:id/cancel',
    summary: 'Cancel the jobs of a flow run that have not ended',
    tag,
    access: 'author',
    params: idParams,
    status: 200,
    reply: flowRun,
    idempotent: false,
  }),
};
