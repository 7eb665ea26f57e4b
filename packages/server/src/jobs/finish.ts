// The end of jobs: their rows, their events, decisions and deliveries, in one transaction, all or nothing.
import { sql } from 'kysely';
import type { Database, Tx } from '../db/database.ts';
import type { Column } from '../engine/dataset.ts';
import { tableOf } from '../db/rows.ts';
import { occurrenceKeys, seriesOf } from '../webhooks/messages/event-kind.ts';
import { kindOfStatus, type FileFacts } from '../webhooks/messages/fact.ts';
import { recordEvents, type Occurrence, type RecordContext } from '../webhooks/events/record.ts';
import type { EndNotes } from './end-note.ts';
import { buildFacts, statusNames, type EndedRow } from './job-facts.ts';
import { endFlowRuns, type EndedFlowRun, type FlowRunHook } from './flow-runs/flow-run-end.ts';
import { describeFlowRunEnd } from './flow-runs/flow-run-facts.ts';
import { readWholeJobs } from './job-read.ts';
import { endJobs, type EndWrite } from './job-move.ts';
import type { JobEvent } from './job-state.ts';

/** The fields of an end that has written nothing. */
export const nothingWritten = {
  attempt: null,
  rows: null,
  bytes: null,
  columns: null,
  resultFolder: null,
  error: null,
  files: [],
} as const satisfies Partial<JobEnd>;

/** The end of a job: what it came to, and the attempt that gives the right to end it. */
export interface JobEnd {
  readonly jobId: number;
  readonly flowId: number;
  /** What happened to it: the state table says what comes of that. */
  readonly event: JobEvent;
  /** The attempt whose lease gives the right to finish; null for an external job, or for one that was still queued. */
  readonly attempt: number | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  /** Number of columns of the output; null where it is not known. */
  readonly columns: number | null;
  readonly resultFolder: string | null;
  readonly error: { readonly reason: string; readonly message: string; readonly detail: unknown } | null;
  readonly files: readonly FileFacts[];
  /** Facts that an external job reports; undefined leaves those of its earlier reports. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
  readonly logTail?: string | undefined;
  /** Warnings of the run, added to those of the launch. */
  readonly warnings?: readonly string[];
  /** The columns of what was written, in their order. */
  readonly outputColumns?: readonly Column[];
  /** Number of input rows that were left out, and of all input rows; null where none may be left out. */
  readonly rejected?: { readonly rows: number; readonly total: number } | null;
  /** True where the process ended too often while this end was recorded. */
  readonly setAside?: boolean;
}

export interface FinishContext {
  readonly db: Pick<Database, 'announce' | 'afterCommit' | 'afterRollback' | 'nodeId'>;
  readonly record: RecordContext;
  /** URL of this server, without a `/` at its end. */
  readonly baseUrl: string;
  /** Called in the same transaction when a flow run has ended. */
  readonly flowRunEnded?: FlowRunHook;
  /** Where ends that somebody asks for are noted while they are recorded. */
  readonly notes?: EndNotes;
  /** Called for each job that has ended, after the commit: for log and metrics. */
  readonly jobEnded?: (row: EndedRow) => void;
}

/** The topic of announcements about jobs that have changed. */
export const jobsChanged = 'jobs.changed';

/**
 * Ends jobs. Returns the rows of those that were ended here, by id: a job whose lease is lost, or that has ended already, is
 * left alone. Takes the lock of each flow's row first, as every change of a task does; a caller that holds the locks gives,
 * as `locked`, the task revisions by flow that it read under them.
 */
