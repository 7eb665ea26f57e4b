// Jobs: one run of one output, from launch to result.
import { z } from 'zod';
import {
  countReply,
  id,
  idParams,
  idText,
  listOf,
  objectQueryOf,
  reference,
  stamp,
  time,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { jobListQuery, jobNames, jobStatus, starterKinds } from './job-list.ts';
import {
  jobChain,
  jobGroupCanceled,
  jobGroupStarted,
  jobInput,
  jobOutputs,
  jobProfile,
  jobRejects,
  jobWebhook,
} from './job-result.ts';
import { jobGroupCreate, ranFroms } from './job-launch.ts';
import { parameterType } from './run-parameter.ts';

export { jobStatus, jobStatuses } from './job-list.ts';

export const workloadError = z
  .looseObject({
    reason: z.string().describe('A word from a closed list.'),
    message: z.string().describe('What happened.'),
    hint: z.string().nullable().optional().describe('What to do.'),
  })
  .meta({ id: 'WorkloadError' });

export const startedBy = z
  .looseObject({
    kind: z.enum(starterKinds),
    delivery: z.string().nullable().describe('The public id of the delivery that started it.'),
    jobGroup: reference
      .nullable()
      .optional()
      .describe('The job that it was made for; only where one job is read.'),
    webhookFlowTask: z.looseObject({ id, name: z.string(), flow: reference }).nullable().optional(),
    webhookDelivery: reference.nullable().optional().describe('That delivery, where the caller may see it.'),
    schedule: reference.nullable().optional().describe('The schedule that started it.'),
  })
  .meta({ id: 'StartedBy' });

export const job = z
  .looseObject({
    id,
    status: jobStatus,
    jobType: z.enum(['wrangle', 'filewriter', 'profile']),
    percentComplete: z.number().min(0).max(100),
    errorMessage: z.string().nullable(),
    rows: z.int().nullable(),
    bytes: z.int().nullable(),
    createdAt: time,
    updatedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Job', description: 'A step of a job group.' });

export const jobGroup = z
  .looseObject({
    id,
    name: z.string().nullable(),
    description: z.string().nullable(),
    ranfrom: z.enum(ranFroms),
    startedBy,
    ranfor: z.literal('recipe'),
    status: jobStatus,
    profilingEnabled: z.boolean(),
    percentComplete: z.number().min(0).max(100),
    workloadError: workloadError.nullable(),
    warnings: z.array(z.string()),
    external: z.boolean().describe('True for a run of something else that was reported here.'),
    facts: z.record(z.string(), z.unknown()).nullable().describe('What an external job reported.'),
    rows: z.int().nullable().describe('Rows written, all files together.'),
    bytes: z.int().nullable().describe('Bytes written, all files together.'),
    rejectedRows: z
      .int()
      .nullable()
      .describe('Rows of the inputs that were left out; null where no dataset lets rows go.'),
    flowrun: reference.nullable(),
    runParameters: z
      .object({ data: z.array(z.object({ key: z.string(), type: parameterType, value: z.string() })) })
      .describe('The values of this job: given, default, of the environment, and of the run itself.'),
    runParameterReferenceDate: time.nullable().describe('The time that run.date and run.time stand for.'),
    snapshot: reference.nullable(),
    wrangledDataset: reference.nullable().describe('Null for an external job that names only its flow.'),
    outputObject: reference.nullable(),
    flow: reference,
    jobs: listOf(z.looseObject({ id })),
    ...stamp,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
  })
  .meta({ id: 'JobGroup', description: 'A job.' });

const tag = 'Jobs';
const canceling = {
  tag,
  access: 'author',
  params: idParams,
  status: 200,
  reply: jobGroupCanceled,
} as const;

export const jobGroupEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups',
    summary: 'List jobs',
    tag,
    access: 'viewer',
    query: jobListQuery,
    reply: listOf(jobGroup),
  }),
  library: defineEndpoint({
    method: 'GET',
    path: '/v4/jobLibrary',
    summary: 'List jobs, under the other name that the original API has for them',
    tag,
    access: 'viewer',
    query: jobListQuery,
    reply: listOf(jobGroup),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/count',
    summary: 'Count jobs',
    tag,
    access: 'viewer',
    query: jobListQuery,
    reply: countReply,
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/jobGroups',
    summary: 'Run the ad hoc output of a recipe',
    tag,
    access: 'author',
    body: jobGroupCreate,
    reply: jobGroupStarted,
    problems: [404, 409],
    headers: {
      'x-execution-id': 'An id of the caller; a second call with the same one starts nothing.',
      'X-Webhook-Delivery': 'Taken as the Idempotency-Key, for ever.',
    },
    alsoAnswers: { 304: 'A job was started with this x-execution-id before.' },
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id',
    summary: 'Read a job',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(jobNames),
    reply: jobGroup,
  }),
  status: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/status',
    summary: "Read a job's status, as a bare JSON string",
    tag,
    access: 'viewer',
    params: idParams,
    reply: jobStatus,
  }),
  jobs: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/jobs',
    summary: 'List the steps of a job',
    tag,
    access: 'viewer',
    params: idParams,
    reply: listOf(job),
  }),
  jobStatus: defineEndpoint({
    method: 'GET',
    path: '/v4/jobs/:id/status',
    summary: "Read a step's status, as a bare JSON string",
    tag,
    access: 'viewer',
    params: idParams,
    reply: jobStatus,
  }),
  cancel: defineEndpoint({
    ...canceling,
    method: 'POST',
    path: '/v4/jobGroups/:id/cancel',
    summary: 'Cancel a job; nothing happens to an ended one',
    idempotent: false,
  }),
  remove: defineEndpoint({
    ...canceling,
    method: 'DELETE',
    path: '/v4/jobGroups/:id',
    summary: 'Cancel a job, as the original API has it',
  }),
  inputs: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/inputs',
    summary: 'List what a job read',
    tag,
    access: 'viewer',
    params: idParams,
    reply: listOf(jobInput),
  }),
  outputs: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/outputs',
    summary: 'List what a job wrote',
    tag,
    access: 'viewer',
    params: idParams,
    reply: jobOutputs,
  }),
  download: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/outputs/:fileId',
    summary: 'Download a file that a job wrote',
    tag,
    access: 'viewer',
    params: idParams.extend({ fileId: idText }),
    replyType: 'application/octet-stream',
    reply: z.file(),
    problems: [410],
  }),
  profile: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/profile',
    summary: "Read the profile of a job's rows",
    tag,
    access: 'viewer',
    params: idParams,
    reply: jobProfile,
  }),
  rejects: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/rejects',
    summary: 'List the rows of its inputs that a job left out',
    tag,
    access: 'viewer',
    params: idParams,
    reply: jobRejects,
  }),
  downloadRejects: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/rejects/file',
    summary: 'Download these rows as CSV',
    tag,
    access: 'viewer',
    params: idParams,
    replyType: 'text/csv; charset=utf-8',
    reply: z.string(),
  }),
  logs: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/logs',
    summary: "Read a job's log",
    tag,
    access: 'viewer',
    params: idParams,
    replyType: 'text/plain; charset=utf-8',
    reply: z.string(),
  }),
  webhooks: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/webhooks',
    summary: 'Read what every webhook task of the flow did about a job',
    tag,
    access: 'viewer',
    params: idParams,
    reply: listOf(jobWebhook),
  }),
  chain: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/chain',
    summary: 'Read which jobs started a job by webhooks, and which it started',
    tag,
    access: 'viewer',
    params: idParams,
    reply: jobChain,
  }),
};
