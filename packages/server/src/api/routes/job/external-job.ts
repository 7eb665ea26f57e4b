// External jobs: runs of something else, reported here.
import { sql } from 'kysely';
import { externalJobEndpoints as endpoints } from '@flowhook/contract/job/external-job';
import { Problem, notFound } from '../../../base/error.ts';
import type { Database } from '../../../db/database.ts';
import type { Keeping, Kept } from '../../../db/kept-answer.ts';
import type { ExternalJobs } from '../../../jobs/external/external-job.ts';
import { checkStartedAt } from '../../../jobs/job.ts';
import { readJobs } from '../../../jobs/job-read.ts';
import { launch } from '../../../jobs/launch-path.ts';
import type { FinalState } from '../../../jobs/job-state.ts';
import type { Caller } from '../../../people/caller.ts';
import { requireFlow } from '../../../people/flow-access-store.ts';
import { requireFlowOf } from '../../../flows/recipes/recipe.ts';
import { readStatus, showJob } from '../../views/job-view.ts';
import { readHeader } from '../../launch-header.ts';
import { implement, implementMaking, type Route } from '../../route.ts';

export interface ExternalJobRoutes {
  readonly db: Database;
  readonly external: ExternalJobs;
  now(): number;
}

export function externalJobRoutes({ db, external, now }: ExternalJobRoutes): Route[] {
  return [
    implementMaking(endpoints.create, {
      make: async ({ body, caller, request }, keep) => {
        const target = await findTarget(db, body.flowId, body.wrangledDatasetId);
        await requireTarget(db, caller, target);
        const startedAt = body.startedAt === undefined ? null : Date.parse(body.startedAt);
        checkStartedAt(startedAt, now());
        const executionId = readHeader(request.headers['x-execution-id']);
        const { name = null, heartbeatSeconds = null } = body;
        const start = { name, heartbeatSeconds, startedAt, executionId };
        return startOnce({ db, keep }, caller, target, start);
      },
      show: ({ id }) => readOne(db, id),
    }),
    implement(endpoints.change, async ({ params, body, caller }) => {
      const state = body.status === undefined ? null : (readStatus(body.status) as FinalState | 'running');
      const row = await external.report({
        caller,
        jobId: params.id,
        state,
        percent: body.percentComplete ?? null,
        facts: body.facts ?? null,
        errorMessage: body.errorMessage ?? null,
        logTail: body.logTail ?? null,
      });
      return showJob(row, []);
    }),
  ];
}

interface Target {
  readonly flowId: number;
  readonly recipeId: number | null;
}

async function findTarget(
  db: Database,
  flowId: number | undefined,
  recipeId: number | undefined,
): Promise<Target> {
  if (recipeId === undefined) return { flowId: flowId!, recipeId: null };
  const recipe = await db.read
    .selectFrom('recipes')
    .select('flow_id')
    .where('id', '=', recipeId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (recipe === undefined) throw notFound('recipe', recipeId);
  return { flowId: recipe.flow_id, recipeId };
}

/** Editors report. What is asked for by its recipe is missing as a recipe. */
async function requireTarget(db: Database, caller: Caller, { flowId, recipeId }: Target): Promise<void> {
  if (recipeId === null) return requireFlow(db.read, caller, flowId, 'editor');
  return requireFlowOf({ db }, caller, 'editor', { flowId, hidden: notFound('recipe', recipeId) });
}

interface Start {
  readonly name: string | null;
  readonly heartbeatSeconds: number | null;
  readonly startedAt: number | null;
  readonly executionId: string | null;
}

type StartContext = { readonly db: Database } & Keeping;

/** An execution id starts one job of a caller, for ever: a repeated call gives the job of the first. */
async function startOnce(
  context: StartContext,
  caller: Caller,
  target: Target,
  start: Start,
): Promise<Kept<{ id: number }>> {
  const { db, keep } = context;
  const before = await findStarted(db, caller, target, start);
  if (before !== null) return db.transaction((tx) => keep(tx, { id: before }));
  return startExternal(context, caller, target, start).catch(async (error: unknown) => {
    // Two calls at the same moment: the unique index let one of them pass.
    const found = await findStarted(db, caller, target, start);
    if (found !== null) return db.transaction((tx) => keep(tx, { id: found }));
    throw error;
  });
}

async function findStarted(
  { read }: Database,
  { personId }: Caller,
  { flowId }: Target,
  { executionId }: Start,
): Promise<number | null> {
  if (executionId === null) return null;
  const job = await read
    .selectFrom('jobs')
    .select(['id', 'kind', 'flow_id'])
    .where('creator_id', '=', personId)
    .where('execution_id', '=', executionId)
    .executeTakeFirst();
  if (job === undefined) return null;
  if (job.kind === 'external' && job.flow_id === flowId) return job.id;
  throw new Problem('conflict', 'This x-execution-id was used for another job: use a new one.');
}

async function startExternal(
  { db, keep }: StartContext,
  caller: Caller,
  target: Target,
  { name, heartbeatSeconds, startedAt, executionId }: Start,
): Promise<Kept<{ id: number }>> {
  const job = {
    ...target,
    outputId: null,
    name,
    description: null,
    kind: 'external',
    ranFrom: 'api',
    startedBy: 'external',
    startedByDelivery: null,
    hop: 0,
    executionId,
    plan: null,
    profiler: false,
    warnings: [],
    creatorId: caller.personId,
    heartbeatSeconds,
    startedAt,
  } as const;
  return db.transaction(async (tx) => {
    const { jobs } = await launch(tx, db, { flowRun: null, jobs: [job] });
    return keep(tx, { id: jobs[0]!.id });
  });
}

async function readOne(db: Database, id: number) {
  const selection = { where: sql<boolean>`j.id = ${id}`, orderBy: sql`j.id`, page: sql`` };
  const [row] = await readJobs(db.read, selection);
  return showJob(row!, []);
}
