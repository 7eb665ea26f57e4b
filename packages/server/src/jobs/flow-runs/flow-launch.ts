// Launching a flow: every output of one kind becomes a job, all of them in one transaction, as one flow run.
import type { WriteSettingGiven } from '@flowhook/contract/flow/write-setting';
import { Problem, invalidField } from '../../base/error.ts';
import type { Database, Read, Tx } from '../../db/database.ts';
import type { FlowRoom } from '../../flows/flow-room.ts';
import { lockFlow } from '../../flows/flow-store.ts';
import { readOutputsOfFlow } from '../../flows/output.ts';
import type { GivenValue } from '../../flows/parameter.ts';
import { planJob, type PlannedJob } from '../../flows/plan.ts';
import { readRecipesOfFlow } from '../../flows/recipes/recipe-store.ts';
import type { Caller } from '../../people/caller.ts';
import { requireFlow } from '../../people/flow-access-store.ts';
import { requireShortChain } from '../chain-length.ts';
import { flowRunsChanged } from './flow-run-end.ts';
import { chooseRecipes, type RecipeOverrides } from './flow-run-choice.ts';
import { launchJob, type Launched } from '../job.ts';

export interface FlowLaunchRequest {
  readonly caller: Caller;
  readonly flowId: number;
  /** The recipes whose outputs are run; undefined for all that have one of this kind. */
  readonly recipeIds: readonly number[] | undefined;
  readonly isAdhoc: boolean;
  readonly ranFrom: 'ui' | 'api' | 'schedule';
  readonly startedBy: 'person' | 'schedule' | 'webhook';
  /** By the recipes' names. */
  readonly overrides: ReadonlyMap<string, OutputOverrides>;
  /** Values for parameters of the flow. */
  readonly parameters: readonly GivenValue[];
  /** The time that the run is about, epoch milliseconds; now unless given. */
  readonly referenceAt?: number;
  /** The public id of the delivery that asks for it. */
  readonly delivery: string | null;
  readonly hop: number;
  /** The schedule that starts it, where one does. */
  readonly scheduleId?: number;
}

/** Instead of what the output itself says. */
export interface OutputOverrides extends RecipeOverrides {
  readonly profiler: boolean | undefined;
  readonly writeSettings: readonly WriteSettingGiven[] | undefined;
}

export interface FlowLaunched {
  readonly flowRunId: number;
  readonly jobs: readonly Launched[];
}

/** `existed`: the caller launched it before with the same delivery id. */
export type FlowLaunchAnswer = FlowLaunched & { readonly existed: boolean };

/** Plans and launches, all or nothing. A delivery starts one flow run of a caller, for ever. */
export async function launchFlow(room: FlowRoom, request: FlowLaunchRequest): Promise<FlowLaunchAnswer> {
  const { db } = room;
  requireShortChain(request.hop);
  const before = await findLaunched(db.read, request);
  if (before !== null) return before;
  const planned = await planFlow(room, request);
  try {
    return await db.transaction(async (tx) => {
      const found = await findLaunched(tx, request);
      return found ?? { ...(await insertFlowRun(tx, db, request, planned)), existed: false };
    });
  } catch (error) {
    // Two calls at the same moment: the unique index let one of them pass.
    const found = await findLaunched(db.read, request);
    if (found !== null) return found;
    throw error;
  }
}

/** Plans a job for each output; throws what stands in the way of one of them, naming its recipe. */
export async function planFlow(room: FlowRoom, request: FlowLaunchRequest): Promise<PlannedJob[]> {
  const { caller, flowId, isAdhoc, overrides, parameters, referenceAt } = request;
  await requireFlow(room.db.read, caller, flowId, 'viewer');
  const outputs = await readOutputsOfFlow(room, flowId);
  const chosen = chooseRecipes({
    recipes: await readRecipesOfFlow(room.db.read, flowId),
    withOutput: outputs.filter(({ is_adhoc }) => (is_adhoc === 1) === isAdhoc).map((each) => each.recipe_id),
    chosen: request.recipeIds,
    overrides,
  });
  if (!chosen.ok) throw invalidField(chosen.field, chosen.detail);
  if (chosen.recipes.length === 0) throw nothingToRun(isAdhoc);
  // One time for all of them: they belong to one run.
  const common = { isAdhoc, parameters, referenceAt: referenceAt ?? room.clock.now() };
  const planned: PlannedJob[] = [];
  for (const { id, name } of chosen.recipes)
    planned.push(
      await planJob(room, caller, { ...common, recipeId: id, overrides: overrides.get(name) ?? {} }).catch(
        (error: unknown) => {
          throw nameRecipe(error, name);
        },
      ),
    );
  return planned;
}

