// Recipes: one SQL SELECT over datasets and other recipes, by their names.
import { z } from 'zod';
import {
  countReply,
  description,
  id,
  idParams,
  idText,
  listOf,
  listQueryOf,
  name,
  objectQueryOf,
  reference,
  stamp,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import {
  flowIsGiven,
  oneInput,
  flowForms,
  inputForms,
  refuse,
  stoppedTasks,
  takeFlow,
  takeInput,
} from '../relation.ts';
import { column, preview, previewQuery } from '../rows.ts';

export const recipeSql = z
  .string()
  .max(200_000)
  .nullish()
  .describe('One SELECT; without it the input is passed on.');

export const wrangledDataset = z
  .looseObject({
    id,
    name: z.string(),
    description: z.string().nullable(),
    sql: z.string().nullable(),
    dialect: z.string(),
    runnable: z.boolean().describe('False for a recipe that came in a package without SQL: write it first.'),
    note: z
      .string()
      .nullable()
      .optional()
      .describe('Only of a single recipe: steps in the language it came in, as JSON.'),
    flow: reference,
    recipe: reference,
    wrangled: z.literal(true),
    importedDataset: reference.nullable().describe('The primary input where that is a dataset.'),
    wrangledDataset: reference.nullable().describe('The primary input where that is a recipe.'),
    columns: z.array(column).nullable().describe('Null for a recipe that does not work as things are.'),
    warnings: z
      .array(z.string())
      .optional()
      .describe('Only after a change: recipes that read this one and no longer work.'),
    ...stamp,
  })
  .meta({ id: 'WrangledDataset', description: 'A recipe.' });

/** Parsed: `{name, flowId, input: {kind, id} or undefined, sql, description}`. */
export const wrangledDatasetCreate = z
  .object({ name, ...flowForms, ...inputForms, sql: recipeSql, description })
  .meta({ ...flowIsGiven, ...oneInput })
  .transform((body, context) => takeInput(takeFlow(body, context), context))
  .superRefine((body, context) => {
    if (!body.input && !body.sql?.trim()) refuse(context, 'sql', 'is needed where no input is given.');
  });

/** Parsed: `{name?, input?, sql?, description?}`; `sql: null` passes the input on. */
export const wrangledDatasetChange = z
  .object({
    name: name.optional(),
    ...inputForms,
    sql: recipeSql,
    description,
    note: z.null().optional().describe('Null removes the note.'),
  })
  .meta(oneInput)
  .transform(takeInput);

/** Parsed: `{input: {kind, id}}`. */
export const primaryInputChange = z
  .object(inputForms)
  .meta({ oneOf: [{ required: ['importedDataset'] }, { required: ['wrangledDataset'] }] })
  .transform((body, context) => {
    const { input } = takeInput(body, context);
    if (input) return { input };
    refuse(context, 'importedDataset', 'is needed, or `wrangledDataset`: the input with its id.');
    return z.NEVER;
  });

export const recipeInput = z
  .object({
    id: id.describe('The id of the node in the flow.'),
    name: z.string(),
    wrangled: z.boolean().describe('True for a recipe, false for a dataset.'),
    primary: z.boolean(),
    importedDataset: reference.nullable(),
    recipe: reference.nullable(),
    withheld: z.string().nullable().describe('As that of the node.'),
    columns: z.array(column).nullable(),
  })
  .meta({ id: 'RecipeInput' });

/** SQL as an editor has it, before it is saved. Parsed: `flowId` of either form, `input` as in creation. */
export const sqlCheck = z
  .object({
    ...flowForms,
    ...inputForms,
    sql: z.string().max(200_000),
    id: id.optional().describe('The recipe that is being edited, so that it may not read itself.'),
    name: name.optional(),
  })
  .meta({ ...flowIsGiven, ...oneInput })
  .transform((body, context) => takeInput(takeFlow(body, context), context));

export const sqlError = z
  .object({
    recipe: z.string().describe('The recipe at fault: the one being checked, or one that it reads.'),
    message: z.string(),
    hint: z.string().nullable(),
    line: z.int().nullable().describe('From 1.'),
    column: z.int().nullable().describe('From 1, in UTF-16 units.'),
    position: z.int().nullable().describe('From 0, in UTF-16 units.'),
    length: z.int().nullable(),
  })
  .meta({ id: 'SqlError' });

export const sqlCheckResult = z
  .object({
    valid: z.boolean(),
    columns: z.array(column).describe('What it would give; empty where it is not valid.'),
    references: z.array(z.string()).describe('Datasets and recipes that it names.'),
    error: sqlError.nullable(),
  })
  .meta({ id: 'SqlCheckResult' });

const named = z.object({ id, name: z.string() });

export const wrangledDatasetDeletion = z
  .object({
    wrangledDataset: named,
    outputObjects: z.array(z.object({ id })).describe('Outputs that are deleted with it.'),
    readers: z.array(named).describe('Recipes that read it: it can be deleted only without them.'),
    ...stoppedTasks,
  })
  .meta({ id: 'WrangledDatasetDeletion' });

export const recipeNames = {
  sort: ['id', 'name', 'createdAt', 'updatedAt'],
  filter: ['name', 'description', 'sql', 'flowName'],
  embed: ['flow', 'creator', 'outputObjects'],
} as const;
const tag = 'Recipes';
const recipeListQuery = listQueryOf(recipeNames).extend({
  flowId: idText.optional().describe('Recipes of this flow.'),
});

export const wrangledDatasetEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/wrangledDatasets',
    summary: 'List recipes',
    tag,
    access: 'viewer',
    query: recipeListQuery,
    reply: listOf(wrangledDataset),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/wrangledDatasets/count',
    summary: 'Count recipes',
    tag,
    access: 'viewer',
    query: recipeListQuery,
    reply: countReply,
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/wrangledDatasets',
    summary: 'Make a recipe',
    versionOf: 'recipe',
    tag,
    access: 'author',
    body: wrangledDatasetCreate,
    reply: wrangledDataset,
    problems: [404, 409, 503],
  }),
  check: defineEndpoint({
    method: 'POST',
    path: '/v4/wrangledDatasets/check',
    summary: 'Check SQL without saving it',
    tag,
    access: 'viewer',
    readOnly: true,
    body: sqlCheck,
    status: 200,
    reply: sqlCheckResult,
    problems: [404, 409, 503],
    idempotent: false,
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/wrangledDatasets/:id',
    summary: 'Read a recipe',
    versionOf: 'recipe',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(recipeNames),
    reply: wrangledDataset,
  }),
  change: defineEndpoint({
    method: 'PATCH',
    path: '/v4/wrangledDatasets/:id',
    summary: 'Change a recipe',
    versionOf: 'recipe',
    tag,
    access: 'author',
    params: idParams,
    body: wrangledDatasetChange,
    reply: wrangledDataset,
    problems: [409, 503],
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/wrangledDatasets/:id',
    summary: 'Delete a recipe with its outputs',
    versionOf: 'recipe',
    tag,
    access: 'author',
    params: idParams,
    status: 204,
    reply: z.void(),
    problems: [409],
  }),
  deletion: defineEndpoint({
    method: 'GET',
    path: '/v4/wrangledDatasets/:id/deletion',
    summary: 'Read what would go, and what would stop, if the recipe were deleted',
    tag,
    access: 'viewer',
    params: idParams,
    reply: wrangledDatasetDeletion,
  }),
  preview: defineEndpoint({
    method: 'GET',
    path: '/v4/wrangledDatasets/:id/preview',
    summary: 'Read the first rows of a recipe',
    tag,
    access: 'viewer',
    params: idParams,
    query: previewQuery,
    reply: preview,
    problems: [409, 503],
  }),
  replacePrimaryInput: defineEndpoint({
    method: 'PUT',
    path: '/v4/wrangledDatasets/:id/primaryInputDataset',
    summary: 'Give a recipe another primary input',
    versionOf: 'recipe',
    tag,
    access: 'author',
    params: idParams,
    body: primaryInputChange,
    reply: wrangledDataset,
    problems: [409, 503],
  }),
  inputs: defineEndpoint({
    method: 'GET',
    path: '/v4/wrangledDatasets/:id/inputs',
    summary: 'List what a recipe reads',
    tag,
    access: 'viewer',
    params: idParams,
    reply: listOf(recipeInput),
  }),
};
