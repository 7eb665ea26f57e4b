// Launching a recipe's output: planned, then put into the queue; an id of the caller's starts one job only.
import type { WriteSettingGiven } from '@flowhook/contract/write-setting';
import type { Database, Read, Tx } from '../db/database.ts';
import type { FlowRoom } from '../flows/flow-room.ts';
import { planJob, type PlannedJob } from '../flows/plan.ts';
import type { Caller } from '../people/caller.ts';
import { describeUnknown } from './flow-launch.ts';
import { launchJob, type Launched } from './job.ts';

export interface LaunchRequest {
  readonly caller: Caller;
  readonly recipeId: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly ranFrom: 'ui' | 'api' | 'schedule';
  readonly profiler: boolean | undefined;
  readonly writeSettings: readonly WriteSettingGiven[] | undefined;
  /** Where the caller wrote them, as `overrides.writesettings.data`. */
  readonly writeSettingsAt?: string | undefined;
  /** Keys that the caller gave and no parameter has. */
  readonly unknownKeys: readonly string[];
  /** The original's `x-execution-id`. */
  readonly executionId: string | null;
  /** The public id of the delivery that asks for it. */
  readonly delivery: string | null;
  readonly hop: number;
}

/** `existed`: the caller launched it before with the same execution or delivery id. */
export type LaunchAnswer = Launched & { readonly existed: boolean };

/** Plans and launches. A delivery starts one job of a caller, for ever. */
export async function launchRecipe(room: FlowRoom, request: LaunchRequest): Promise<LaunchAnswer> {
  const { db } = room;
  const { profiler, writeSettings, writeSettingsAt } = request;
  const overrides = { profiler, writeSettings, writeSettingsAt };
  const before = await findLaunched(db.read, request);
  if (before !== null) return before;
  const planned = await planJob(room, request.caller, {
    recipeId: request.recipeId,
    isAdhoc: true,
    overrides,
  });
  try {
    return await db.transaction(async (tx) => {
      const found = await findLaunched(tx, request);
      return found ?? { ...(await insert(tx, db, request, planned)), existed: false };
    });
  } catch (error) {
    // Two calls at the same moment: the unique index let one of them pass.
    const found = await findLaunched(db.read, request);
    if (found !== null) return found;
    throw error;
  }
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

function insert(tx: Tx, db: Database, request: LaunchRequest, planned: PlannedJob): Promise<Launched> {
  const { caller, name, description, ranFrom, executionId, delivery, hop } = request;
  return launchJob(tx, db, {
    flowId: planned.flowId,
    recipeId: planned.recipeId,
    outputId: planned.outputId,
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
    warnings: describeUnknown(request.unknownKeys),
    creatorId: caller.personId,
    heartbeatSeconds: null,
    startedAt: null,
  });
}
