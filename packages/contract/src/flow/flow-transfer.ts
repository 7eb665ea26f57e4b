// Copy, export and import of flows.
import { z } from 'zod';
import { description, id, idParams, name, reference } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { flow } from './flow.ts';

export const flowCopy = z.object({
  name: z
    .union([z.literal(''), name])
    .optional()
    .describe('That of the flow with "(copy)" behind it, where it is empty or not given.'),
  description: description.describe('That of the flow, where it is empty or not given.'),
  copyDatasources: z
    .boolean()
    .default(false)
    .describe('Datasets of your own over the same files; else the copy reads those of the flow.'),
  copyWebhooks: z
    .boolean()
    .default(false)
    .describe('Webhook tasks too: without their secrets, disabled until somebody has looked at them.'),
});

const made = z.looseObject({ id: id.nullable().describe('Null in a dry run.'), name: z.string() });
const madeInFlow = made.extend({
  flow: reference.nullable().describe('The flow that it came in with; null in a dry run.'),
});
const madeRecipe = madeInFlow.extend({ runnable: z.boolean().describe('False where it has no SQL yet.') });
const madeDataset = madeInFlow.extend({
  waiting: z.boolean().describe('True where it has no file yet.'),
});
const madeTask = madeInFlow.extend({
  enabled: z.boolean(),
  disabledReason: z.string().nullable(),
  missingSecrets: z
    .array(z.string())
    .describe('Fields that came without their value, as `secretKey` or `headers.Authorization`.'),
});
const part = z.looseObject({ id: id.nullable() });
const mapping = z.record(z.string(), id);

const change = z.object({
  path: z.string().describe('Where it stands in the package.'),
  from: z.string().nullable(),
  to: z.string().nullable(),
  reason: z.string(),
});
const deleted = z.object({ path: z.string(), name: z.string().nullable(), reason: z.string() });

/** All ids are this server's. */
export const packageImport = z
  .object({
    importRuleChanges: z.object({ object: z.array(change), value: z.array(change) }),
    deletedObjects: z.record(z.string(), z.array(deleted)).describe('What was dropped, by kind, and why.'),
    createdObjectMapping: z
      .record(z.string(), mapping)
      .describe("By kind: this server's id for each id of the package. Empty in a dry run."),
    primaryFlowIds: z.array(id),
    flows: z.array(made),
    flownodes: z.array(part),
    flowedges: z.array(z.looseObject({ inFlowNodeId: id.nullable(), outFlowNodeId: id.nullable() })),
    recipes: z.array(madeRecipe),
    outputobjects: z.array(part),
    datasources: z.array(madeDataset),
    webhookflowtasks: z.array(madeTask),
    runparameters: z.array(z.looseObject({ name: z.string() })).describe('Parameters of the flows.'),
    schedules: z
      .array(z.looseObject({ id: id.nullable(), name: z.string().nullable() }))
      .describe('They come in switched off.'),
    warnings: z.array(z.string()),
    flowName: z.string().optional().describe('Only in a dry run.'),
  })
  .meta({ id: 'PackageImport' });

const form = z
  .object({
    data: z.file().optional().describe('The package; `archive` does as well.'),
    archive: z.file().optional().describe('The same as `data`.'),
  })
  .meta({ oneOf: [{ required: ['data'] }, { required: ['archive'] }] });
const tag = 'Flows';
const folder = z.object({ folderId: z.string().optional().describe('Ignored: there are no folders here.') });

export const flowTransferEndpoints = {
  copy: defineEndpoint({
    method: 'POST',
    path: '/v4/flows/:id/copy',
    summary: 'Copy a flow',
    tag,
    access: 'author',
    params: idParams,
    body: flowCopy.optional().transform((body) => body ?? flowCopy.parse({})),
    reply: flow.extend({
      warnings: z.array(z.string()).optional().describe('What did not come along, or is switched off.'),
    }),
  }),
  exportPackage: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/package',
    summary: 'Export a flow as a package, without any secret',
    tag,
    access: 'viewer',
    params: idParams,
    replyType: 'application/zip',
    reply: z.file(),
  }),
  exportDryRun: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/package/dryRun',
    summary: 'Read what a package of the flow would hold, and what it would leave out',
    tag,
    access: 'viewer',
    params: idParams,
    reply: packageImport,
  }),
  importPackage: defineEndpoint({
    method: 'POST',
    path: '/v4/flows/package',
    summary: 'Import a package of this server, or of the original from 6.8 on',
    tag,
    access: 'author',
    query: folder,
    requestType: 'multipart/form-data',
    body: form,
    reply: packageImport,
    idempotent: false,
    problems: [409, 503],
  }),
  importDryRun: defineEndpoint({
    method: 'POST',
    path: '/v4/flows/package/dryRun',
    summary: 'Read what an import would make, change and drop; nothing is made',
    tag,
    access: 'author',
    readOnly: true,
    query: folder,
    requestType: 'multipart/form-data',
    body: form,
    status: 200,
    reply: packageImport,
    idempotent: false,
    problems: [409, 503],
  }),
};
