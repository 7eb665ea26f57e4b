// Watches deadlines: an output that was not refreshed by its time is an event, also where no job ran at all.
import { sql } from 'kysely';
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { Database, Tx } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';
import { judgeDeadline, skipMissed, type DeadlineCondition, type Watched } from './deadline.ts';
import { moveDeadline, readDue, readDueFlows, readWatchedSuccesses } from './deadline-store.ts';
import { occurrenceKeys } from '../messages/event-kind.ts';
import { factsVersion, type Facts, type Named } from '../messages/fact.ts';
import { recordEvents, type Occurrence, type RecordContext } from './record.ts';
import { recordWatched } from './suspect.ts';

export interface DeadlineContext {
  readonly db: Database;
  readonly record: RecordContext;
}

/** How late a deadline may be noticed. */
const lookEveryMs = 1000;
const flowsInRound = 50;

export function createDeadlineWatch(
  context: DeadlineContext,
  now: () => number,
  onError: (error: unknown) => void,
): WorkLoop {
  return createWorkLoop({
    round: async () => (await tellOverdue(context)) > 0,
    pollMs: lookEveryMs,
    onError,
    now,
  });
}

/** Judges every deadline that has come; gives how many. */
export async function tellOverdue(context: DeadlineContext): Promise<number> {
  const { db } = context;
  let judged = 0;
  for (const flowId of await readDueFlows(db.read, flowsInRound))
    judged += await recordWatched<number>(db, {
      key: `overdue:${flowId}`,
      list: async () =>
        (await readDue(db.read, flowId)).map(({ task_id: item }) => ({
          key: `overdue:${flowId}:${item}`,
          item,
        })),
      record: (tx, taskId, setAside) => judgeFlow(tx, context, flowId, { taskId, setAside }),
    });
  return judged;
}

interface Judging {
  /** Null for all that are due. */
  readonly taskId: number | null;
  readonly setAside: boolean;
}

/**
 * The event and the next due time stand or fall together, under the lock of the flow that finishing a job and changing a
 * task take too: a killed server leaves the deadline as it was, and of several nodes one finds it.
 */
async function judgeFlow(
  tx: Tx,
  { record }: DeadlineContext,
  flowId: number,
  { taskId: only, setAside }: Judging,
): Promise<number> {
  const flow = await lockFlowIfFree(tx, flowId);
  if (flow === null) return 0;
  const due = (await readDue(tx, flowId)).filter(({ task_id }) => only === null || task_id === only);
  const now = await readNow(tx);
  const occurrences: Occurrence[] = [];
  for (const row of due) {
    const { task_id: taskId } = row;
    const condition = JSON.parse(row.condition) as DeadlineCondition;
    const deadline = skipMissed(condition, { dueAt: row.due_at, windowStart: row.window_start }, now);
    const watchesSome = row.trigger_object === 'some';
    const watched = await readWatchedSuccesses(tx, { taskId, flowId, watchesSome, dueAt: deadline.dueAt });
    const { overdue, next } = judgeDeadline(condition, deadline, watched);
    if (overdue.length > 0)
      occurrences.push({ ...describeOverdue(flow, taskId, deadline.dueAt, overdue), setAside });
    await moveDeadline(tx, taskId, next);
  }
  await recordEvents(tx, record, occurrences);
  return due.length;
}

interface LockedFlow extends Named {
  readonly task_revision: number;
}

/** Null where the flow is gone, or another transaction works on it: then it is looked at again soon. */
async function lockFlowIfFree(tx: Tx, flowId: number): Promise<LockedFlow | null> {
  const { rows } = await sql<LockedFlow>`
    select id, name, task_revision from flows where id = ${flowId} and deleted_at is null ${tx.forNoKeyUpdate} ${tx.skipLocked}`.execute(
    tx,
  );
  return rows[0] ?? null;
}

function describeOverdue(
  flow: LockedFlow,
  taskId: number,
  dueAt: number,
  overdue: readonly Watched[],
): Omit<Occurrence, 'setAside'> {
  const recipes = overdue.flatMap(({ recipe }) => (recipe === null ? [] : [recipe]));
  return {
    kind: 'output.overdue',
    occurrenceKey: occurrenceKeys.overdue(taskId, dueAt),
    flowId: flow.id,
    taskRevision: flow.task_revision,
    at: dueAt,
    jobId: null,
    flowRunId: null,
    hop: 0,
    aboutTaskId: taskId,
    seriesKey: null,
    boundTaskCount: 0,
    silenced: false,
    recipes,
    facts: buildFacts(flow, dueAt, recipes, overdue),
  };
}

function buildFacts(
  flow: Named,
  dueAt: number,
  recipes: readonly Named[],
  overdue: readonly Watched[],
): Facts {
  const successes = overdue.map(({ lastSuccessAt }) => lastSuccessAt);
  const since = successes.includes(null) ? null : Math.min(...(successes as number[]));
  return {
    version: factsVersion,
    event: 'output.overdue',
    job: null,
    flow: { id: flow.id, name: flow.name },
    recipe: recipes[0] ?? null,
    output: null,
    person: null,
    files: [],
    error: null,
    links: { jobUrl: null, jobApiUrl: null },
    external: {},
    parameters: {},
    history: null,
    overdue: {
      since: since === null ? null : new Date(since).toISOString(),
      dueAt: new Date(dueAt).toISOString(),
      recipes,
    },
    flowRun: null,
  };
}
