// A look at a file as certain options read it, before a dataset is made of it or changed.
import { z } from 'zod';
import { givenReference } from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { refuse } from '../relation.ts';
import { column, preview } from '../rows.ts';
import { datasetOptions, givenOptions } from './dataset-option.ts';
import { datasetCompressions, datasetFormats } from './dataset-source.ts';
import { assumption, datasetGiven as given, givenUri, uploadForm } from './imported-dataset.ts';

/** What is looked at: an address, or a dataset with other options. Parsed: `uri` or `datasetId` is there. */
export const datasetLookGiven = z
  .object({
    uri: givenUri.optional(),
    importedDataset: givenReference
      .optional()
      .describe('A dataset, read as it is said here: what was said of it before counts for nothing.'),
    format: given.format,
    compression: given.compression,
    options: givenOptions.optional(),
  })
  .transform(({ importedDataset: dataset, ...rest }, context) => {
    if ((rest.uri === undefined) === (dataset === undefined))
      refuse(context, 'uri', 'is needed, or `importedDataset` with its id: one of the two.');
    return { ...rest, datasetId: dataset?.id };
  });

/** What a file is when it is read so; nothing of it is kept. */
export const datasetLook = z
  .object({
    error: z.string().nullable().describe('Why it can not be read so, as a sentence; null where it can.'),
    lines: z.array(z.string()).describe('The first lines as they stand; none of what is no text.'),
    format: z.enum(datasetFormats).nullable(),
    compression: z.enum(datasetCompressions).nullable(),
    options: datasetOptions.describe('Those that were given, and those that were found.'),
    columns: z.array(column),
    assumptions: z.array(assumption),
    rows: preview.shape.rows.describe('The first rows.'),
    warnings: z.array(z.string()).describe('What was left out, in sentences.'),
  })
  .meta({ id: 'DatasetLook' });

const tag = 'Datasets';

export const datasetLookEndpoints = {
  read: defineEndpoint({
    method: 'POST',
    path: '/v4/importedDatasets/look',
    summary: 'Look at a file as certain options read it, without making or changing a dataset',
    tag,
    access: 'author',
    readOnly: true,
    body: datasetLookGiven,
    status: 200,
    reply: datasetLook,
    idempotent: false,
    problems: [404, 503],
  }),
  readUpload: defineEndpoint({
    method: 'POST',
    path: '/v4/importedDatasets/look/upload',
    summary: 'Look at the beginning of a file before it is uploaded; at most 16 MiB, nothing is kept',
    tag,
    access: 'author',
    readOnly: true,
    requestType: 'multipart/form-data',
    body: uploadForm,
    status: 200,
    reply: datasetLook,
    idempotent: false,
    problems: [503],
  }),
};
