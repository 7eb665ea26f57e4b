// How a task would have done over the events that are stored: what it would have fired for, and why not for the rest. It only reads.
import { invalidField } from '../../base/error.ts';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { requireFlow } from '../../people/flow-access-store.ts';
import { asDeadline } from '../events/deadline.ts';
import { decideTask, type EventToDecide, type TaskToDecide } from '../events/decision.ts';
import { recordedKinds, type RecordedKind } from '@flowhook/contract/webhook/event-kind';
import { readFacts, type Facts, type Named } from '../messages/fact.ts';
import { readSeries } from '../events/history.ts';
import { judgeBody } from './backtest-body.ts';
import { findMissed, type Firing } from './backtest-deadline.ts';
import { continueSeries, historyOf, noHistory } from '../events/series.ts';
import { requireTask, type TaskContext } from '../tasks/task-editing.ts';
import type { TaskDefinition } from '../tasks/task-rule.ts';
import { readDefinition, type TrialRequest } from './trial.ts';

export interface Backtest {
  readonly days: number;
  /** Events that were looked at. */
  readonly events: number;
  /** True where there were more than could be looked at: the newest were. */
  readonly truncated: boolean;
  readonly firings: readonly Firing[];
  readonly notFired: readonly {
    readonly reasonCode: string;
    readonly reason: string;
    readonly count: number;
  }[];
  /** Against what the saved task really did; null for one that is not saved. */
  readonly compared: { readonly both: number; readonly onlyNow: number; readonly onlyThen: number } | null;
}

export interface BacktestContext extends TaskContext {
  now(): number;
}

/** Events that are looked at, at most: some hundred milliseconds of work. */
const maxEvents = 5000;
const dayMs = 86_400_000;

interface EventRow {
  readonly id: number;
  readonly kind: RecordedKind;
  readonly job_id: number | null;
  readonly about_task_id: number | null;
  readonly series_key: string | null;
  readonly facts: string;
  readonly task_revision: number;
  readonly created_at: number;
}

/** The task is taken as if it had been there and enabled all the time. Editors of the flow may ask. */
export async function backtestTask(
  context: BacktestContext,
  caller: Caller,
  request: TrialRequest & { readonly days: number },
): Promise<Backtest> {
  const { read } = context.db;
  const flowId = await findFlow(context, caller, request);
  const task = await readDefinition(context, caller, request);
  const since = context.now() - request.days * dayMs;
  const rows = await readEvents(read, flowId, since);
  const events = rows.toReversed();
  const deadline = asDeadline(task.condition);
  const toDecide = await toTask(read, request.id ?? 0, task);
  const judged =
    deadline === null
      ? await judgeEvents(context, events, toDecide, task)
      : {
          firings: await findMissed(read, { flowId, since, now: context.now(), deadline, task }),
          notFired: new Map(),
        };
  const notFired = [...judged.notFired].map(([reasonCode, { reason, count }]) => ({
    reasonCode,
    reason,
    count,
  }));
  return {
    days: request.days,
    events: events.length,
    truncated: rows.length === maxEvents,
    firings: judged.firings,
    notFired: notFired.toSorted((one, other) => other.count - one.count),
    compared: request.id === undefined ? null : await compare(read, request.id, since, judged.firings),
  };
}

async function findFlow(
  context: BacktestContext,
  caller: Caller,
  { id, flowId }: TrialRequest,
): Promise<number> {
  if (id !== undefined) return (await requireTask(context, caller, id, 'editor')).flowId;
  if (flowId === undefined) throw invalidField('flowId', 'is needed, or the `id` of a saved task.');
  await requireFlow(context.db.read, caller, flowId, 'editor');
  return flowId;
}

function readEvents(db: Read, flowId: number, since: number): Promise<EventRow[]> {
  return db
    .selectFrom('events')
    .select(['id', 'kind', 'job_id', 'about_task_id', 'series_key', 'facts', 'task_revision', 'created_at'])
    .where('flow_id', '=', flowId)
    .where('created_at', '>=', since)
    .orderBy('id', 'desc')
    .limit(maxEvents)
    .execute();
}

