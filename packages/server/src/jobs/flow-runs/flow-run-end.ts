// The end of flow runs: exactly once, in the transaction that ends the last of their jobs.
import { sql } from 'kysely';
import type { Database, Tx } from '../../db/database.ts';
import type { FinalStatus, Named } from '../../webhooks/messages/fact.ts';
import { endFlowRun } from './flow-run-move.ts';
import { judgeFlowRun, type FlowRunEvent } from './flow-run-state.ts';
import { statusNames, type EndedRow } from '../job-facts.ts';
import { isFinal, type FinalState, type JobState } from '../job-state.ts';
import type { RanFrom, StarterKind } from '../new-job.ts';

/** A job of a flow run that has ended. */
export interface FlowRunJob {
  readonly id: number;
  readonly recipe: Named | null;
  readonly status: FinalStatus;
  /** Rows and bytes written; null where nobody counted them. */
  readonly rows: number | null;
  readonly bytes: number | null;
  /** How many webhooks led to it. */
  readonly hop: number;
  readonly error: { readonly reason: string; readonly message: string } | null;
}

/** A flow run that has ended in this transaction, whose flow's row is locked by it. Times are epoch milliseconds. */
export interface EndedFlowRun {
  readonly id: number;
  readonly flow: Named;
  /** The flow's task revision, read under the lock. */
  readonly taskRevision: number;
  readonly status: FinalStatus;
  readonly ranFrom: RanFrom;
  readonly startedBy: Exclude<StarterKind, 'external'>;
  readonly person: (Named & { readonly email: string }) | null;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** In the order of their ids. */
  readonly jobs: readonly FlowRunJob[];
}

/** Called once for each flow run, in the transaction that ends it. */
export type FlowRunHook = (tx: Tx, run: EndedFlowRun) => Promise<void>;

export interface FlowRunEndContext {
  readonly db: Pick<Database, 'announce'>;
  readonly flowRunEnded?: FlowRunHook;
}

/** The topic of announcements about flow runs that have begun or ended. */
export const flowRunsChanged = 'flowRuns.changed';

/** Ends the runs whose last job is among these, which have just ended in this transaction. */
export async function endFlowRuns(
  tx: Tx,
  context: FlowRunEndContext,
  ended: readonly EndedRow[],
  revisions: ReadonlyMap<number, number>,
): Promise<void> {
  const ids = new Set(ended.map(({ flow_run_id }) => flow_run_id).filter((id) => id !== null));
  if (ids.size === 0) return;
  const open = await lockOpenRuns(tx, [...ids]);
  const jobs = await readJobsOfRuns(tx, open);
  for (const runId of open) {
    const own = jobs.filter(({ flow_run_id }) => flow_run_id === runId);
    const event = judgeFlowRun(own.map((job) => job.state));
    if (event !== null) await endRun(tx, context, { runId, event, jobs: own, revisions });
  }
}

/**
 * Two transactions that each end one of the last two jobs wait here for each other: the second then sees what the first
 * has committed. In the order of the ids, so that two batches can't wait for each other.
 */
async function lockOpenRuns(tx: Tx, ids: readonly number[]): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from flow_runs where id in (${sql.join(ids)}) and state = 'running' order by id ${tx.forNoKeyUpdate}`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}

interface RunJobRow {
  readonly id: number;
  readonly flow_run_id: number;
  readonly recipe_id: number | null;
  readonly recipe_name: string | null;
  readonly state: JobState;
  readonly rows_written: number | null;
  readonly bytes_written: number | null;
  readonly error_reason: string | null;
  readonly error_message: string | null;
  readonly hop: number;
}

async function readJobsOfRuns(tx: Tx, runIds: readonly number[]): Promise<RunJobRow[]> {
  if (runIds.length === 0) return [];
  const { rows } = await sql<RunJobRow>`
    select j.id, j.flow_run_id, j.recipe_id, r.name as recipe_name, j.state, j.rows_written, j.bytes_written,
      j.error_reason, j.error_message, j.hop
    from jobs j left join recipes r on r.id = j.recipe_id
    where j.flow_run_id in (${sql.join([...runIds])}) order by j.id`.execute(tx);
  return rows;
}

interface Ending {
  readonly runId: number;
  readonly event: FlowRunEvent;
  readonly jobs: readonly RunJobRow[];
  readonly revisions: ReadonlyMap<number, number>;
}

async function endRun(tx: Tx, context: FlowRunEndContext, ending: Ending): Promise<void> {
  const { runId, event, revisions } = ending;
  if (!(await endFlowRun(tx, runId, event))) return;
  const { state, ...run } = await readEndedRun(tx, runId);
  const jobs = ending.jobs.map(toRunJob);
  const taskRevision = revisions.get(run.flow.id)!;
  await context.flowRunEnded?.(tx, { ...run, taskRevision, status: statusNames[state], jobs });
  context.db.announce(tx, { topic: flowRunsChanged, flowId: run.flow.id, ids: [runId] });
}

type RunItself = Omit<EndedFlowRun, 'taskRevision' | 'status' | 'jobs'> & { readonly state: FinalState };

async function readEndedRun(tx: Tx, runId: number): Promise<RunItself> {
  const row = await tx
    .selectFrom('flow_runs')
    .innerJoin('flows', 'flows.id', 'flow_runs.flow_id')
    .leftJoin('people', 'people.id', 'flow_runs.creator_id')
    .selectAll('flow_runs')
    .select(['flows.name as flow_name', 'people.name as person_name', 'people.email as person_email'])
    .where('flow_runs.id', '=', runId)
    .executeTakeFirstOrThrow();
  const { creator_id: personId } = row;
  return {
    id: runId,
    state: row.state as FinalState,
    flow: { id: row.flow_id, name: row.flow_name },
    ranFrom: row.ran_from,
    startedBy: row.started_by,
    person:
      personId === null ? null : { id: personId, name: row.person_name ?? '', email: row.person_email ?? '' },
    startedAt: row.created_at,
    finishedAt: row.finished_at!,
  };
}

function toRunJob(row: RunJobRow): FlowRunJob {
  if (!isFinal(row.state)) throw new Error(`job ${row.id} has not ended`);
  const { error_reason: reason } = row;
  return {
    id: row.id,
    recipe: row.recipe_id === null ? null : { id: row.recipe_id, name: row.recipe_name ?? '' },
    status: statusNames[row.state],
    rows: row.rows_written,
    bytes: row.bytes_written,
    hop: row.hop,
    error: reason === null ? null : { reason, message: row.error_message ?? '' },
  };
}
