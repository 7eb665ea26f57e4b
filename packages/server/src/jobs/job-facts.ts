// Pure: the facts that the end of a job freezes.
import {
  factsVersion,
  kindOfStatus,
  type Facts,
  type FileFacts,
  type FinalStatus,
  type JsonValue,
} from '../webhooks/messages/fact.ts';
import type { WholeJobRow } from './job-read.ts';
import type { FinalState } from './job-state.ts';

/** The row of a job that has just ended. */
export interface EndedRow extends WholeJobRow {
  readonly state: FinalState;
  readonly finished_at: number;
}

/** The statuses of ended jobs as the API says them. */
export const statusNames: Readonly<Record<FinalState, FinalStatus>> = {
  complete: 'Complete',
  failed: 'Failed',
  canceled: 'Canceled',
};

/** Returns the facts of an ended job; `baseUrl` has no `/` at its end. */
export function buildFacts(row: EndedRow, files: readonly FileFacts[], baseUrl: string): Facts {
  const status = statusNames[row.state];
  return {
    version: factsVersion,
    event: kindOfStatus(status),
    job: buildJobFacts(row, status),
    flow: { id: row.flow_id, name: row.flow_name },
    recipe: row.recipe_id === null ? null : { id: row.recipe_id, name: row.recipe_name ?? '' },
    output: row.output_id === null ? null : { id: row.output_id },
    person:
      row.creator_id === null
        ? null
        : { id: row.creator_id, name: row.creator_name ?? '', email: row.creator_email ?? '' },
    files,
    error: buildErrorFacts(row),
    links: { jobUrl: `${baseUrl}/jobs/${row.id}`, jobApiUrl: `${baseUrl}/v4/jobGroups/${row.id}` },
    external: readExternal(row.facts),
    parameters: readParameters(row.parameters),
    history: null,
    overdue: null,
    flowRun: null,
  };
}

/** Returns the facts of a job that still runs; its duration counts to `now`, epoch milliseconds. */
export function buildRunningFacts(row: WholeJobRow, now: number, baseUrl: string): Facts {
  const facts = buildFacts({ ...row, state: 'complete', finished_at: now }, [], baseUrl);
  const job = { ...facts.job!, status: 'InProgress', finishedAt: null } as const;
  return { ...facts, event: 'job.slow', job };
}

function buildJobFacts(row: EndedRow, status: FinalStatus): Facts['job'] {
  return {
    id: row.id,
    name: row.name,
    status,
    ranFrom: row.ran_from,
    startedBy: row.started_by,
    startedAt: row.started_at === null ? null : new Date(row.started_at).toISOString(),
    finishedAt: new Date(row.finished_at).toISOString(),
    durationMs: row.started_at === null ? null : Math.max(0, row.finished_at - row.started_at),
    rows: row.rows_written,
    bytes: row.bytes_written,
    columns: row.columns_written,
    rejectedRows: row.rejected_rows,
    rejectedPercent: percentOf(row),
  };
}

/** Returns rejected rows in percent of all, to a hundredth; null where none may be rejected. */
function percentOf({ rejected_rows: rows, rejected_of: total }: EndedRow): number | null {
  if (rows === null) return null;
  return total === null || total === 0 ? 0 : Math.round((rows / total) * 10_000) / 100;
}

function buildErrorFacts(row: EndedRow): Facts['error'] {
  if (row.error_reason === null) return null;
  const detail = JSON.parse(row.error_detail ?? 'null') as JsonValue;
  return { reason: row.error_reason, message: row.error_message ?? '', detail };
}

function readExternal(facts: string | null): Facts['external'] {
  return facts === null ? {} : (JSON.parse(facts) as Facts['external']);
}

/** Returns the values by name: numbers and truth values as JSON's own, to fit a body without quotes, what JSON can't hold as text. */
function readParameters(text: string | null): Facts['parameters'] {
  if (text === null) return {};
  const all = JSON.parse(text) as readonly { name: string; type: string; value: string }[];
  return Object.fromEntries(all.map(({ name, type, value }) => [name, toJson(type, value)]));
}

function toJson(type: string, value: string): JsonValue {
  if (type === 'boolean') return value === 'true';
  const number = Number(value);
  const fits = type === 'integer' ? Number.isSafeInteger(number) : type === 'number';
  return fits && Number.isFinite(number) ? number : value;
}
