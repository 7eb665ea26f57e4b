// External jobs: runs of something else, reported as jobs of a flow.
import { z } from 'zod';
import { givenReference, id, idParams, json, time } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { jobGroup } from './job-group.ts';
import { flowIsGiven, refuse } from '../relation.ts';

const largestFacts = 65_536;

/** Characters of a log that are kept, its last ones. */
export const longestLogTail = 65_536;

/** Parsed: `{wrangledDatasetId or flowId, name, startedAt, heartbeatSeconds}`. */
export const externalJobCreate = z
  .object({
    wrangledDataset: givenReference.optional().describe('The recipe whose output it ran.'),
    flow: givenReference.optional().describe('The flow, where it belongs to no recipe.'),
    flowId: id.optional().describe('The same as `flow: {id}`.'),
    name: z.string().trim().max(255).nullish(),
    startedAt: time.optional().describe('Now unless given.'),
    heartbeatSeconds: z
      .int()
      .min(5)
      .max(86_400)
      .nullish()
      .describe('Silent for longer, the job is failed with the reason lost.'),
  })
  .meta({ anyOf: [{ required: ['wrangledDataset'] }, ...flowIsGiven.anyOf] })
  .transform(({ wrangledDataset, flow, flowId, ...rest }, context) => {
    const target = { wrangledDatasetId: wrangledDataset?.id, flowId: flowId ?? flow?.id };
    if (target.wrangledDatasetId === undefined && target.flowId === undefined) {
      refuse(context, 'wrangledDataset', 'is needed, or `flow`: with its id.');
    }
    return { ...rest, ...target };
  });

export const externalJobChange = z.object({
  status: z.enum(['InProgress', 'Complete', 'Failed', 'Canceled']).optional(),
  percentComplete: z.number().min(0).max(100).optional(),
  facts: z
    .record(z.string().min(1).max(100), json)
    .refine((facts) => JSON.stringify(facts).length <= largestFacts, {
      message: `must not be longer than ${largestFacts} characters as JSON.`,
    })
    .optional()
    .describe('What is known of the run, for `$facts.key`; in the place of what was reported before.'),
  errorMessage: z.string().max(10_000).nullish().describe('Why it failed.'),
  logTail: z.string().max(longestLogTail).nullish().describe('The end of its log.'),
});

const tag = 'Jobs';

export const externalJobEndpoints = {
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/jobGroups/external',
    summary: 'Report that a run of something else has started',
    tag,
    access: 'author',
    body: externalJobCreate,
    reply: jobGroup,
    problems: [404, 409],
    headers: {
      'x-execution-id':
        'An id of the caller; a second call with the same one answers with the job of the first, for ever.',
    },
  }),
  change: defineEndpoint({
    method: 'PATCH',
    path: '/v4/jobGroups/:id/external',
    summary: 'Report progress or the end of such a run',
    tag,
    access: 'author',
    params: idParams,
    body: externalJobChange,
    reply: jobGroup,
    problems: [409],
  }),
};
