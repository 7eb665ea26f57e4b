// Statistics of attempts and deliveries, read from tallies and partial indexes: never from all attempts.
import { sql, type RawBuilder } from 'kysely';
import type { Read } from '../../db/database.ts';
import type { StatisticsRange } from './statistics-range.ts';
import { findPercentile, sumLatencies, tallyResults, type TallyResult } from '../deliveries/tally.ts';

export type AttemptCounts = Readonly<Record<TallyResult, number>>;
export type AttemptPoint = AttemptCounts & { readonly at: number };

/** Which rows count: a condition on the columns `flow_id` and `task_id` of the table named `x`. */
export interface StatisticsScope {
  readonly range: StatisticsRange;
  readonly where: RawBuilder<boolean>;
}

/** Open deliveries and jobs are counted up to here: a backlog of millions must not hold up the page that shows it. */
export const maxCounted = 10_000;

/** The spans are named so that the index on (span, at) is used. */
function inRange({ range, where }: StatisticsScope): RawBuilder<boolean> {
  return sql<boolean>`x.span in (0, 60000, 600000, 3600000) and x.at >= ${range.from} and x.at < ${range.to} and ${where}`;
}

interface SlotRow {
  readonly task_id: number;
  readonly slot: number;
  readonly result: TallyResult;
  readonly count: number;
}

/** Every step of the range, by task where `byTask` is set; else all under 0. */
export async function readSeries(
  db: Read,
  scope: StatisticsScope,
  byTask = false,
): Promise<Map<number, AttemptPoint[]>> {
  const { from, stepMs } = scope.range;
  const task = byTask ? sql`x.task_id` : sql`0`;
  const slot = sql`(x.at - ${sql.lit(from)}) / ${sql.lit(stepMs)}`;
  const { rows } = await sql<SlotRow>`
    select ${task} as task_id, ${slot} as slot, x.result, cast(sum(x.count) as bigint) as count
    from attempt_tallies x where ${inRange(scope)} group by 1, 2, 3`.execute(db);
  const series = new Map<number, AttemptPoint[]>();
  for (const row of rows) {
    const points = series.get(row.task_id) ?? makePoints(scope.range);
    points[row.slot] = { ...points[row.slot]!, [row.result]: row.count };
    series.set(row.task_id, points);
  }
  return series;
}

/** A point for each step, with nothing in it. */
export function makePoints({ from, to, stepMs }: StatisticsRange): AttemptPoint[] {
  return Array.from({ length: Math.round((to - from) / stepMs) }, (_, index) => ({
    at: from + index * stepMs,
    ...sumPoints([]),
  }));
}

export function sumPoints(points: readonly AttemptCounts[]): AttemptCounts {
  const sum = (result: TallyResult) => points.reduce((total, point) => total + point[result], 0);
  return Object.fromEntries(tallyResults.map((result) => [result, sum(result)])) as unknown as AttemptCounts;
}

/** Milliseconds from event to received. */
export async function readTimeToReceive(db: Read, scope: StatisticsScope) {
  const { rows } = await sql<{ latencies: string }>`
    select x.latencies from attempt_tallies x where ${inRange(scope)} and x.result = 'delivered'`.execute(db);
  const counts = sumLatencies(rows.map(({ latencies }) => latencies));
  const count = [...counts.values()].reduce((sum, each) => sum + each, 0);
  return { count, p50Ms: findPercentile(counts, 0.5), p95Ms: findPercentile(counts, 0.95) };
}

export interface FailingTask {
  readonly host: string;
  readonly task_id: number;
  readonly task_name: string;
  readonly flow_id: number;
  readonly reason: string;
  readonly last_at: number;
}

export interface FailingReceiver {
  readonly host: string;
  readonly attempts: number;
  readonly failed: number;
  /** The newest first: one entry a task and reason. */
  readonly tasks: readonly FailingTask[];
}

const maxReceivers = 10;

/** The receivers with most failed attempts in the range, the worst first. */
export async function readFailingReceivers(db: Read, scope: StatisticsScope): Promise<FailingReceiver[]> {
  const failed = sql`sum(case when x.result = 'delivered' then 0 else x.count end)`;
  const { rows } = await sql<{ host: string; attempts: number; failed: number }>`
    select x.host, cast(sum(x.count) as bigint) as attempts, cast(${failed} as bigint) as failed from attempt_tallies x
    where ${inRange(scope)} group by x.host having ${failed} > 0 order by 3 desc, 1 limit ${sql.lit(maxReceivers)}`.execute(
    db,
  );
  if (rows.length === 0) return [];
  const hosts = rows.map(({ host }) => host);
  const tasks = await sql<FailingTask>`
    select x.host, x.task_id, t.name as task_name, x.flow_id, x.reason, max(x.at) as last_at
    from attempt_tallies x join webhook_tasks t on t.id = x.task_id
    where ${inRange(scope)} and x.result <> 'delivered' and x.host in (${sql.join(hosts)})
    group by x.host, x.task_id, t.name, x.flow_id, x.reason order by last_at desc, x.task_id`.execute(db);
  return rows.map((row) => ({ ...row, tasks: tasks.rows.filter(({ host }) => host === row.host) }));
}

/** How many deliveries wait, are held, are being sent, and have ended badly in the range; each up to `maxCounted`. */
export async function countStates(db: Read, scope: StatisticsScope) {
  const { range } = scope;
  const [pending, held, heldForCrashes, sending, dead, canceled] = await Promise.all([
    countUpTo(db, scope, sql`x.state = 'pending' and x.held = 0 and x.due_at is not null`),
    countUpTo(db, scope, sql`x.state = 'pending' and x.held = 1`),
    countUpTo(db, scope, sql`x.held_for_crashes = 1`),
    countUpTo(db, scope, sql`x.state = 'sending' and x.due_at is not null`),
    ...(['dead', 'canceled'] as const).map((state) =>
      countUpTo(
        db,
        scope,
        sql`x.state in ('dead', 'canceled') and x.state = ${state} and x.ended_at >= ${range.from} and x.ended_at < ${range.to}`,
      ),
    ),
  ]);
  return { pending, held, heldForCrashes, sending, dead: dead!, canceled: canceled! };
}

async function countUpTo(
  db: Read,
  { where }: StatisticsScope,
  condition: RawBuilder<unknown>,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (select 1 from deliveries x where ${condition} and ${where} limit ${sql.lit(maxCounted)}) counted`.execute(
    db,
  );
  return rows[0]!.count;
}

/** When the delivery that waits longest was made: the first of those that expire first. */
export async function readOldestPending(db: Read, { where }: StatisticsScope): Promise<number | null> {
  const { rows } = await sql<{ created_at: number }>`
    select x.created_at from deliveries x where x.state = 'pending' and ${where} order by x.expires_at limit 1`.execute(
    db,
  );
  return rows[0]?.created_at ?? null;
}
