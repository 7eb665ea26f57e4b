// Statistics: how deliveries and jobs are doing, of what the caller may see.
import { sql } from 'kysely';
import { statisticsEndpoints as endpoints } from '@flowhook/contract/webhook/statistics';
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import type { Database, Read } from '../../../db/database.ts';
import { countOpenJobs } from '../../../jobs/job-read.ts';
import type { Caller } from '../../../people/caller.ts';
import { requireFlow, visibleFlows } from '../../../people/flow-access-store.ts';
import {
  countStates,
  makePoints,
  maxCounted,
  readFailingReceivers,
  readOldestPending,
  readSeries,
  readTimeToReceive,
  sumPoints,
  type AttemptPoint,
  type FailingReceiver,
  type StatisticsScope,
} from '../../../webhooks/ledger/statistics.ts';
import { readRange, type AskedRange } from '../../../webhooks/ledger/statistics-range.ts';
import { hourMs, minuteMs } from '../../../webhooks/deliveries/tally.ts';
import { requireTaskPlace, type TaskContext } from '../../../webhooks/tasks/task-editing.ts';
import { writeTime, writeTimeOrNull } from '../../views/list.ts';
import { implement, type Route } from '../../route.ts';

export interface StatisticsRoutes {
  readonly db: Database;
  readonly tasks: TaskContext;
  now(): number;
}

type Query = QueryOf<typeof endpoints.get>;
type Statistics = ReplyOf<typeof endpoints.get>;

const day = { rangeMs: 24 * hourMs, stepMs: minuteMs };
const week = { rangeMs: 7 * 24 * hourMs, stepMs: 6 * hourMs };

export function statisticsRoutes({ db, tasks, now }: StatisticsRoutes): Route[] {
  return [
    implement(endpoints.get, async ({ query, caller }) => {
      const { flowId, webhookFlowTaskId: taskId } = query;
      if (flowId !== undefined)
        await requireFlow(db.read, caller, flowId, { role: 'viewer', includeDeleted: true });
      if (taskId !== undefined)
        await requireTaskPlace(tasks, caller, taskId, { role: 'viewer', includeDeleted: true });
      const range = readRange(toAsked(query), day, now());
      const conditions = [
        visibleFlows(caller, 'x.flow_id'),
        ...(flowId === undefined ? [] : [sql<boolean>`x.flow_id = ${flowId}`]),
        ...(taskId === undefined ? [] : [sql<boolean>`x.task_id = ${taskId}`]),
      ];
      const where = sql<boolean>`${sql.join(conditions, sql` and `)}`;
      return readStatistics(db.aside, { range, where }, caller, flowId);
    }),
    implement(endpoints.flow, async ({ params, query, caller }) => {
      await requireFlow(db.read, caller, params.id, 'viewer');
      const range = readRange(toAsked(query), week, now());
      const where = sql<boolean>`x.flow_id = ${params.id}`;
      const series = await readSeries(db.aside, { range, where }, true);
      const own = await db.read
        .selectFrom('webhook_tasks')
        .select(['id', 'name'])
        .where('flow_id', '=', params.id)
        .where('deleted_at', 'is', null)
        // Those that were given with a launch are of their job alone, however many they are.
        .where('bound_job_id', 'is', null)
        .orderBy('id')
        .execute();
      const data = own.map(({ id, name }) => {
        const points = series.get(id) ?? makePoints(range);
        return {
          webhookFlowTask: { id, name },
          attempts: sumPoints(points),
          series: points.map(showPoint),
        };
      });
      return { ...showRange(range), data };
    }),
  ];
}

function toAsked({ from, to, stepSeconds }: Pick<Query, 'from' | 'to' | 'stepSeconds'>): AskedRange {
  return {
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
    stepMs: stepSeconds === undefined ? undefined : stepSeconds * 1000,
  };
}

async function readStatistics(
  db: Read,
  scope: StatisticsScope,
  caller: Caller,
  flowId: number | undefined,
): Promise<Statistics> {
  const [series, timeToReceive, states, oldest, receivers, jobs] = await Promise.all([
    readSeries(db, scope),
    readTimeToReceive(db, scope),
    countStates(db, scope),
    readOldestPending(db, scope),
    readFailingReceivers(db, scope),
    countOpenJobs(db, jobsOf(caller, flowId), maxCounted),
  ]);
  const points = series.get(0) ?? makePoints(scope.range);
  const attempts = sumPoints(points);
  const ended = attempts.delivered + attempts.dead + attempts.blocked;
  return {
    ...showRange(scope.range),
    series: points.map(showPoint),
    attempts,
    successRate: ended === 0 ? null : attempts.delivered / ended,
    timeToReceive,
    deliveries: { max: maxCounted, ...states },
    oldestPendingAt: writeTimeOrNull(oldest),
    failingReceivers: receivers.map(showReceiver),
    jobs,
  };
}

function jobsOf(caller: Caller, flowId: number | undefined) {
  const own = flowId === undefined ? sql<boolean>`1 = 1` : sql<boolean>`j.flow_id = ${flowId}`;
  return sql<boolean>`${visibleFlows(caller, 'j.flow_id')} and ${own}`;
}

function showRange({ from, to, stepMs }: StatisticsScope['range']) {
  return { from: writeTime(from), to: writeTime(to), stepSeconds: stepMs / 1000 };
}

function showPoint({ at, ...counts }: AttemptPoint) {
  return { at: writeTime(at), ...counts };
}

function showReceiver({ host, attempts, failed, tasks }: FailingReceiver) {
  const affected = new Map(tasks.map((task) => [task.task_id, task]));
  return {
    host,
    attempts,
    failed,
    failureRate: failed / attempts,
    lastReason: tasks[0]!.reason,
    lastFailedAt: writeTime(tasks[0]!.last_at),
    webhookFlowTasks: [...affected.values()].map(({ task_id: id, task_name: name, flow_id }) => ({
      id,
      name,
      flow: { id: flow_id },
    })),
  };
}
