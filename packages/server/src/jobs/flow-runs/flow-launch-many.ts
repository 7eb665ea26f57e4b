// Launching the flows of many schedules together: a few statements for all of their runs, jobs and steps.
import type { Database, Tx } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';
import { insertMany } from '../../db/rows.ts';
import type { PlannedJob } from '../../flows/plan.ts';
import { flowRunsChanged } from './flow-run-end.ts';
import { insertStepsOf } from '../job-store.ts';
import { jobsQueued } from '../runner.ts';

export interface ScheduledRun {
  readonly scheduleId: number;
  readonly flowId: number;
  readonly personId: number;
  readonly planned: readonly PlannedJob[];
}

const runColumns = {
  flow_id: 'bigint',
  schedule_id: 'bigint',
  ran_from: 'text',
  started_by: 'text',
  state: 'text',
  creator_id: 'bigint',
  created_at: 'bigint',
  updated_at: 'bigint',
} as const;

const jobColumns = {
  flow_id: 'bigint',
  recipe_id: 'bigint',
  output_id: 'bigint',
  name: 'text',
  kind: 'text',
  ran_from: 'text',
  started_by: 'text',
  state: 'text',
  plan: 'text',
  profiler: 'bigint',
  warnings: 'text',
  flow_run_id: 'bigint',
  parameters: 'text',
  reference_at: 'bigint',
  creator_id: 'bigint',
  updater_id: 'bigint',
  created_at: 'bigint',
  updated_at: 'bigint',
} as const;

/** The locks of the flows are held, and their recipes are there. Gives the id of each schedule's flow run. */
export async function insertScheduledRuns(
  tx: Tx,
  db: Database,
  runs: readonly ScheduledRun[],
): Promise<Map<number, number>> {
  const at = await readNow(tx);
  const stamp = { created_at: at, updated_at: at };
  const started = { ran_from: 'schedule', started_by: 'schedule' } as const;
  const made = await insertMany<typeof runColumns, { id: number; schedule_id: number }>(tx, {
    table: 'flow_runs',
    columns: runColumns,
    rows: runs.map(({ scheduleId, flowId, personId }) => ({
      flow_id: flowId,
      schedule_id: scheduleId,
      ...started,
      state: 'running',
      creator_id: personId,
      ...stamp,
    })),
    returning: ['id', 'schedule_id'],
  });
  const runOf = new Map(made.map(({ id, schedule_id }) => [schedule_id, id]));
  const jobs = await insertMany<typeof jobColumns, { id: number; flow_id: number; profiler: number }>(tx, {
    table: 'jobs',
    columns: jobColumns,
    rows: runs.flatMap(({ scheduleId, personId, planned }) =>
      planned.map((job) => ({
        flow_id: job.flowId,
        recipe_id: job.recipeId,
        output_id: job.outputId,
        name: job.recipeName,
        kind: 'engine',
        ...started,
        state: 'queued',
        plan: JSON.stringify(job.plan),
        profiler: job.profiler ? 1 : 0,
        warnings: job.warnings.length === 0 ? null : JSON.stringify(job.warnings),
        flow_run_id: runOf.get(scheduleId)!,
        parameters: JSON.stringify(job.plan.parameters),
        reference_at: job.plan.referenceAt ?? null,
        creator_id: personId,
        updater_id: personId,
        ...stamp,
      })),
    ),
    returning: ['id', 'flow_id', 'profiler'],
  });
  await insertStepsOf(
    tx,
    jobs.map(({ id, profiler }) => ({ id, profiler: profiler === 1 })),
  );
  for (const { id, flow_id: flowId } of jobs) db.announce(tx, { topic: jobsQueued, flowId, ids: [id] });
  for (const { scheduleId, flowId } of runs)
    db.announce(tx, { topic: flowRunsChanged, flowId, ids: [runOf.get(scheduleId)!] });
  return runOf;
}
