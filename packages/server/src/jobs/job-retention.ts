// Retention of jobs and flow runs: what ended long ago goes with its folder, once nothing of its history is left.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Database, Tx } from '../db/database.ts';

export interface JobRetention {
  readonly db: Database;
  /** The folder that holds a folder for each job. */
  readonly jobsDir: string;
  /** Milliseconds that jobs and flow runs are kept. */
  keepMs(): number;
}

/** What came of schedules' times, as their room removes it. */
export interface OccurrenceRemoval {
  ofRuns(tx: Tx, flowRunIds: readonly number[]): Promise<void>;
  /** Returns how many went. */
  withoutRun(tx: Tx, before: number, max: number): Promise<number>;
}

type Step = (max: number) => Promise<void | null>;

/** Removes the jobs that ended before, some at a time. The folder goes first: a job without it goes the next time, a folder without its job never would. */
export function createJobRemoval({ db, jobsDir, keepMs }: JobRetention): (time: number) => Step {
  return (time) => {
    const before = time - keepMs();
    let after = { at: 0, id: 0 };
    return async (max) => {
      const seen = await readFinished(db, 'jobs', { before, after, max });
      const ids = seen.map(({ id }) => id);
      const old = await db.transaction((tx) => findRemovableJobs(tx, ids));
      for (const id of old) await rm(join(jobsDir, String(id)), { recursive: true, force: true });
      if (old.length > 0)
        await db.transaction(async (tx) => removeJobs(tx, await findRemovableJobs(tx, old)));
      if (seen.length < max) return null;
      after = seen.at(-1)!;
      return undefined;
    };
  };
}

/** Removes the flow runs that ended before and have no job left, and what came of schedules' times. */
export function createFlowRunRemoval(
  { db, keepMs }: Omit<JobRetention, 'jobsDir'>,
  occurrences: OccurrenceRemoval,
): (time: number) => Step {
  return (time) => {
    const before = time - keepMs();
    let after = { at: 0, id: 0 };
    return async (max) => {
      const seen = await readFinished(db, 'flow_runs', { before, after, max });
      const removed = await db.transaction(async (tx) => {
        await removeFlowRuns(
          tx,
          seen.map(({ id }) => id),
          occurrences,
        );
        return occurrences.withoutRun(tx, before, max);
      });
      if (seen.length < max && removed < max) return null;
      after = seen.at(-1) ?? after;
      return undefined;
    };
  };
}

interface Page {
  readonly before: number;
  readonly after: { readonly at: number; readonly id: number };
  readonly max: number;
}

async function readFinished(db: Database, table: 'jobs' | 'flow_runs', { before, after, max }: Page) {
  const { rows } = await sql<{ id: number; at: number }>`
    select id, finished_at as at from ${sql.table(table)}
    where finished_at is not null and finished_at < ${before} and (finished_at, id) > (${after.at}, ${after.id})
    order by finished_at, id limit ${max}`.execute(db.read);
  return rows;
}

/**
 * The last job of each output stays, and its last complete one: pages and deadlines ask for them. So does a job that
 * still has an event, or tasks of its own that have decided something.
 */
async function findRemovableJobs(tx: Tx, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return [];
  const newer = sql`n.flow_id = j.flow_id and n.recipe_id is not distinct from j.recipe_id and n.id > j.id`;
  const { rows } = await sql<{ id: number }>`
    select j.id from jobs j
    where j.id in (${sql.join([...ids])}) and j.finished_at is not null
      and exists (select 1 from jobs n where ${newer})
      and (j.state <> 'complete'
        or exists (select 1 from jobs n where ${newer} and n.state = 'complete'))
      and not exists (select 1 from events e where e.job_id = j.id)
      and not exists (select 1 from deliveries d where d.job_id = j.id)
      and not exists (select 1 from webhook_tasks t where t.bound_job_id = j.id and (
        exists (select 1 from decisions c where c.task_id = t.id)
        or exists (select 1 from deliveries d where d.task_id = t.id)
        or exists (select 1 from attempt_tallies a where a.task_id = t.id)))
    order by j.id ${tx.forUpdate}`.execute(tx);
  return rows.map(({ id }) => id);
}

async function removeJobs(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const list = sql.join([...ids]);
  const bound = sql`(select id from webhook_tasks where bound_job_id in (${list}))`;
  await sql`delete from webhook_task_recipes where task_id in ${bound}`.execute(tx);
  await sql`delete from webhook_deadlines where task_id in ${bound}`.execute(tx);
  await sql`delete from webhook_tasks where bound_job_id in (${list})`.execute(tx);
  for (const table of ['job_steps', 'job_files', 'job_profiles', 'job_rejects'])
    await sql`delete from ${sql.table(table)} where job_id in (${list})`.execute(tx);
  await sql`delete from jobs where id in (${list})`.execute(tx);
}

async function removeFlowRuns(tx: Tx, ids: readonly number[], occurrences: OccurrenceRemoval): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await sql<{ id: number }>`
    select r.id from flow_runs r where r.id in (${sql.join([...ids])})
      and not exists (select 1 from jobs j where j.flow_run_id = r.id)
      and not exists (select 1 from events e where e.flow_run_id = r.id)`.execute(tx);
  if (rows.length === 0) return;
  const going = rows.map(({ id }) => id);
  await occurrences.ofRuns(tx, going);
  await sql`delete from flow_runs where id in (${sql.join(going)})`.execute(tx);
}
