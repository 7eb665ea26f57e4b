// Watches for jobs that run longer than a task allows: told while they still run. The job's start and the task are the timer.
import { sql } from 'kysely';
import { createWorkLoop, type WorkLoop } from '../base/work-loop.ts';
import type { Database, Tx } from '../db/database.ts';
import { readNow } from '../db/dialect.ts';
import { occurrenceKeys } from '../webhooks/messages/event-kind.ts';
import { recordEvents, type Occurrence } from '../webhooks/events/record.ts';
import { recordWatched } from '../webhooks/events/suspect.ts';
import type { FinishContext } from './finish.ts';
import { buildRunningFacts } from './job-facts.ts';
import { readWholeJobs, type WholeJobRow } from './job-read.ts';

const lookEveryMs = 1000;
const maxTogether = 100;

export interface SlowContext {
  readonly db: Database;
  readonly finish: FinishContext;
}

export function createSlowWatch(
  context: SlowContext,
  now: () => number,
  onError: (error: unknown) => void,
): WorkLoop {
  return createWorkLoop({
    round: async () => (await tellSlow(context)) > 0,
    pollMs: lookEveryMs,
    onError,
    now,
  });
}

interface Found {
  readonly job_id: number;
  readonly task_id: number;
  readonly flow_id: number;
}

/** Tells of every job that has run too long and was not told of; gives how many were told. */
export async function tellSlow(context: SlowContext): Promise<number> {
  const { db } = context;
  const found = await findSlow(db.read, null);
  let told = 0;
  for (const flowId of new Set(found.map(({ flow_id }) => flow_id)))
    told += await recordWatched<Found>(db, {
      key: `slow:${flowId}`,
      list: async () =>
        (await findSlow(db.read, flowId)).map((item) => ({
          key: `slow:${item.job_id}:${item.task_id}`,
          item,
        })),
      record: (tx, one, setAside) => tellOfFlow(tx, context, flowId, { one, setAside }),
    });
  return told;
}

/** The watched recipes are compared here, so that no event is made that its own task would not fire for. */
async function findSlow(db: Database['read'], flowId: number | null): Promise<Found[]> {
  const ofFlow = flowId === null ? sql`` : sql`and t.flow_id = ${flowId}`;
  const { rows } = await sql<Found>`
    select j.id as job_id, t.id as task_id, t.flow_id from webhook_tasks t
    join jobs j on j.flow_id = t.flow_id and j.state = 'running'
      and j.started_at < ${db.now} - t.slow_after_ms
    where t.slow_after_ms is not null and t.enabled = 1 and t.deleted_at is null and t.bound_job_id is null ${ofFlow}
      and (t.trigger_object = 'any' or exists (select 1 from webhook_task_recipes w
        where w.task_id = t.id and w.recipe_id = j.recipe_id))
      and not exists (select 1 from events e where e.occurrence_key = 'slow:' || j.id || ':' || t.id)
    order by j.id, t.id limit ${sql.lit(maxTogether)}`.execute(db);
  return rows;
}

/** Looked at again under the flow's lock, which the end of a job takes too: what has ended is not told of. */
async function tellOfFlow(
  tx: Tx,
  context: SlowContext,
  flowId: number,
  { one, setAside }: { readonly one: Found | null; readonly setAside: boolean },
): Promise<number> {
  const { rows } = await sql<{ task_revision: number }>`
    select task_revision from flows where id = ${flowId} and deleted_at is null ${tx.forNoKeyUpdate} ${tx.skipLocked}`.execute(
    tx,
  );
  const [flow] = rows;
  if (flow === undefined) return 0;
  const found = (await findSlow(tx, flowId)).filter(
    ({ job_id, task_id }) => one === null || (job_id === one.job_id && task_id === one.task_id),
  );
  const jobs = await readWholeJobs(
    tx,
    [...new Set(found.map(({ job_id }) => job_id))].map((id) => ({ id })),
  );
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const now = await readNow(tx);
  await recordEvents(
    tx,
    context.finish.record,
    found.map(({ job_id, task_id }) =>
      describeSlow(
        byId.get(job_id)!,
        { taskId: task_id, now, taskRevision: flow.task_revision, setAside },
        context.finish.baseUrl,
      ),
    ),
  );
  return found.length;
}

function describeSlow(
  row: WholeJobRow,
  {
    taskId,
    now,
    taskRevision,
    setAside,
  }: { taskId: number; now: number; taskRevision: number; setAside: boolean },
  baseUrl: string,
): Occurrence {
  return {
    kind: 'job.slow',
    occurrenceKey: occurrenceKeys.slow(row.id, taskId),
    flowId: row.flow_id,
    taskRevision,
    at: now,
    jobId: row.id,
    flowRunId: null,
    hop: row.hop,
    aboutTaskId: taskId,
    seriesKey: null,
    boundTaskCount: row.bound_task_count,
    setAside,
    silenced: row.skip_webhooks === 1,
    recipes: row.recipe_id === null ? [] : [{ id: row.recipe_id, name: row.recipe_name ?? '' }],
    facts: buildRunningFacts(row, now, baseUrl),
  };
}
