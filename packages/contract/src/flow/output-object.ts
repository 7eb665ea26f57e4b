// Outputs: what a recipe writes when it is run.
import { z } from 'zod';
import {
  countReply,
  givenReference,
  id,
  idParams,
  idText,
  listOf,
  listQueryOf,
  objectQueryOf,
  reference,
  stamp,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { refuse } from '../relation.ts';
import { writeSetting, writeSettingList } from './write-setting.ts';

/**
 * The original's word for where a job runs, kept as the caller gave it: here all of them run on the engine of this
 * server, and `engine` says which that is.
 */
export const execution = z.enum(['photon', 'dataflow', 'databricksSpark'], {
  error: () =>
    'must be photon, dataflow or databricksSpark: words of the original, all run by the engine of this server.',
});

export const outputObject = z
  .looseObject({
    id,
    execution,
    engine: z.string().describe('The engine that runs it, such as duckdb.'),
    profiler: z.boolean(),
    isAdhoc: z.boolean(),
    flowNodeId: id.describe('The recipe.'),
    flowNode: reference,
    flow: reference,
    writeSettings: z.object({ data: z.array(writeSetting) }),
    ...stamp,
  })
  .meta({ id: 'OutputObject' });

/** What is not said of an output. */
export const outputDefaults = { execution: execution.default('photon'), profiler: z.boolean().default(true) };

const settingForms = {
  writeSettings: writeSettingList.optional().describe('A list, or `{data: [...]}`.'),
  writesettings: writeSettingList.optional().describe('The same as writeSettings.'),
};

/** Parsed: `{flowNodeId, execution, profiler, isAdhoc, writeSettings}`, all there. */
export const outputObjectCreate = z
  .object({
    flowNodeId: id.optional().describe('The recipe; `flowNode: {id}` does as well.'),
    flowNode: givenReference.optional().describe('The recipe; `flowNodeId` does as well.'),
    ...outputDefaults,
    isAdhoc: z.boolean().default(true),
    ...settingForms,
  })
  .transform(({ flowNode, flowNodeId, writesettings, writeSettings, ...rest }, context) => {
    const recipeId = flowNodeId ?? flowNode?.id;
    if (recipeId === undefined) refuse(context, 'flowNodeId', 'is needed: the id of the recipe.');
    return { ...rest, flowNodeId: recipeId ?? 0, writeSettings: writeSettings ?? writesettings ?? [] };
  });

/** Parsed: `writeSettings` undefined leaves them, a list replaces them all. */
export const outputObjectChange = z
  .object({
    execution: execution.optional(),
    profiler: z.boolean().optional(),
    ...settingForms,
  })
  .transform(({ writesettings, writeSettings, ...rest }) => ({
    ...rest,
    writeSettings: writeSettings ?? writesettings,
  }));

export const outputNames = {
  sort: ['id', 'name', 'createdAt', 'updatedAt'],
  filter: ['name', 'flowName', 'execution'],
  embed: ['flowNode', 'flow', 'writeSettings', 'creator'],
} as const;
const tag = 'Outputs';
const outputListQuery = listQueryOf(outputNames).extend({
  flowId: idText.optional().describe('Outputs of this flow.'),
  flowNodeId: idText.optional().describe('Outputs of this recipe.'),
});

export const outputObjectEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/outputObjects',
    summary: 'List outputs',
    tag,
    access: 'viewer',
    query: outputListQuery,
    reply: listOf(outputObject),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/outputObjects/count',
    summary: 'Count outputs',
    tag,
    access: 'viewer',
    query: outputListQuery,
    reply: countReply,
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/outputObjects',
    summary: 'Give a recipe an output',
    versionOf: 'output',
    tag,
    access: 'author',
    body: outputObjectCreate,
    reply: outputObject,
    problems: [404, 409],
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/outputObjects/:id',
    summary: 'Read an output',
    versionOf: 'output',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(outputNames),
    reply: outputObject,
  }),
  change: defineEndpoint({
    method: 'PATCH',
    path: '/v4/outputObjects/:id',
    summary: 'Change an output',
    versionOf: 'output',
    tag,
    access: 'author',
    params: idParams,
    body: outputObjectChange,
    reply: outputObject,
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/outputObjects/:id',
    summary: 'Delete an output with its write settings',
    versionOf: 'output',
    tag,
    access: 'author',
    params: idParams,
    status: 204,
    reply: z.void(),
  }),
};
