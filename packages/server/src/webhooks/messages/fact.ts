// The facts that an event freezes: what references are filled from.
import type { EventKind } from '@flowhook/contract/webhook/event-kind';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** The final statuses of a job, as the API says them. */
export type FinalStatus = 'Complete' | 'Failed' | 'Canceled';

/** The format of stored facts. Raise it when a member changes its meaning, and teach `readFacts` the old one. */
export const factsVersion = 1;

export interface Named {
  readonly id: number;
  readonly name: string;
}

/** A job (the API's job group). Times are ISO 8601 in UTC; `durationMs` counts from started to finished, or to the event. */
export interface JobFacts {
  readonly id: number;
  readonly name: string | null;
  readonly status: FinalStatus | 'InProgress';
  readonly ranFrom: 'ui' | 'api' | 'schedule';
  readonly startedBy: 'person' | 'schedule' | 'webhook' | 'external';
  readonly startedAt: string | null;
  /** Null while it runs. */
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  /** Rows of all files together; null where they were not counted, as for an external job. */
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly columns: number | null;
  /** Rows of inputs that were left out; null where none may be. Absent in facts of before. */
  readonly rejectedRows?: number | null;
  /** The same in percent of all rows of those inputs. */
  readonly rejectedPercent?: number | null;
}

/** What the same output's jobs had come to before, canceled ones left out. */
export interface HistoryFacts {
  /** The last job before this one that succeeded; null where there is none. */
  readonly previous: {
    readonly jobId: number;
    readonly finishedAt: string;
    readonly rows: number | null;
    readonly columns: number | null;
  } | null;
  /** Failures in a row up to this job: those just before it where it succeeded. */
  readonly failuresInRow: number;
}

/** An output that was not refreshed by its time. Times are ISO 8601 in UTC. */
export interface OverdueFacts {
  /** The last success before; null where there never was one. */
  readonly since: string | null;
  /** The time by which it should have been refreshed. */
  readonly dueAt: string;
  /** The recipes whose outputs were not refreshed; empty where the whole flow is watched. */
  readonly recipes: readonly Named[];
}

/** All outputs of a flow, run together. */
export interface FlowRunFacts {
  readonly id: number;
  readonly status: FinalStatus;
  readonly startedAt: string | null;
  readonly finishedAt: string;
  readonly jobs: readonly {
    readonly id: number;
    readonly status: FinalStatus;
    readonly recipe: Named | null;
    readonly rows: number | null;
  }[];
}

export interface FileFacts {
  /** Whether it stood in its place when the job ended; absent in facts of before. */
  readonly published?: boolean;
  /** Why not; null where it did. */
  readonly unpublishedReason?: string | null;
  readonly name: string;
  readonly uri: string;
  readonly format: string;
  readonly rows: number | null;
  readonly bytes: number | null;
}

export interface ErrorFacts {
  /** A word from the closed list of the job's reasons. */
  readonly reason: string;
  /** A sentence for a person. */
  readonly message: string;
  /** What else is known: step, recipe, column, line, position in the query. */
  readonly detail: JsonValue;
}

/** Everything that is frozen with an event. Serialisable as JSON without loss. */
export interface Facts {
  readonly version: typeof factsVersion;
  readonly event: EventKind;
  /** Null where the event is about no single job. */
  readonly job: JobFacts | null;
  readonly flow: Named;
  /** Null for an external job that names only its flow. */
  readonly recipe: Named | null;
  readonly output: { readonly id: number } | null;
  /** The person that started the job; null where none did. */
  readonly person: (Named & { readonly email: string }) | null;
  readonly files: readonly FileFacts[];
  readonly error: ErrorFacts | null;
  /** Null where the event is about no single job. */
  readonly links: { readonly jobUrl: string | null; readonly jobApiUrl: string | null };
  /** What an external job reported about itself, by key. */
  readonly external: { readonly [key: string]: JsonValue };
  /** The parameters that the job ran with, by name; empty where it has none. */
  readonly parameters: { readonly [name: string]: JsonValue };
  /** Null where the event is no end of a job, or the flow had no task to decide. */
  readonly history: HistoryFacts | null;
  readonly overdue: OverdueFacts | null;
  readonly flowRun: FlowRunFacts | null;
}

/** Returns the kind of event for a job's final status. */
export function kindOfStatus(status: FinalStatus): 'job.success' | 'job.failure' | 'job.canceled' {
  if (status === 'Complete') return 'job.success';
  return status === 'Failed' ? 'job.failure' : 'job.canceled';
}

/** Returns the JSON text to store with the event. */
export function writeFacts(facts: Facts): string {
  return JSON.stringify(facts);
}

/** Returns stored facts. Throws an Error on another version: the database is newer than this server. */
export function readFacts(text: string): Facts {
  const facts = JSON.parse(text) as Omit<Facts, 'version'> & { readonly version: number };
  // Those of before parameters were frozen with them have none.
  if (facts.version === factsVersion)
    return { ...facts, version: factsVersion, parameters: facts.parameters ?? {} };
  throw new Error(`Stored facts have version ${facts.version}; this server reads ${factsVersion}.`);
}

/** What is known when a task is tested without a job. Times are epoch milliseconds, the base URL has no `/` at its end. */
export interface SampleSource {
  readonly now: number;
  readonly baseUrl: string;
  readonly flow: Named;
  readonly recipe: Named | null;
  readonly person: (Named & { readonly email: string }) | null;
}

/** Returns facts of a job that never was, for the test of a task: a success of 12.5 s that wrote one file. */
export function makeSampleFacts(source: SampleSource): Facts {
  const { now, baseUrl, flow, recipe, person } = source;
  const file = {
    name: 'sample.csv',
    uri: `${baseUrl}/sample.csv`,
    format: 'csv',
    rows: 1000,
    bytes: 65_536,
    published: true,
    unpublishedReason: null,
  };
  return {
    version: factsVersion,
    event: 'test',
    job: makeSampleJob(now),
    flow: { id: flow.id, name: flow.name },
    recipe: recipe ?? { id: 0, name: 'Sample recipe' },
    output: { id: 0 },
    person,
    files: [file],
    error: null,
    links: { jobUrl: `${baseUrl}/jobs/0`, jobApiUrl: `${baseUrl}/v4/jobGroups/0` },
    external: {},
    parameters: {},
    history: makeSampleHistory(now),
    overdue: null,
    flowRun: null,
  };
}

function makeSampleHistory(now: number): HistoryFacts {
  const finishedAt = new Date(now - 86_400_000).toISOString();
  return { previous: { jobId: 0, finishedAt, rows: 900, columns: 4 }, failuresInRow: 0 };
}

function makeSampleJob(now: number): JobFacts {
  return {
    id: 0,
    name: 'Sample job',
    status: 'Complete',
    ranFrom: 'ui',
    startedBy: 'person',
    startedAt: new Date(now - 12_500).toISOString(),
    finishedAt: new Date(now).toISOString(),
    durationMs: 12_500,
    rows: 1000,
    bytes: 65_536,
    columns: 4,
  };
}
