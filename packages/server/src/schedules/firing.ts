// Firing a claimed schedule: its scheduled outputs run as a flow run, with the rights that the flow's owner has at that time.
import { Problem } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Database, Tx } from '../db/database.ts';
import type { FlowRoom } from '../flows/flow-room.ts';
import { lockFlow } from '../flows/flow-store.ts';
import type { PlannedJob } from '../flows/plan.ts';
import { insertFlowRun, planFlow, type FlowLaunchRequest } from '../jobs/flow-runs/flow-launch.ts';
import { judgeOverlap, planDue } from './due.ts';
import {
  endWaiting,
  insertOccurrence,
  type NewOccurrence,
  type OccurrenceReason,
} from './occurrence-store.ts';
import { findOwner } from './owner.ts';
import { postponeClaim, settleClaim, type ClaimEnd, type ClaimedSchedule } from './schedule-claim.ts';

export interface FiringContext {
  readonly db: Database;
  readonly room: FlowRoom;
  readonly log: Log;
}

/** The topic of announcements about schedules that have changed or fired. */
export const schedulesChanged = 'schedules.changed';

/** After a fault of our own it is tried again after this, until the time is as late as `giveUpMs`. */
const againMs = 10_000;
const giveUpMs = 600_000;
/** After a change that came between plan and launch, it is planned anew. */
const changedMs = 100;

/** One time of a schedule, and what the schedule holds once it is settled. */
interface Firing {
  readonly dueAt: number;
  /** True where it has waited for the run before, and is on record. */
  readonly waited: boolean;
  readonly passedOver: number;
  readonly after: ClaimEnd;
}

/** Fires or records one time of it; never throws. */
export async function fireSchedule(context: FiringContext, claimed: ClaimedSchedule): Promise<void> {
  try {
    await fire(context, claimed);
  } catch (error) {
    const { log, db } = context;
    // Something was deleted meanwhile: the flow, and the schedule with it, or a recipe, and the plan is another now.
    if (error instanceof Problem && error.code === 'not_found') return postpone(db, claimed, changedMs);
    log.error({ err: error, scheduleId: claimed.id }, 'schedule could not be fired');
    await (isLate(claimed) ? giveUp(context, claimed) : postpone(db, claimed, againMs)).catch(
      (again: unknown) =>
        log.error({ err: again, scheduleId: claimed.id }, 'schedule stays claimed until its lease runs out'),
    );
  }
}

async function fire(context: FiringContext, claimed: ClaimedSchedule): Promise<void> {
  const { waitingAt, nextAt, running } = claimed;
  if (waitingAt !== null && !running) {
    const after = { nextAt, waitingAt: null };
    return launch(context, claimed, { dueAt: waitingAt, waited: true, passedOver: 0, after });
  }
  const dueAt = nextAt!;
  const plan = planDue({ ...claimed, dueAt }, claimed.now);
  const after = { nextAt: plan.nextAt, waitingAt };
  const { passedOver } = plan;
  if (plan.fireAt === null) {
    const missed = { dueAt, state: 'missed', reason: 'missed', passedOver: passedOver - 1 } as const;
    return record(context, claimed, after, { ...missed, detail: null, flowRunId: null });
  }
  return fireAt(context, claimed, { dueAt: plan.fireAt, waited: false, passedOver, after });
}

async function fireAt(context: FiringContext, claimed: ClaimedSchedule, firing: Firing): Promise<void> {
  const { dueAt, passedOver, after } = firing;
  const none = { dueAt, passedOver, detail: null, flowRunId: null };
  switch (judgeOverlap(claimed.overlap, claimed.running, claimed.waitingAt !== null)) {
    case 'launch':
      return launch(context, claimed, firing);
    case 'wait':
      return record(
        context,
        claimed,
        { ...after, waitingAt: dueAt },
        { ...none, state: 'waiting', reason: null },
      );
    case 'skip':
      return record(context, claimed, after, { ...none, state: 'skipped', reason: 'still_running' });
    case 'already_waiting':
      return record(context, claimed, after, { ...none, state: 'skipped', reason: 'already_waiting' });
  }
}

/** Plans outside of the transaction; the run, its jobs, the record of the time and the next time stand or fall together. */
async function launch(context: FiringContext, claimed: ClaimedSchedule, firing: Firing): Promise<void> {
  const { db, room } = context;
  const owner = await findOwner(db.read, claimed.flowId);
  if (!owner.ok) return fail(context, claimed, firing, owner.reason, owner.detail);
  const request: FlowLaunchRequest = {
    caller: owner.caller,
    flowId: claimed.flowId,
    recipeIds: undefined,
    isAdhoc: false,
    ranFrom: 'schedule',
    startedBy: 'schedule',
    overrides: new Map(),
    parameters: claimed.parameters,
    referenceAt: firing.dueAt,
    delivery: null,
    hop: 0,
    scheduleId: claimed.id,
  };
  const planned = await planFlow(room, request).catch((error: unknown) => {
    if (error instanceof Problem && error.code !== 'internal') return error;
    throw error;
  });
  if (planned instanceof Problem) return fail(context, claimed, firing, 'not_launchable', planned.message);
  await db.transaction((tx) => launchIn(tx, context, claimed, { firing, request, planned }));
}