export async function finishJobs(
  tx: Tx,
  context: FinishContext,
  ends: readonly JobEnd[],
  locked?: ReadonlyMap<number, number>,
): Promise<Map<number, EndedRow>> {
  const flowIds = ends.map(({ flowId }) => flowId);
  const revisions = locked ?? (await lockFlows(tx, flowIds));
  const ended = await endJobs(tx, context.db.nodeId, ends.map(toWrite));
  const rows = (await readWholeJobs(tx, ended)) as EndedRow[];
  const byId = new Map(ends.map((end) => [end.jobId, end]));
  await recordEvents(
    tx,
    context.record,
    rows.map((row) => toOccurrence(row, byId.get(row.id)!, revisions, context.baseUrl)),
  );
  await endSteps(tx, rows);
  // The event of a flow run is recorded together with the end that may end the process.
  const runsAside = new Set(
    rows.filter(({ id }) => byId.get(id)!.setAside === true).map(({ flow_run_id }) => flow_run_id),
  );
  await endFlowRuns(
    tx,
    { db: context.db, flowRunEnded: (_, run) => recordRun(tx, context, run, runsAside.has(run.id)) },
    rows,
    revisions,
  );
  for (const flowId of new Set(rows.map(({ flow_id }) => flow_id))) {
    const ids = rows.filter((row) => row.flow_id === flowId).map(({ id }) => id);
    context.db.announce(tx, { topic: jobsChanged, flowId, ids });
  }
  const { jobEnded } = context;
  if (jobEnded !== undefined && rows.length > 0) context.db.afterCommit(tx, () => rows.forEach(jobEnded));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Records the end of a flow run, an event of its own, with the end of its last job. */
async function recordRun(
  tx: Tx,
  context: FinishContext,
  run: EndedFlowRun,
  setAside: boolean,
): Promise<void> {
  await recordEvents(tx, context.record, [describeFlowRunEnd(run, setAside)]);
  await context.flowRunEnded?.(tx, run);
}

/** Locks the flows in the order of their ids, so that two batches can't wait for each other. Returns their task revisions, by id. */
export async function lockFlows(tx: Tx, flowIds: readonly number[]): Promise<Map<number, number>> {
  const ids = [...new Set(flowIds)].sort((a, b) => a - b);
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: number; task_revision: number }>`
    select id, task_revision from flows where id in (${sql.join(ids)}) order by id ${tx.forNoKeyUpdate}`.execute(
    tx,
  );
  return new Map(rows.map(({ id, task_revision }) => [id, task_revision]));
}

function toWrite(end: JobEnd): EndWrite {
  return {
    id: end.jobId,
    attempt: end.attempt,
    event: end.event,
    rows: end.rows,
    bytes: end.bytes,
    columns: end.columns,
    folder: end.resultFolder,
    reason: end.error?.reason ?? null,
    message: end.error?.message ?? null,
    detail: end.error === null ? null : JSON.stringify(end.error.detail ?? null),
    facts: end.facts === undefined ? null : JSON.stringify(end.facts),
    log_tail: end.logTail ?? null,
    warnings: (end.warnings ?? []).length === 0 ? null : JSON.stringify(end.warnings),
    rejected_rows: end.rejected?.rows ?? null,
    rejected_of: end.rejected?.total ?? null,
    output_columns: end.outputColumns === undefined ? null : JSON.stringify(end.outputColumns),
  };
}

function toOccurrence(
  row: EndedRow,
  end: JobEnd,
  revisions: ReadonlyMap<number, number>,
  baseUrl: string,
): Occurrence {
  const { id: jobId, flow_id: flowId, recipe_id: recipeId, output_id: outputId } = row;
  return {
    jobId,
    flowId,
    taskRevision: revisions.get(flowId)!,
    occurrenceKey: occurrenceKeys.job(jobId),
    kind: kindOfStatus(statusNames[row.state]),
    at: row.finished_at,
    recipes: recipeId === null ? [] : [{ id: recipeId, name: row.recipe_name ?? '' }],
    seriesKey: seriesOf({ outputId, recipeId, flowId }),
    flowRunId: null,
    hop: row.hop,
    aboutTaskId: null,
    setAside: end.setAside === true,
    silenced: row.skip_webhooks === 1,
    boundTaskCount: row.bound_task_count,
    facts: buildFacts(row, end.files, baseUrl),
  };
}

/** Ends the steps that are still open as their jobs ended; the first that is not complete gets the error message. */
async function endSteps(tx: Tx, rows: readonly EndedRow[]): Promise<void> {
  const ids = rows.filter(({ kind }) => kind === 'engine').map(({ id }) => ({ id }));
  if (ids.length === 0) return;
  const given = tableOf(tx, 'given', { id: 'bigint' }, ids);
  const { now } = tx;
  await sql`
    update job_steps set state = jobs.state, updated_at = ${now}, finished_at = coalesce(job_steps.finished_at, ${now}),
      percent = case when jobs.state = 'complete' then 100 else job_steps.percent end,
      error_message = case when job_steps.id = (select min(s.id) from job_steps s
        where s.job_id = jobs.id and s.state <> 'complete') then jobs.error_message end
    from ${given} cross join jobs
    where jobs.id = given.id and job_steps.job_id = jobs.id and job_steps.state in ('queued', 'running')`.execute(
    tx,
  );
}
