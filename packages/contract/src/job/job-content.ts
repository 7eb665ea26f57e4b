// A look into a job: the first rows of what it wrote, and the graph of what ran.
import { z } from 'zod';
import { idParams, idText } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { preview, previewQuery } from '../rows.ts';

export const jobGraph = z
  .object({
    data: z
      .array(
        z.object({
          name: z.string().describe('As it was when the job started; unique within the job.'),
          kind: z.enum(['dataset', 'recipe']),
          sql: z.string().nullable().describe('Of a recipe; null where it passes its input on.'),
          uris: z.array(z.string()).describe('Of a dataset: the files that were read.'),
          isOutput: z.boolean().describe('True for the recipe whose rows were written.'),
        }),
      )
      .describe('What ran, by the plan that was frozen when the job started.'),
    edges: z.array(z.object({ source: z.string(), target: z.string() })),
    files: z.array(z.object({ path: z.string(), format: z.string(), action: z.string() })),
  })
  .meta({ id: 'JobGraph' });

export const jobContentEndpoints = {
  graph: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/flowNodes',
    summary: 'Read the graph of what a job ran',
    tag: 'Jobs',
    access: 'viewer',
    params: idParams,
    reply: jobGraph,
    problems: [404],
  }),
  preview: defineEndpoint({
    method: 'GET',
    path: '/v4/jobGroups/:id/outputs/:fileId/preview',
    summary: 'Read the first rows of a file that a job wrote',
    tag: 'Jobs',
    access: 'viewer',
    params: idParams.extend({ fileId: idText }),
    query: previewQuery,
    reply: preview,
    problems: [404, 409, 410, 503],
  }),
};
