// The form of a flow.yaml: what may stand in it, with its defaults.
import { z } from 'zod';
import {
  datasetCompressions,
  datasetFormats,
  datasetOptions,
  pathPattern,
} from '@flowhook/contract/flow/imported-dataset';
import { execution } from '@flowhook/contract/flow/output-object';
import { parameterType } from '@flowhook/contract/job/run-parameter';
import { missedChoices, overlapChoices } from '@flowhook/contract/flow/schedule';
import { webhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import { headerName, triggerEvents, webhookMethods } from '@flowhook/contract/webhook/webhook-definition';
import { writeSettingGiven } from '@flowhook/contract/flow/write-setting';

const name = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text === text.trim(), {
    message: 'must not begin or end with a space.',
  });
const description = z.string().max(10_000).nullable().default(null);

/** The name of a file beside flow.yaml, never a way to elsewhere. */
const sqlFile = z
  .string()
  .max(200)
  .refine((text) => /^[^./\\][^/\\]*\.sql$/u.test(text) && !/\p{Cc}/u.test(text), {
    message: 'must be the name of a .sql file in the same folder, as totals.sql.',
  });

const source = z.string().refine((text) => text === 'stored' || /^env:[A-Za-z_]\w{0,200}$/u.test(text), {
  message:
    'must be `stored`, or an environment variable, as env:HOOK_KEY: a secret itself never stands here.',
});

const text = z.union([z.string(), z.number(), z.boolean()], {
  error: () => 'must be a text, a number, true or false.',
});

const parameter = z.object({
  name: z.string().max(63),
  type: parameterType.default('text'),
  default: text,
  description: z.string().max(1000).nullable().default(null),
});

const dataset = z
  .object({
    name,
    description,
    uri: z.string().min(1).max(4096).optional(),
    upload: z.literal(true).optional(),
    pathPattern: pathPattern.nullable().default(null),
    format: z.enum(datasetFormats).nullable().default(null),
    compression: z.enum(datasetCompressions).nullable().default(null),
    options: datasetOptions.default({}),
  })
  .refine(({ uri, upload }) => (uri === undefined) !== (upload === undefined), {
    path: ['uri'],
    message: 'is needed, or `upload: true` for a dataset that was uploaded: one of the two.',
  });

const output = z.object({
  execution: execution.default('photon'),
  profiler: z.boolean().default(true),
  files: z.array(writeSettingGiven).max(20).default([]),
});

const recipe = z.object({
  name,
  description,
  sql: sqlFile.optional(),
  waitsForSql: z.literal(true).optional(),
  input: z
    .union([z.object({ dataset: name }), z.object({ recipe: name })], {
      error: () => 'must be `dataset: NAME` or `recipe: NAME`.',
    })
    .nullable()
    .default(null),
  outputs: z
    .object({ adhoc: output.nullable().default(null), scheduled: output.nullable().default(null) })
    .default({ adhoc: null, scheduled: null }),
});

const task = z
  .object({
    name,
    enabled: z.boolean().default(true),
    triggerEvent: z.enum(triggerEvents),
    recipes: z.array(name).min(1).max(1000).nullable().default(null),
    condition: webhookCondition.nullable().default(null),
    runs: z
      .object({ flow: name.nullable().default(null), recipe: name })
      .nullable()
      .default(null),
    method: z.enum(webhookMethods).default('post'),
    url: z.string().min(1).max(8192).optional(),
    urlFrom: source.optional(),
    headers: z.record(headerName, z.string().max(8192)).default({}),
    headersFrom: z.record(headerName, source).default({}),
    body: z.string().max(1_048_576).nullable().default(null),
    secretKeyFrom: source.optional(),
    secretsFrom: z
      .record(z.string().regex(/^\w{1,64}$/u, 'must be 1 to 64 letters, digits and _.'), source)
      .default({}),
    sslVerification: z.boolean().default(true),
    retryOnFailure: z.boolean().default(true),
  })
  .superRefine(refuseMixed);

type Target = { runs: unknown; url?: string | undefined; urlFrom?: string | undefined; body: string | null };

function refuseMixed({ runs, url, urlFrom, body }: Target, context: z.core.$RefinementCtx): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  const given = [url, urlFrom].filter((each) => each !== undefined).length;
  if (runs === null && given !== 1) refuse('url', 'is needed, or urlFrom, or `runs`: one of the three.');
  if (runs === null) return;
  if (given > 0) refuse('url', 'does not stand beside `runs`: a task that runs a recipe sends no request.');
  if (body !== null)
    refuse('body', 'does not stand beside `runs`: a task that runs a recipe sends no request.');
}

const schedule = z.object({
  name: name.nullable().default(null),
  enabled: z.boolean().default(true),
  times: z
    .array(
      z.object({ cron: z.string().min(1).max(200), timezone: z.string().min(1).max(100).default('UTC') }),
    )
    .min(1)
    .max(10),
  missed: z.enum(missedChoices).default('once'),
  overlap: z.enum(overlapChoices).default('skip'),
  parameters: z
    .array(z.object({ key: z.string().max(255), value: z.json() }))
    .max(200)
    .default([]),
});

export const flowForm = z.object({
  flow: name,
  description,
  parameters: z.array(parameter).max(200).default([]),
  datasets: z.array(dataset).max(1000).default([]),
  recipes: z.array(recipe).max(1000).default([]),
  webhookTasks: z.array(task).max(1000).default([]),
  schedule: schedule.nullable().default(null),
});
export type FlowForm = z.output<typeof flowForm>;