interface Launch {
  readonly firing: Firing;
  readonly request: FlowLaunchRequest;
  readonly planned: readonly PlannedJob[];
}

async function launchIn(
  tx: Tx,
  { db }: FiringContext,
  claimed: ClaimedSchedule,
  { firing, request, planned }: Launch,
): Promise<void> {
  // The flow's row first, as whoever deletes it does.
  await lockFlow(tx, claimed.flowId);
  if (!(await settleClaim(tx, db, claimed, firing.after))) return;
  if (await isOnRecord(tx, claimed, firing)) return;
  const { flowRunId } = await insertFlowRun(tx, db, request, planned);
  await writeOccurrence(tx, claimed, firing, {
    state: 'launched',
    reason: null,
    detail: null,
    flowRunId,
  });
  announce(tx, db, claimed);
}

/** A time that has fired fires never again. */
async function isOnRecord(tx: Tx, { id }: ClaimedSchedule, { dueAt, waited }: Firing): Promise<boolean> {
  const row = await tx
    .selectFrom('schedule_occurrences')
    .select('state')
    .where('schedule_id', '=', id)
    .where('due_at', '=', dueAt)
    .executeTakeFirst();
  return row !== undefined && !(waited && row.state === 'waiting');
}

type Result = Pick<NewOccurrence, 'state' | 'reason' | 'detail' | 'flowRunId'>;

async function writeOccurrence(
  tx: Tx,
  { id }: ClaimedSchedule,
  { dueAt, waited, passedOver }: Firing,
  result: Result,
): Promise<void> {
  if (waited) await endWaiting(tx, id, { dueAt, ...result });
  else await insertOccurrence(tx, id, { dueAt, passedOver, ...result });
}

async function record(
  { db }: FiringContext,
  claimed: ClaimedSchedule,
  after: ClaimEnd,
  occurrence: NewOccurrence,
): Promise<void> {
  await db.transaction(async (tx) => {
    if (!(await settleClaim(tx, db, claimed, after))) return;
    await insertOccurrence(tx, claimed.id, occurrence);
    announce(tx, db, claimed);
  });
}

/** It can't be launched, and won't be by itself: the schedule is disabled and says why. */
async function fail(
  { db, log }: FiringContext,
  claimed: ClaimedSchedule,
  firing: Firing,
  reason: OccurrenceReason,
  detail: string,
): Promise<void> {
  log.warn({ scheduleId: claimed.id, flowId: claimed.flowId, reason, detail }, 'schedule disabled');
  await db.transaction(async (tx) => {
    if (!(await settleClaim(tx, db, claimed, { ...firing.after, disabledReason: detail }))) return;
    await writeOccurrence(tx, claimed, firing, { state: 'failed', reason, detail, flowRunId: null });
    announce(tx, db, claimed);
  });
}

function isLate({ nextAt, waitingAt, now }: ClaimedSchedule): boolean {
  return now - (waitingAt ?? nextAt ?? now) > giveUpMs;
}

function postpone(db: Database, claimed: ClaimedSchedule, afterMs: number): Promise<void> {
  return db.transaction((tx) => postponeClaim(tx, db, claimed, afterMs));
}

/** The next times go on; this one is recorded as failed by our own fault. */
async function giveUp({ db }: FiringContext, claimed: ClaimedSchedule): Promise<void> {
  const { waitingAt, nextAt, running } = claimed;
  const waited = waitingAt !== null && !running;
  const dueAt = waited ? waitingAt : nextAt!;
  const after = waited
    ? { nextAt, waitingAt: null }
    : { nextAt: planDue({ ...claimed, dueAt }, claimed.now).nextAt, waitingAt };
  await db.transaction(async (tx) => {
    if (!(await settleClaim(tx, db, claimed, after))) return;
    const result = { state: 'failed', reason: 'internal', detail: null, flowRunId: null } as const;
    await writeOccurrence(tx, claimed, { dueAt, waited, passedOver: 0, after }, result);
    announce(tx, db, claimed);
  });
}

function announce(tx: Tx, db: Database, { id, flowId }: ClaimedSchedule): void {
  db.announce(tx, { topic: schedulesChanged, flowId, ids: [id] });
}
