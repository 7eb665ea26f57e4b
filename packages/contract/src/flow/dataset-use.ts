// A dataset in flows: put into one, taken out, and the flows that hold it as its owner sees them.
import { z } from 'zod';
import { givenReference, id, idParams, idText, listOf, reference } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';

export const addToFlow = z.object({ flow: givenReference });

const addedToFlow = z
  .object({ id, flow: reference, recipe: reference, wrangled: z.literal(false) })
  .meta({ id: 'DatasetInFlow', description: 'The dataset as a node of the flow.' });

export const datasetLeaves = ['own', 'lent', 'shared', 'administrator', 'none'] as const;

const named = z.object({ id, name: z.string() });

const datasetUse = z
  .object({
    id,
    flow: named.nullable().describe('Null where you may not see the flow.'),
    owner: z
      .object({ id, name: z.string(), email: z.string() })
      .describe("The flow's owner, for whom it reads."),
    leave: z
      .enum(datasetLeaves)
      .describe(
        "Why the flow reads the dataset: its owner's own; lent by the dataset's owner, who put it there; shared with the flow's owner; an administrator's; none: withheld.",
      ),
    sharedBy: z
      .array(named)
      .describe(
        "Flows of the dataset's owner by which the flow's owner sees it: taking the person out ends that.",
      ),
  })
  .meta({ id: 'DatasetUse' });

const useParams = z.object({ id: idText, useId: idText });

const tag = 'Datasets';

export const datasetUseEndpoints = {
  addToFlow: defineEndpoint({
    method: 'POST',
    path: '/v4/importedDatasets/:id/addToFlow',
    summary: 'Add a dataset to a flow',
    tag,
    access: 'author',
    params: idParams,
    body: addToFlow,
    reply: addedToFlow,
  }),
  removeFromFlow: defineEndpoint({
    method: 'POST',
    path: '/v4/importedDatasets/:id/removeFromFlow',
    summary: 'Take a dataset out of a flow that has no recipe on it',
    tag,
    access: 'author',
    params: idParams,
    body: addToFlow,
    status: 204,
    reply: z.void(),
    idempotent: false,
    problems: [409],
  }),
  uses: defineEndpoint({
    method: 'GET',
    path: '/v4/importedDatasets/:id/uses',
    summary: 'List the flows that hold a dataset, for its owner',
    tag,
    access: 'author',
    params: idParams,
    reply: listOf(datasetUse),
  }),
  endUse: defineEndpoint({
    method: 'DELETE',
    path: '/v4/importedDatasets/:id/uses/:useId',
    summary: 'Take back a dataset that was lent to a flow',
    tag,
    access: 'author',
    params: useParams,
    status: 204,
    reply: z.void(),
    problems: [409],
  }),
};
