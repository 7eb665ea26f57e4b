// Datasets: files that recipes read, by upload or by URI.
import { z } from 'zod';
import {
  countReply,
  description,
  id,
  idParams,
  listOf,
  listQueryOf,
  name,
  objectQueryOf,
  stamp,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { datasetOptions, givenOptions } from './dataset-option.ts';
import { datasetUseEndpoints } from './dataset-use.ts';
import { findLostName, lostNameDetail } from '../lost-name.ts';
import { column, preview, previewQuery } from '../rows.ts';
import { datasetCompressions, datasetFormats, datasetOrigins } from './dataset-source.ts';

export const fileChoices = ['all', 'newest'] as const;
export const assumption = z.object({ option: z.string(), text: z.string() }).meta({
  id: 'Assumption',
  description: 'Something that was not certain: what was taken, and the option that says otherwise.',
});

/** Several files under one dataset. */
export const pathPattern = z
  .object({
    files: z
      .enum(fileChoices)
      .describe('All files that fit, one after the other by name; or the one that was written last.'),
    defaults: z
      .record(z.string().max(63), z.string().max(255))
      .optional()
      .describe('Values for {name} in the address where the flow has no parameter of that name.'),
  })
  .meta({ id: 'PathPattern' });

export const importedDataset = z
  .looseObject({
    id,
    name: z.string(),
    description: z.string().nullable(),
    origin: z
      .enum(datasetOrigins)
      .describe('waiting: it came in a package without its file; jobs that read it fail until it has one.'),
    uri: z.string().describe('Of a waiting one: where its file was.'),
    pathPattern: pathPattern.nullable().describe('Null for a single file.'),
    format: z.enum(datasetFormats),
    compression: z.enum(datasetCompressions),
    options: datasetOptions,
    given: z
      .looseObject({
        format: z.enum(datasetFormats).optional(),
        compression: z.enum(datasetCompressions).optional(),
        options: datasetOptions,
      })
      .describe('What was said about the file; all else was found in it.'),
    columns: z.array(column),
    assumptions: z.array(assumption).describe('What was not certain when the file was looked at.'),
    size: z.int().nullable().describe('Bytes.'),
    fileVersion: z.int().describe('1 for the first file, one more for each that replaced it.'),
    warnings: z.array(z.string()).optional().describe('Only after a change: recipes that no longer work.'),
    ...stamp,
  })
  .meta({ id: 'ImportedDataset' });

export const datasetGiven = {
  name: name.optional().describe('The name of the file without its endings unless given.'),
  description,
  format: z.enum(datasetFormats).optional(),
  compression: z.enum(datasetCompressions).optional(),
};

export const givenUri = z.string().min(1).max(4096).describe('`file://` and a path in an allowed folder.');

export const importedDatasetCreate = z.object({
  uri: givenUri,
  pathPattern: pathPattern
    .transform(({ files, defaults }) => ({ files, defaults: defaults ?? {} }))
    .nullish()
    .describe(
      'Makes the address a pattern: `*` fits any part of a name, {name} is a parameter, {run.date:%Y%m%d} a date.',
    ),
  ...datasetGiven,
  options: givenOptions.optional(),
});

export const importedDatasetChange = z.object({
  ...datasetGiven,
  options: givenOptions.optional().describe('Those given earlier stay; an empty object forgets them all.'),
});

/** The text fields of an upload; `options` is JSON. They stand before the field `file`. */
export const uploadFields = z.object({ ...datasetGiven, options: jsonText(givenOptions).optional() });

/** The text fields of a new file. */
export const replacementFields = z.object({
  newPromise: z
    .enum(['true', 'false'])
    .optional()
    .describe(
      'true: the columns are found anew in the file; else the file must keep what the dataset promises.',
    ),
});

/** An upload as the OpenAPI document has it; the server streams it and parses only `uploadFields`. */
export const uploadForm = uploadFields.extend({ file: z.file() });

function jsonText<Value extends z.ZodType>(value: Value) {
  const parse = z
    .string()
    .max(200_000)
    .transform((text, context): unknown => {
      const parsed = readJson(text);
      const lost = parsed === undefined ? null : findLostName(text, parsed);
      if (lost !== null) context.addIssue({ code: 'custom', message: lostNameDetail, path: [...lost] });
      else if (parsed === undefined)
        context.addIssue({ code: 'custom', message: 'must be JSON, such as {"delimiter": ";"}.' });
      else return parsed;
      return z.NEVER;
    });
  return parse.pipe(value);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const datasetNames = {
  sort: ['id', 'name', 'format', 'size', 'createdAt', 'updatedAt'],
  filter: ['name', 'description', 'uri'],
  embed: ['creator'],
} as const;
const tag = 'Datasets';

export const importedDatasetEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/importedDatasets',
    summary: 'List datasets',
    tag,
    access: 'viewer',
    query: listQueryOf(datasetNames),
    reply: listOf(importedDataset),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/importedDatasets/count',
    summary: 'Count datasets',
    tag,
    access: 'viewer',
    query: listQueryOf(datasetNames),
    reply: countReply,
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/importedDatasets',
    summary: 'Make a dataset of a file in an allowed folder',
    versionOf: 'dataset',
    tag,
    access: 'author',
    body: importedDatasetCreate,
    reply: importedDataset,
    problems: [409, 503],
  }),
  upload: defineEndpoint({
    method: 'POST',
    path: '/v4/importedDatasets/upload',
    summary: 'Make a dataset of an uploaded file',
    tag,
    access: 'author',
    requestType: 'multipart/form-data',
    body: uploadForm,
    reply: importedDataset,
    idempotent: false,
    problems: [409, 503],
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/importedDatasets/:id',
    summary: 'Read a dataset',
    versionOf: 'dataset',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(datasetNames),
    reply: importedDataset,
  }),
  change: defineEndpoint({
    method: 'PATCH',
    path: '/v4/importedDatasets/:id',
    summary: 'Change a dataset: its name, or what was found wrongly',
    versionOf: 'dataset',
    tag,
    access: 'author',
    params: idParams,
    body: importedDatasetChange,
    reply: importedDataset,
    problems: [409, 503],
  }),
  replaceFile: defineEndpoint({
    method: 'PUT',
    path: '/v4/importedDatasets/:id/file',
    summary: 'Put a new file under a dataset',
    versionOf: 'dataset',
    tag,
    access: 'author',
    params: idParams,
    requestType: 'multipart/form-data',
    body: replacementFields.extend({ file: z.file() }),
    reply: importedDataset,
    problems: [409, 503],
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/importedDatasets/:id',
    summary: 'Delete a dataset',
    versionOf: 'dataset',
    tag,
    access: 'author',
    params: idParams,
    status: 204,
    reply: z.void(),
    problems: [409],
  }),
  ...datasetUseEndpoints,
  preview: defineEndpoint({
    method: 'GET',
    path: '/v4/importedDatasets/:id/preview',
    summary: 'Read the first rows of a dataset',
    tag,
    access: 'viewer',
    params: idParams,
    query: previewQuery,
    reply: preview,
    problems: [409, 503],
  }),
};
