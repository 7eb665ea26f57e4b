// The form of a flow.yaml: the flow document, with files for SQL and sources for secrets.
import { z } from 'zod';
import { flowDocument } from '@flowhook/contract/flow/flow-document';
import { givenUri } from '@flowhook/contract/flow/imported-dataset';
import { headerName } from '@flowhook/contract/webhook/task-field';
import { definition, headerValue, secretName } from '@flowhook/contract/webhook/webhook-definition';

const { name, description, parameters, datasets, recipes, webhookTasks, schedule } = flowDocument.shape;
const parts = {
  parameter: parameters.unwrap().element.shape,
  dataset: datasets.unwrap().element.shape,
  recipe: recipes.unwrap().element.shape,
  task: webhookTasks.unwrap().element.shape,
};

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

const { defaultValue: _, ...openParameter } = parts.parameter;
const parameter = z.object({ ...openParameter, default: text });

const dataset = z
  .object({ ...parts.dataset, uri: givenUri.optional(), upload: z.literal(true).optional() })
  .refine(({ uri, upload }) => (uri === undefined) !== (upload === undefined), {
    path: ['uri'],
    message: 'is needed, or `upload: true` for a dataset that was uploaded: one of the two.',
  });

const recipe = z.object({
  ...parts.recipe,
  sql: sqlFile.optional(),
  waitsForSql: z.literal(true).optional(),
});

const { secretKey: _key, secrets: _secrets, ...openTask } = parts.task;
const task = z
  .object({
    ...openTask,
    url: definition.url.optional(),
    urlFrom: source.optional(),
    headers: z.record(headerName, headerValue).default({}),
    headersFrom: z.record(headerName, source).default({}),
    secretKeyFrom: source.optional(),
    secretsFrom: z.record(secretName, source).default({}),
  })
  .superRefine(refuseMixed);

type Target = { runs: unknown; url?: string | undefined; urlFrom?: string | undefined };

function refuseMixed({ runs, url, urlFrom }: Target, context: z.core.$RefinementCtx): void {
  const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['url'], message });
  const given = [url, urlFrom].filter((each) => each !== undefined).length;
  if (runs === null && given !== 1) refuse('is needed, or urlFrom, or `runs`: one of the three.');
  if (runs !== null && given > 0)
    refuse('does not stand beside `runs`: a task that runs a recipe sends no request.');
}

export const flowForm = z.object({
  flow: name,
  description,
  parameters: z.array(parameter).max(200).default([]),
  datasets: z.array(dataset).max(1000).default([]),
  recipes: z.array(recipe).max(1000).default([]),
  webhookTasks: z.array(task).max(1000).default([]),
  schedule,
});
export type FlowForm = z.output<typeof flowForm>;