function nothingToRun(isAdhoc: boolean): Problem {
  const kind = isAdhoc ? 'ad hoc' : 'scheduled';
  return new Problem('conflict', `The flow has no ${kind} output to run: give one of its recipes an output.`);
}

function nameRecipe(error: unknown, name: string): unknown {
  if (!(error instanceof Problem)) return error;
  const { code, message, errors, more } = error;
  return new Problem(code, `Recipe ${name}: ${message}`, errors, { ...more });
}

/** Inserts the run and its jobs under the lock of the flow, which must not be deleted. */
export async function insertFlowRun(
  tx: Tx,
  db: Database,
  request: FlowLaunchRequest,
  planned: readonly PlannedJob[],
): Promise<FlowLaunched> {
  const { caller, flowId, ranFrom, startedBy, delivery } = request;
  await lockFlow(tx, flowId);
  const now = tx.now;
  const { id: flowRunId } = await tx
    .insertInto('flow_runs')
    .values({
      flow_id: flowId,
      schedule_id: request.scheduleId ?? null,
      ran_from: ranFrom,
      started_by: startedBy,
      started_by_delivery: delivery,
      state: 'running',
      creator_id: caller.personId,
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const jobs: Launched[] = [];
  for (const each of planned) jobs.push(await insertRunJob(tx, db, request, each, flowRunId));
  db.announce(tx, { topic: flowRunsChanged, flowId, ids: [flowRunId] });
  return { flowRunId, jobs };
}

function insertRunJob(
  tx: Tx,
  db: Database,
  request: FlowLaunchRequest,
  planned: PlannedJob,
  flowRunId: number,
): Promise<Launched> {
  const { caller, ranFrom, startedBy, hop } = request;
  const { flowId, recipeId, outputId, recipeName, plan, profiler } = planned;
  return launchJob(tx, db, {
    flowId,
    recipeId,
    outputId,
    name: recipeName,
    description: null,
    kind: 'engine',
    ranFrom,
    startedBy,
    // The run has it: a delivery starts one job or one flow run of a caller.
    startedByDelivery: null,
    hop,
    executionId: null,
    plan,
    profiler,
    warnings: planned.warnings,
    creatorId: caller.personId,
    flowRunId,
    heartbeatSeconds: null,
    startedAt: null,
  });
}

async function findLaunched(
  tx: Read,
  { caller, delivery }: FlowLaunchRequest,
): Promise<FlowLaunchAnswer | null> {
  if (delivery === null) return null;
  const run = await tx
    .selectFrom('flow_runs')
    .select('id')
    .where('creator_id', '=', caller.personId)
    .where('started_by_delivery', '=', delivery)
    .executeTakeFirst();
  if (run === undefined) return null;
  const steps = await tx
    .selectFrom('jobs')
    .innerJoin('job_steps', 'job_steps.job_id', 'jobs.id')
    .select(['jobs.id', 'job_steps.id as step_id'])
    .where('jobs.flow_run_id', '=', run.id)
    .orderBy('jobs.id')
    .orderBy('job_steps.position')
    .execute();
  const ids = [...new Set(steps.map(({ id }) => id))];
  const jobs = ids.map((id) => ({
    id,
    stepIds: steps.filter((step) => step.id === id).map(({ step_id }) => step_id),
  }));
  return { flowRunId: run.id, jobs, existed: true };
}
