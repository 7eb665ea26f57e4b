// The flow document: a flow with all that is in it, by names, without ids and secrets; what is read, put, and kept in git.
import { datasetOptions } from './dataset-option.ts';
import { z } from 'zod';
import { description, flag, idParams, json, name, reference } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { documentShape, headerName } from '../webhook/task-field.ts';
import { atMostFifty, definition, headerValue, secretName } from '../webhook/webhook-definition.ts';
import { datasetCompressions, datasetFormats } from './dataset-source.ts';
import { parameterMembers } from './flow-parameter.ts';
import { givenUri, pathPattern } from './imported-dataset.ts';
import { outputDefaults } from './output-object.ts';
import { missed, overlap, scheduleName, triggerMembers } from './schedule.ts';
import { givenValue } from '../job/run-parameter.ts';
import { recipeSql } from './wrangled-dataset.ts';
import { writeSettingGiven } from './write-setting.ts';

const text = description.unwrap().default(null);
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().default(null as never);

/** Of what is given nothing may be unknown; what is read may be newer than its reader. */
type MakeObject = typeof z.object;

const shownSecret = z
  .object({
    state: z
      .enum(['stored', 'missing'])
      .describe('stored: the server has a value; missing: it waits for one.'),
  })
  .meta({ id: 'SecretPlace', description: 'Stands where a secret belongs.' });
const givenSecret = z
  .union([z.strictObject(shownSecret.shape), z.strictObject({ value: z.string().min(1).max(8192) })], {
    error: () => 'must be {"state": "stored"}, {"state": "missing"} or {"value": …}.',
  })
  .meta({ id: 'SecretGiven', description: 'stored keeps the value, missing takes it away.' });

function parameterWith(object: MakeObject) {
  return object({
    name: parameterMembers.name,
    type: parameterMembers.type.default('text'),
    defaultValue: parameterMembers.defaultValue,
    description: orNull(parameterMembers.description.unwrap().unwrap()),
  });
}

const pattern = pathPattern.extend({ defaults: pathPattern.shape.defaults.unwrap().default({}) });

function datasetWith(object: MakeObject) {
  return object({
    name,
    description: text,
    uri: orNull(givenUri).describe(
      'Null for one that was uploaded: it is found by its name, and never made.',
    ),
    pathPattern: orNull(pattern),
    format: orNull(z.enum(datasetFormats)).describe('Null: as it is found in the file.'),
    compression: orNull(z.enum(datasetCompressions)),
    options: object(datasetOptions.shape).default({}),
  }).describe('By reference: one of the same name and address is taken, or made where there is none.');
}

function outputWith(object: MakeObject) {
  return object({
    ...outputDefaults,
    files: z.array(writeSettingGiven).max(20).default([]),
  });
}

function recipeWith(object: MakeObject) {
  const output = outputWith(object);
  return object({
    name,
    description: text,
    sql: orNull(recipeSql.unwrap().unwrap()).describe('Null passes the input on.'),
    waitsForSql: z.boolean().default(false).describe('It came in a package without SQL, and can’t be run.'),
    input: orNull(
      z.union([object({ dataset: name }), object({ recipe: name })], {
        error: () => 'must be {"dataset": NAME} or {"recipe": NAME}.',
      }),
    ).describe('The first input.'),
    outputs: object({ adhoc: orNull(output), scheduled: orNull(output) }).default({
      adhoc: null,
      scheduled: null,
    }),
  });
}

function taskWith<Secret extends z.ZodType>(object: MakeObject, secret: Secret) {
  const orSecret = <Open extends z.ZodType>(open: Open, what: string) =>
    z.union([open, secret], { error: () => `must be ${what}, or the place of a secret.` });
  return object({
    ...documentShape,
    recipes: orNull(z.array(name).max(1000)).describe('Whose outputs are watched; null: any job.'),
    runs: orNull(object({ flow: orNull(name), recipe: name })).describe(
      'Run this recipe instead of sending a request; `flow` is null for one of the same flow.',
    ),
    method: definition.method.default('post'),
    url: orNull(orSecret(definition.url, 'a text of 1 to 8192 characters')).describe('Null beside `runs`.'),
    headers: z
      .record(headerName, orSecret(headerValue, 'a text of at most 8192 characters'))
      .refine(...atMostFifty('headers'))
      .default({}),
    secretKey: orNull(secret),
    secrets: z
      .record(secretName, secret)
      .refine(...atMostFifty('secrets'))
      .default({}),
  });
}

