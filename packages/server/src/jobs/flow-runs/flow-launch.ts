// Launching a flow: every output of one kind becomes a job, all of them in one transaction, as one flow run.
import type { WriteSettingGiven } from '@flowhook/contract/flow/write-setting';
import { Problem, invalidField } from '../../base/error.ts';
import type { Read } from '../../db/database.ts';
import type { Keeping, Kept } from '../../db/kept-answer.ts';
import type { FlowRoom } from '../../flows/flow-room.ts';
import type { GivenValue } from '../../flows/parameter.ts';
import { PlaceTaken, tellPlace } from '../../flows/places/place-refusal.ts';
import { planFrom, type PlannedJob } from '../../flows/plan.ts';
import { readPlanSources, type PlanSource } from '../../flows/plan-source.ts';
import type { Caller } from '../../people/caller.ts';
import { requireFlow } from '../../people/flow-access-store.ts';
import { requireShortChain } from '../chain-length.ts';
import { launch, type Launch, type LaunchedJob } from '../launch-path.ts';
import type { RanFrom, StarterKind } from '../new-job.ts';
import { chooseRecipes, type RecipeOverrides } from './flow-run-choice.ts';

export interface FlowLaunchRequest {
  readonly caller: Caller;
  readonly flowId: number;
  /** The recipes whose outputs are run; undefined for all that have one of this kind. */
  readonly recipeIds: readonly number[] | undefined;
  readonly isAdhoc: boolean;
  readonly ranFrom: RanFrom;
  readonly startedBy: Exclude<StarterKind, 'external'>;
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
  /** Only for editors of the flow. */
  readonly writeSettings: readonly WriteSettingGiven[] | undefined;
}

export interface FlowLaunched {
  readonly flowRunId: number;
  readonly jobs: readonly LaunchedJob[];
}

/** `existed`: the caller launched it before with the same delivery id. */
export type FlowLaunchAnswer = FlowLaunched & { readonly existed: boolean };

/** Plans and launches, all or nothing. A delivery starts one flow run of a caller, for ever. */
export async function launchFlow(
  room: FlowRoom & Keeping,
  request: FlowLaunchRequest,
): Promise<Kept<FlowLaunchAnswer>> {
  const { db, keep } = room;
  requireShortChain(request.hop);
  const before = await findLaunched(db.read, request);
  if (before !== null) return db.transaction((tx) => keep(tx, before));
  const planned = toLaunch(request, await planFlow(room, request));
  try {
    return await db.transaction(async (tx) => {
      const found = await findLaunched(tx, request);
      if (found !== null) return keep(tx, found);
      const { flowRunId, jobs } = await launch(tx, db, planned);
      return keep<FlowLaunchAnswer>(tx, { flowRunId: flowRunId!, jobs, existed: false });
    });
  } catch (error) {
    // Two calls at the same moment: the unique index let one of them pass.
    const found = await findLaunched(db.read, request);
    if (found !== null) return db.transaction((tx) => keep(tx, found));
    throw error instanceof PlaceTaken ? await tellOfRecipe(db.read, request.caller, error, planned) : error;
  }
}

/** The wishes of a launch are those of its jobs' files, one after the other. */
async function tellOfRecipe(
  db: Read,
  caller: Caller,
  { barred }: PlaceTaken,
  { jobs }: Launch,
): Promise<unknown> {
  const files = jobs.flatMap(({ name, plan }) => (plan?.files ?? []).map((_, index) => ({ name, index })));
  const { name, index } = files[barred.index]!;
  const problem = await tellPlace(db, caller, barred, () => `writeSettings[${index}].path`);
  return nameRecipe(problem, name ?? '');
}

async function planFlow(room: FlowRoom, request: FlowLaunchRequest): Promise<PlannedJob[]> {
  const { caller, flowId, isAdhoc, overrides } = request;
  const { read } = room.db;
  const choosesPlaces = [...overrides.values()].some(({ writeSettings }) => writeSettings !== undefined);
  await requireFlow(read, caller, flowId, choosesPlaces ? 'editor' : 'viewer');
  return planOutputs(room, request, await readPlanSources(read, { flowIds: [flowId] }, isAdhoc));
}

/**
 * Plans a job for each output that is asked for; throws what stands in the way of one of them, naming its recipe. The
 * sources are those of all the flow's recipes.
 */
export async function planOutputs(
  room: FlowRoom,
  { isAdhoc, overrides, parameters, referenceAt, recipeIds }: OutputsRequest,
  sources: readonly PlanSource[],
): Promise<PlannedJob[]> {
  const chosen = chooseRecipes({
    recipes: sources.map(({ recipeId: id, recipeName: name }) => ({ id, name })),
    withOutput: sources.filter(({ output }) => output !== undefined).map(({ recipeId }) => recipeId),
    chosen: recipeIds,
    overrides,
  });
  if (!chosen.ok) throw invalidField(chosen.field, chosen.detail);
  if (chosen.recipes.length === 0) throw nothingToRun(isAdhoc);
  // One time for all of them: they belong to one run.
  const common = { isAdhoc, parameters, referenceAt: referenceAt ?? room.clock.now() };
  const sourceOf = new Map(sources.map((source) => [source.recipeId, source]));
  const planned: PlannedJob[] = [];
  for (const { id, name } of chosen.recipes) {
    const given = { ...common, overrides: overrides.get(name) ?? {} };
    const plan = planFrom(room, given, sourceOf.get(id)!);
    planned.push(
      await plan.catch((error: unknown) => {
        throw nameRecipe(error, name);
      }),
    );
  }
  return planned;
}

export type OutputsRequest = Pick<
  FlowLaunchRequest,
  'isAdhoc' | 'overrides' | 'parameters' | 'referenceAt' | 'recipeIds'
>;

function nothingToRun(isAdhoc: boolean): Problem {
  const kind = isAdhoc ? 'ad hoc' : 'scheduled';
  return new Problem('conflict', `The flow has no ${kind} output to run: give one of its recipes an output.`);
}

function nameRecipe(error: unknown, name: string): unknown {
  if (!(error instanceof Problem)) return error;
  const { code, message, errors, more } = error;
  return new Problem(code, `Recipe ${name}: ${message}`, errors, { ...more });
}

/** A flow run of what was planned. */
export function toLaunch(
  { caller: { personId: creatorId }, flowId, ranFrom, startedBy, delivery, hop, scheduleId }: RunStarter,
  planned: readonly PlannedJob[],
): Launch {
  const flowRun = { flowId, scheduleId: scheduleId ?? null, ranFrom, startedBy, creatorId };
  return {
    flowRun: { ...flowRun, startedByDelivery: delivery },
    jobs: planned.map(({ recipeId, outputId, recipeName, plan, profiler, warnings }) => ({
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
      warnings,
      creatorId,
      heartbeatSeconds: null,
      startedAt: null,
    })),
  };
}

export type RunStarter = Pick<
  FlowLaunchRequest,
  'caller' | 'flowId' | 'ranFrom' | 'startedBy' | 'delivery' | 'hop' | 'scheduleId'
>;

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
