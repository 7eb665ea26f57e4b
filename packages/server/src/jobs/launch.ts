// Launching a recipe's output: planned, then put into the queue; an id of the caller's starts one job only.
import type { WriteSettingGiven } from '@flowhook/contract/flow/write-setting';
import type { Read, Tx } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import type { FlowRoom } from '../flows/flow-room.ts';
import { PlaceTaken, tellPlace } from '../flows/places/place-refusal.ts';
import type { GivenValue } from '../flows/parameter.ts';
import { planJob, type PlannedJob } from '../flows/plan.ts';
import type { Caller } from '../people/caller.ts';
import { requireShortChain } from './chain-length.ts';
import { requireFlow } from '../people/flow-access-store.ts';
import type { TaskContext } from '../webhooks/tasks/task-editing.ts';
import { checkOverrides, insertOverrides } from '../webhooks/tasks/task-override.ts';
import type { TaskDefinition } from '../webhooks/tasks/task-rule.ts';
import { launch, type LaunchedJob } from './launch-path.ts';
import type { NewJob, RanFrom } from './new-job.ts';

export interface LaunchRequest {
  readonly caller: Caller;
  readonly recipeId: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly ranFrom: RanFrom;
  readonly profiler: boolean | undefined;
  /** Instead of the output's: only for editors of the flow. */
  readonly writeSettings: readonly WriteSettingGiven[] | undefined;
  /** Where the caller wrote them, as `overrides.writesettings.data`. */
  readonly writeSettingsAt?: string | undefined;
  /** Values for parameters of the flow. */
  readonly parameters: readonly GivenValue[];
  /** The original's `x-execution-id`. */
  readonly executionId: string | null;
  /** The public id of the delivery that asks for it. */
  readonly delivery: string | null;
  readonly hop: number;
  /** Webhook tasks for this job alone, and whether the flow's own are left out: only for editors of the flow. */
  readonly webhooks?: { readonly skipsOwn: boolean; readonly added: readonly TaskDefinition[] };
}

/** `existed`: the caller launched it before with the same execution or delivery id. */
export type LaunchAnswer = LaunchedJob & { readonly existed: boolean };

/** Plans and launches. A delivery starts one job of a caller, for ever. */
export async function launchRecipe(
  room: FlowRoom & Keeping,
  request: LaunchRequest,
  tasks: TaskContext,
): Promise<Kept<LaunchAnswer>> {
  const { db, keep } = room;
  requireShortChain(request.hop);
  const { profiler, writeSettings, writeSettingsAt } = request;
  const overrides = { profiler, writeSettings, writeSettingsAt };
  const before = await findLaunched(db.read, request);
  if (before !== null) return db.transaction((tx) => keep(tx, before));
  const planned = await planJob(room, request.caller, {
    recipeId: request.recipeId,
    isAdhoc: true,
    parameters: request.parameters,
    overrides,
  });
  await requireOverrides(tasks, request, planned.flowId);
  try {
    return await db.transaction(async (tx) => {
      const found = await findLaunched(tx, request);
      const launched = found ?? {
        ...(await insert(tx, { ...tasks, db }, request, planned)),
        existed: false,
      };
      return keep<LaunchAnswer>(tx, launched);
    });
  } catch (error) {
    // Two calls at the same moment: the unique index let one of them pass.
    const found = await findLaunched(db.read, request);
    if (found !== null) return db.transaction((tx) => keep(tx, found));
    if (!(error instanceof PlaceTaken)) throw error;
    const at = writeSettingsAt ?? 'writeSettings';
    throw await tellPlace(db.read, request.caller, error.barred, (index) => `${at}[${index}].path`);
  }
}

async function requireOverrides(
  tasks: TaskContext,
  { caller, webhooks, writeSettings }: LaunchRequest,
  flowId: number,
): Promise<void> {
  const asksWebhooks = webhooks !== undefined && (webhooks.skipsOwn || webhooks.added.length > 0);
  if (!asksWebhooks && writeSettings === undefined) return;
  await requireFlow(tasks.db.read, caller, flowId, 'editor');
  checkOverrides(tasks, webhooks?.added ?? []);
}

async function findLaunched(
  tx: Read,
  { caller, executionId, delivery }: LaunchRequest,
): Promise<LaunchAnswer | null> {
  if (executionId === null && delivery === null) return null;
  const job = await tx
    .selectFrom('jobs')
    .select('id')
    .where('creator_id', '=', caller.personId)
    .where(({ or, eb }) =>
      or([
        ...(executionId === null ? [] : [eb('execution_id', '=', executionId)]),
        ...(delivery === null ? [] : [eb('started_by_delivery', '=', delivery)]),
      ]),
    )
    .executeTakeFirst();
  if (job === undefined) return null;
  const steps = await tx
    .selectFrom('job_steps')
    .select('id')
    .where('job_id', '=', job.id)
    .orderBy('position')
    .execute();
  return { id: job.id, stepIds: steps.map(({ id }) => id), existed: true };
}

async function insert(
  tx: Tx,
  tasks: TaskContext,
  request: LaunchRequest,
  planned: PlannedJob,
): Promise<LaunchedJob> {
  const { caller, name, description, ranFrom, executionId, delivery, hop, webhooks } = request;
  const { flowId, recipeId, outputId } = planned;
  const added = webhooks?.added ?? [];
  const job: NewJob = {
    flowId,
    recipeId,
    outputId,
    name: name ?? planned.recipeName,
    description,
    kind: 'engine',
    ranFrom,
    startedBy: delivery === null ? 'person' : 'webhook',
    startedByDelivery: delivery,
    hop,
    executionId,
    plan: planned.plan,
    profiler: planned.profiler,
    warnings: planned.warnings,
    creatorId: caller.personId,
    heartbeatSeconds: null,
    startedAt: null,
    skipsTasks: webhooks?.skipsOwn ?? false,
    boundTaskCount: added.length,
  };
  const launched = (await launch(tx, tasks.db, { flowRun: null, jobs: [job] })).jobs[0]!;
  await insertOverrides(tx, tasks, added, { flowId, jobId: launched.id, personId: caller.personId });
  return launched;
}
