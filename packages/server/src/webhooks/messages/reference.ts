// The one table of references: what `$name` stands for in a webhook task's body, headers and URL.
import type { Facts, JsonValue } from './fact.ts';
import { eventReferences, type Reference } from './reference-event.ts';

export type { Reference } from './reference-event.ts';

/** Add a line to add a reference: the documentation and the suggestions are made from this list. */
export const allReferences: readonly Reference[] = [
  {
    name: 'jobId',
    kind: 'number',
    description: 'The id of the job.',
    example: 1042,
    read: (facts) => facts.job?.id ?? null,
  },
  {
    name: 'jobStatus',
    kind: 'text',
    description: 'The final status of the job: Complete or Failed; InProgress where it still runs.',
    example: 'Complete',
    read: (facts) => facts.job?.status ?? null,
  },
  {
    name: 'jobName',
    kind: 'text',
    description: 'The name of the job, where it has one.',
    example: 'Nightly totals',
    read: (facts) => facts.job?.name ?? null,
  },
  {
    name: 'jobUrl',
    kind: 'text',
    description: 'The address of the job’s page.',
    example: 'https://flowhook.example.com/jobs/1042',
    read: (facts) => facts.links.jobUrl,
  },
  {
    name: 'jobApiUrl',
    kind: 'text',
    description: 'The address of the job in the API.',
    example: 'https://flowhook.example.com/v4/jobGroups/1042',
    read: (facts) => facts.links.jobApiUrl,
  },
  {
    name: 'event',
    kind: 'text',
    description:
      'The kind of the event: job.success, job.failure, job.slow, output.overdue, flowRun.success, flowRun.failure or test.',
    example: 'job.success',
    read: (facts) => facts.event,
  },
  {
    name: 'flowId',
    kind: 'number',
    description: 'The id of the flow.',
    example: 7,
    read: (facts) => facts.flow.id,
  },
  {
    name: 'flowName',
    kind: 'text',
    description: 'The name of the flow.',
    example: 'Sales',
    read: (facts) => facts.flow.name,
  },
  {
    name: 'recipeId',
    kind: 'number',
    description:
      'The id of the recipe whose output was run; null for an external job that names only its flow.',
    example: 12,
    read: (facts) => facts.recipe?.id ?? null,
  },
  {
    name: 'recipeName',
    kind: 'text',
    description: 'The name of that recipe.',
    example: 'Totals by day',
    read: (facts) => facts.recipe?.name ?? null,
  },
  {
    name: 'outputId',
    kind: 'number',
    description: 'The id of the output that was run.',
    example: 31,
    read: (facts) => facts.output?.id ?? null,
  },
  {
    name: 'startedAt',
    kind: 'text',
    description: 'When the job started to run (ISO 8601, UTC); null where it never ran.',
    example: '2026-01-02T03:04:05.678Z',
    read: (facts) => facts.job?.startedAt ?? null,
  },
  {
    name: 'finishedAt',
    kind: 'text',
    description: 'When the job ended (ISO 8601, UTC).',
    example: '2026-01-02T03:04:18.178Z',
    read: (facts) => facts.job?.finishedAt ?? null,
  },
  {
    name: 'durationMs',
    kind: 'number',
    description: 'Milliseconds from start to end.',
    example: 12_500,
    read: (facts) => facts.job?.durationMs ?? null,
  },
  {
    name: 'ranFrom',
    kind: 'text',
    description: 'Where the job was started: ui, api or schedule.',
    example: 'schedule',
    read: (facts) => facts.job?.ranFrom ?? null,
  },
  {
    name: 'startedBy',
    kind: 'text',
    description: 'What started the job: person, schedule, webhook or external.',
    example: 'schedule',
    read: (facts) => facts.job?.startedBy ?? null,
  },
  {
    name: 'rows',
    kind: 'number',
    description: 'Rows written, all files together; null where nobody counted.',
    example: 1000,
    read: (facts) => facts.job?.rows ?? null,
  },
  {
    name: 'bytes',
    kind: 'number',
    description: 'Bytes written, all files together; null where nobody counted.',
    example: 65_536,
    read: (facts) => facts.job?.bytes ?? null,
  },
  {
    name: 'fileCount',
    kind: 'number',
    description: 'The number of files written.',
    example: 1,
    read: (facts) => facts.files.length,
  },
  {
    name: 'files',
    kind: 'json',
    description:
      'The files written, as a JSON array of objects with name, uri, format, rows, bytes, and published: false with unpublishedReason where a file could not be put in its place yet.',
    example: [
      {
        name: 'totals.csv',
        uri: 'file:///data/totals.csv',
        format: 'csv',
        rows: 1000,
        bytes: 65_536,
        published: true,
        unpublishedReason: null,
      },
    ],
    read: (facts) => facts.files as unknown as JsonValue,
  },
  {
    name: 'error',
    kind: 'text',
    description: 'Why the job failed, as a sentence; null when it did not.',
    example: 'Column "price" does not exist.',
    read: (facts) => facts.error?.message ?? null,
  },
  {
    name: 'errorReason',
    kind: 'text',
    description: 'Why the job failed, as a word from the list of reasons; null when it did not.',
    example: 'sql',
    read: (facts) => facts.error?.reason ?? null,
  },
  {
    name: 'errorDetail',
    kind: 'json',
    description: 'What else is known of the failure, as JSON; null when there is nothing.',
    example: { line: 3, position: 27 },
    read: (facts) => facts.error?.detail ?? null,
  },
  {
    name: 'personName',
    kind: 'text',
    description: 'The name of the person who started the job; null where nobody did.',
    example: 'Ada',
    read: (facts) => facts.person?.name ?? null,
  },
  {
    name: 'personEmail',
    kind: 'text',
    description: 'The email address of that person.',
    example: 'ada@example.com',
    read: (facts) => facts.person?.email ?? null,
  },
  {
    name: 'facts',
    kind: 'json',
    description:
      'Everything that an external job reported, as a JSON object; `$facts.key` is one value of it, null where it was not reported.',
    example: { version: '1.4.2' },
    read: (facts) => facts.external,
  },
  {
    name: 'parameter',
    kind: 'json',
    description:
      'The parameters that the job ran with, as a JSON object; `$parameter.name` is one value of it (`$parameter.run.date`, `$parameter.env.stage` too), null where there is none.',
    example: { region: 'north', 'run.date': '2026-01-02' },
    read: (facts) => facts.parameters,
  },
  ...eventReferences,
];

const byName: ReadonlyMap<string, Reference> = new Map(
  allReferences.map((reference) => [reference.name, reference]),
);

/** The reference of that name; a name is matched in its exact case. */
export function findReference(name: string): Reference | undefined {
  return byName.get(name);
}

/** One value that an external job reported, null where there is none. */
export function readExternalFact(facts: Facts, key: string): JsonValue {
  return Object.hasOwn(facts.external, key) ? (facts.external[key] ?? null) : null;
}

/** One parameter of the job, its name compared without letter case; null where there is none. */
export function readParameter(facts: Facts, name: string): JsonValue {
  const key = Object.keys(facts.parameters).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? null : (facts.parameters[key] ?? null);
}
