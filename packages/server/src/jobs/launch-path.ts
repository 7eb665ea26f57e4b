// The one way in which jobs begin: any number of launches, each with one job or a flow run of several, in one transaction.
import { sql } from 'kysely';
import { notFound, type Problem } from '../base/error.ts';
import type { Database, Tx } from '../db/database.ts';
import { readNow } from '../db/dialect.ts';
import { insertMany } from '../db/rows.ts';
import type { Step } from '../engine/engine.ts';
import { jobsChanged } from './finish.ts';
import { flowRunsChanged } from './flow-runs/flow-run-end.ts';
import { beginFlowRuns, type NewFlowRun } from './flow-runs/flow-run-move.ts';
import { queueJobs } from './job-move.ts';
import type { NewJob } from './new-job.ts';
import { PlaceTaken } from '../flows/places/place-refusal.ts';
import { takePlaces } from './placing/place-taking.ts';
import { jobsQueued } from './runner.ts';

/** Jobs of one flow that begin together, or not at all. */
export interface Launch {
  readonly flowRun: NewFlowRun | null;
  readonly jobs: readonly NewJob[];
}

export interface LaunchedJob {
  readonly id: number;
  readonly stepIds: readonly number[];
}

export interface Launched {
  /** Null where there is none. */
  readonly flowRunId: number | null;
  readonly jobs: readonly LaunchedJob[];
}

/**
 * Launches, or throws `not_found` where the flow or a recipe was deleted since the caller was checked, and `PlaceTaken`
 * where another flow holds a place that a job would write to.
 */
export async function launch(tx: Tx, db: Database, one: Launch): Promise<Launched> {
  const [refusal] = await lockLaunches(tx, [one]);
  if (refusal !== null) throw refusal!;
  const [placed] = await placeLaunches(tx, [one]);
  if (placed instanceof PlaceTaken) throw placed;
  return (await launchAll(tx, db, [placed!]))[0]!;
}

declare const hasPlaces: unique symbol;

/** A launch whose jobs hold the places that they will write to. */
export type PlacedLaunch = Launch & { readonly [hasPlaces]: true };

/** Takes the places of all of them, under their flows' locks; gives each as it may be launched, or why it may not. */
export async function placeLaunches(
  tx: Tx,
  launches: readonly Launch[],
): Promise<(PlacedLaunch | PlaceTaken)[]> {
  const answers = await takePlaces(
    tx,
    launches.map(({ jobs }) => jobs),
  );
  return answers.map((jobs, index) =>
    jobs instanceof PlaceTaken ? jobs : ({ ...launches[index]!, jobs } as PlacedLaunch),
  );
}

/**
 * Takes the locks of the flows, which their deletion takes as well: no job comes into a flow that is gone. Returns for each
 * launch why it is refused; null where nothing stands in its way.
 */
export async function lockLaunches(tx: Tx, launches: readonly Launch[]): Promise<(Problem | null)[]> {
  const jobs = launches.flatMap((each) => each.jobs);
  const flows = await findLive(
    tx,
    'flows',
    jobs.map(({ flowId }) => flowId),
    true,
  );
  const recipes = await findLive(
    tx,
    'recipes',
    jobs.map(({ recipeId }) => recipeId),
    false,
  );
  const refuse = ({ flowId, recipeId }: NewJob): Problem | null => {
    const isThere = flows.has(flowId) && (recipeId === null || recipes.has(recipeId));
    if (isThere) return null;
    // What was asked for is missing: a flow's number is not the business of who asked for its recipe.
    return recipeId === null ? notFound('flow', flowId) : notFound('recipe', recipeId);
  };
  return launches.map((each) => each.jobs.map(refuse).find((refusal) => refusal !== null) ?? null);
}

/** In the order of their ids, so that two batches can't wait for each other. */
async function findLive(
  tx: Tx,
  table: 'flows' | 'recipes',
  asked: readonly (number | null)[],
  locks: boolean,
): Promise<ReadonlySet<number>> {
  const ids = [...new Set(asked)].filter((id) => id !== null);
  if (ids.length === 0) return new Set();
  const lock = locks ? tx.forUpdate : sql``;
  const { rows } = await sql<{ id: number }>`
    select id from ${sql.raw(table)} where id in (${sql.join(ids)}) and deleted_at is null order by id ${lock}`.execute(
    tx,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Launches all of them; the locks are held. */
export async function launchAll(
  tx: Tx,
  db: Database,
  launches: readonly PlacedLaunch[],
): Promise<Launched[]> {
  const runs = launches.map(({ flowRun }) => flowRun).filter((run) => run !== null);
  const runIds = await beginFlowRuns(tx, runs);
  const withRuns = launches.map((each) => ({
    flowRunId: each.flowRun === null ? null : runIds.shift()!,
    jobs: each.jobs,
  }));
  const jobs = withRuns.flatMap((each) => each.jobs.map((job) => ({ ...job, flowRunId: each.flowRunId })));
  const jobIds = await queueJobs(tx, jobs);
  const queued = jobs.map((job, index) => ({ ...job, id: jobIds[index]! }));
  const stepsOf = await insertSteps(tx, queued);
  announce(tx, db, queued);
  return withRuns.map(({ flowRunId, jobs: { length } }) => ({
    flowRunId,
    jobs: queued.splice(0, length).map(({ id }) => ({ id, stepIds: stepsOf.get(id) ?? [] })),
  }));
}

type Queued = NewJob & { readonly id: number };

const stepColumns = {
  job_id: 'bigint',
  position: 'bigint',
  kind: 'text',
  state: 'text',
  created_at: 'bigint',
  updated_at: 'bigint',
} as const;

/** An external job has none: who runs it knows. Returns the ids of each job's steps, in their order. */
async function insertSteps(tx: Tx, jobs: readonly Queued[]): Promise<Map<number, number[]>> {
  const at = await readNow(tx);
  const rows = jobs
    .filter(({ kind }) => kind === 'engine')
    .flatMap(({ id, profiler }) => {
      const kinds: Step[] = profiler ? ['wrangle', 'filewriter', 'profile'] : ['wrangle', 'filewriter'];
      const common = { job_id: id, state: 'queued', created_at: at, updated_at: at };
      return kinds.map((kind, position) => ({ ...common, position, kind }));
    });
  const made = await insertMany<typeof stepColumns, { id: number; job_id: number; position: number }>(tx, {
    table: 'job_steps',
    columns: stepColumns,
    rows,
    returning: ['id', 'job_id', 'position'],
  });
  const inOrder = made.sort((a, b) => a.position - b.position);
  const byJob = Map.groupBy(inOrder, ({ job_id }) => job_id);
  return new Map([...byJob].map(([jobId, steps]) => [jobId, steps.map(({ id }) => id)]));
}

function announce(tx: Tx, db: Database, jobs: readonly Queued[]): void {
  const topicOf = ({ kind }: Queued) => (kind === 'engine' ? jobsQueued : jobsChanged);
  for (const [flowId, own] of Map.groupBy(jobs, (job) => job.flowId)) {
    for (const [topic, together] of Map.groupBy(own, topicOf))
      db.announce(tx, { topic, flowId, ids: together.map(({ id }) => id) });
    const runIds = [...new Set(own.map(({ flowRunId }) => flowRunId ?? null))].filter((id) => id !== null);
    if (runIds.length > 0) db.announce(tx, { topic: flowRunsChanged, flowId, ids: runIds });
  }
}