async function toTask(db: Read, id: number, task: TaskDefinition): Promise<TaskToDecide> {
  const watchedRecipes: Named[] = await db
    .selectFrom('recipes')
    .select(['id', 'name'])
    .where('id', 'in', [0, ...task.recipeIds])
    .execute();
  const { triggerEvent, triggerObject, condition } = task;
  const lives = {
    bornRevision: 0,
    diedRevision: null,
    boundJobId: null,
    enabled: true,
    disabledReason: null,
  };
  return { id, ...lives, triggerEvent, triggerObject, watchedRecipes, condition };
}

type NotFired = Map<string, { reason: string; count: number }>;

async function judgeEvents(
  { db }: BacktestContext,
  events: readonly EventRow[],
  task: TaskToDecide,
  definition: TaskDefinition,
): Promise<{ firings: Firing[]; notFired: NotFired }> {
  const keys = events.flatMap(({ series_key }) => (series_key === null ? [] : [series_key]));
  const series = await readSeries(db.read, keys, events[0]?.id ?? null);
  const told = new Set<number>();
  const firings: Firing[] = [];
  const notFired: NotFired = new Map();
  for (const row of events) {
    const facts = readFacts(row.facts);
    if (row.kind === 'job.slow' && row.about_task_id === task.id) told.add(row.job_id!);
    const before = series.get(row.series_key ?? '') ?? noHistory;
    const history = historyOf(before, row.kind);
    const seen = { ...facts, history };
    const decision = decideTask(task, toEvent(row, seen, told.has(row.job_id ?? 0) ? [task.id] : []));
    if (decision.fires) firings.push(toFiring(row, decision.detail, judgeBody(definition, seen)));
    else count(notFired, decision.reason, decision.detail);
    const { job } = facts;
    if (row.series_key !== null && job !== null)
      series.set(
        row.series_key,
        continueSeries(before, row.kind, { ...job, finishedAt: job.finishedAt ?? '' }),
      );
  }
  return { firings, notFired };
}

function toEvent(row: EventRow, facts: Facts, toldTaskIds: readonly number[]): EventToDecide {
  const { job, history } = facts;
  const ofRun = facts.flowRun?.jobs.flatMap(({ recipe }) => (recipe === null ? [] : [recipe])) ?? [];
  return {
    kind: row.kind,
    taskRevision: row.task_revision,
    jobId: row.job_id,
    recipes: facts.recipe === null ? ofRun : [facts.recipe],
    aboutTaskId: row.about_task_id,
    setAside: false,
    silenced: false,
    switchedOn: true,
    measured:
      recordedKinds[row.kind].subject === 'jobEnd' && job !== null
        ? { job, history: history ?? noHistory, toldTaskIds }
        : null,
  };
}

function toFiring(row: EventRow, reason: string, bodyFault: string | null): Firing {
  return { jobId: row.job_id, event: row.kind, at: row.created_at, reason, bodyFault };
}

function count(notFired: NotFired, reasonCode: string, reason: string): void {
  const found = notFired.get(reasonCode);
  notFired.set(reasonCode, { reason: found?.reason ?? reason, count: (found?.count ?? 0) + 1 });
}

async function compare(
  db: Read,
  taskId: number,
  since: number,
  firings: readonly Firing[],
): Promise<Backtest['compared']> {
  const rows = await db
    .selectFrom('decisions')
    .innerJoin('events', 'events.id', 'decisions.event_id')
    .select(['events.kind', 'events.created_at', 'events.job_id'])
    .where('decisions.task_id', '=', taskId)
    .where('decisions.fires', '=', 1)
    .where('events.created_at', '>=', since)
    .orderBy('events.id', 'desc')
    .limit(maxEvents)
    .execute();
  const then = new Set(rows.map((row) => `${row.kind} ${row.job_id ?? row.created_at}`));
  const now = firings.map(({ event, jobId, at }) => `${event} ${jobId ?? at}`);
  const both = now.filter((each) => then.has(each)).length;
  return { both, onlyNow: now.length - both, onlyThen: then.size - both };
}