function scheduleWith(object: MakeObject) {
  return object({
    name: orNull(scheduleName),
    enabled: z.boolean().default(true),
    times: z
      .array(object({ cron: triggerMembers.expression, timezone: triggerMembers.timezone.default('UTC') }))
      .min(1)
      .max(10),
    missed: missed.default('once'),
    overlap: overlap.default('skip'),
    parameters: z
      .array(object({ key: givenValue.key, value: json }))
      .max(200)
      .default([]),
  });
}

function documentWith<Secret extends z.ZodType>(object: MakeObject, secret: Secret) {
  return object({
    name,
    description: text,
    parameters: z.array(parameterWith(object)).max(200).default([]),
    datasets: z.array(datasetWith(object)).max(1000).default([]),
    recipes: z.array(recipeWith(object)).max(1000).default([]),
    webhookTasks: z.array(taskWith(object, secret)).max(1000).default([]),
    schedule: orNull(scheduleWith(object)),
  });
}

export const flowDocument = documentWith(z.object, shownSecret).meta({ id: 'FlowDocument' });
export const flowDocumentGiven = documentWith(z.strictObject as MakeObject, givenSecret).meta({
  id: 'FlowDocumentGiven',
});

/** As it is read: secrets are places. */
export type FlowDocument = z.output<typeof flowDocument>;
/** As it is given and parsed: all members are there, secrets may have values. */
export type FlowDocumentGiven = z.output<typeof flowDocumentGiven>;
export type SecretGiven = z.output<typeof givenSecret>;
export type DocumentTask = FlowDocumentGiven['webhookTasks'][number];
export type DocumentRecipe = FlowDocumentGiven['recipes'][number];
export type DocumentOutput = NonNullable<DocumentRecipe['outputs']['adhoc']>;
export type DocumentDataset = FlowDocumentGiven['datasets'][number];
export type DocumentSchedule = NonNullable<FlowDocumentGiven['schedule']>;

const fieldChange = z.object({
  field: z.string(),
  before: json.optional().describe('Left out for what was not there.'),
  after: json.optional().describe('Left out for what goes.'),
});

export const documentChange = z
  .object({
    kind: z.enum(['flow', 'parameter', 'dataset', 'recipe', 'output', 'task', 'schedule']),
    name: z.string(),
    action: z
      .enum(['create', 'change', 'delete'])
      .describe('A dataset that is deleted leaves the flow only.'),
    fields: z.array(fieldChange).describe('Of secrets a word: set, waiting or given.'),
  })
  .meta({ id: 'FlowDocumentChange' });

export const documentPut = z
  .object({
    flow: reference.nullable().describe('Null in a dry run of a new flow.'),
    changes: z.array(documentChange).describe('What was done, or would be; empty where nothing differs.'),
    warnings: z.array(z.string()),
    etag: z.string().nullable().describe('As the header ETag: of the flow after it; in a dry run of now.'),
  })
  .meta({ id: 'FlowDocumentPut' });

const tag = 'Flows';
const query = z.object({
  dryRun: flag.optional().describe('Say what would be done, with all faults that it would meet; do nothing.'),
});
/** As large as a flow.yaml may be. */
const largestBody = 16 * 1024 * 1024;

export const flowDocumentEndpoints = {
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/flows/:id/document',
    summary: 'Read a flow as one document, with its version as ETag; for its editors',
    tag,
    access: 'author',
    params: idParams,
    reply: flowDocument,
    problems: [409],
  }),
  put: defineEndpoint({
    method: 'PUT',
    path: '/v4/flows/:id/document',
    summary: 'Make a flow what a document says, whole or not at all; what it does not name is deleted',
    tag,
    access: 'author',
    params: idParams,
    query,
    body: flowDocumentGiven,
    headers: { 'If-Match': 'The ETag that the flow must still have; 412 where it was changed since.' },
    largestBody,
    reply: documentPut,
    problems: [409, 412, 503],
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/flows/document',
    summary: 'Make a flow of a document, whole or not at all',
    tag,
    access: 'author',
    query,
    body: flowDocumentGiven,
    largestBody,
    reply: documentPut,
    problems: [409, 503],
  }),
};
