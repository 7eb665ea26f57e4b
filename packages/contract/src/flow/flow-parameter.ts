// Parameters: values that recipes and output paths read by name, with a default for each flow.
import { z } from 'zod';
import { id, idParams, idText, json, listOf, stamp } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { parameterType } from '../job/run-parameter.ts';

export const recipeWarning = z.object({
  wrangledDataset: z.object({ id }),
  name: z.string(),
  message: z.string(),
});

export const flowParameter = z
  .looseObject({
    id,
    flow: z.looseObject({ id }),
    name: z.string().describe("A recipe reads it as parameter('name'), a path as {name}."),
    type: parameterType,
    defaultValue: z.string(),
    description: z.string().nullable(),
    warnings: z.array(recipeWarning).optional().describe('Recipes that this change has broken.'),
    ...stamp,
  })
  .meta({ id: 'FlowParameter' });

/** As they are given. */
export const parameterMembers = {
  name: z.string().max(63),
  type: parameterType,
  defaultValue: json.describe('A text, number, true or false; it is kept as text.'),
  description: z.string().max(1000).nullish(),
};

export const environmentParameter = z
  .looseObject({ id, overrideKey: z.string(), value: z.string(), ...stamp })
  .meta({ id: 'EnvironmentParameter', description: 'A value that administrators set for every flow.' });

const tag = 'Parameters';
const single = { tag, params: idParams.extend({ parameterId: idText }) } as const;

export const flowParameterEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/runParameters',
    summary: 'List the parameters of a flow',
    tag,
    access: 'viewer',
    params: idParams,
    reply: listOf(flowParameter),
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/flows/:id/runParameters',
    summary: 'Give a flow a parameter',
    versionOf: 'parameter',
    tag,
    access: 'author',
    params: idParams,
    body: z.object({ ...parameterMembers, type: parameterType.optional().describe('text unless given.') }),
    reply: flowParameter,
    problems: [404, 409],
  }),
  get: defineEndpoint({
    ...single,
    method: 'GET',
    path: '/v4/flows/:id/runParameters/:parameterId',
    summary: 'Read a parameter of a flow',
    versionOf: 'parameter',
    access: 'viewer',
    reply: flowParameter,
  }),
  change: defineEndpoint({
    ...single,
    method: 'PATCH',
    path: '/v4/flows/:id/runParameters/:parameterId',
    summary: 'Change a parameter of a flow',
    versionOf: 'parameter',
    access: 'author',
    body: z.object(parameterMembers).partial(),
    reply: flowParameter,
    problems: [409],
  }),
  remove: defineEndpoint({
    ...single,
    method: 'DELETE',
    path: '/v4/flows/:id/runParameters/:parameterId',
    summary: 'Delete a parameter of a flow; recipes that read it no longer validate, and are named',
    versionOf: 'parameter',
    access: 'author',
    reply: z.object({ warnings: z.array(recipeWarning) }),
  }),
};

export const environmentParameterEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/environmentParameters',
    summary: 'List the environment parameters',
    tag,
    access: 'viewer',
    reply: listOf(environmentParameter),
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/environmentParameters',
    summary: 'Set an environment parameter for every flow',
    tag,
    access: 'administrator',
    body: z.object({ overrideKey: z.string().max(67).describe('Begins with env.'), value: json }),
    reply: environmentParameter,
    problems: [409],
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/environmentParameters/:id',
    summary: 'Read an environment parameter',
    tag,
    access: 'viewer',
    params: idParams,
    reply: environmentParameter,
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/environmentParameters/:id',
    summary: 'Delete an environment parameter',
    tag,
    access: 'administrator',
    params: idParams,
    status: 204,
    reply: z.void(),
  }),
};
