// Firing claimed schedules: what is due of them is decided, planned and settled together, in one transaction.
import { maxCrashesInRow } from '../base/max-crashes.ts';
import { Problem } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Database, Tx } from '../db/database.ts';
import type { FlowRoom } from '../flows/flow-room.ts';
import { readPlanSources, type PlanSource } from '../flows/plan-source.ts';
import { planOutputs, toLaunch } from '../jobs/flow-runs/flow-launch.ts';
import { PlaceTaken } from '../flows/places/place-refusal.ts';
import {
  launchAll,
  lockLaunches,
  placeLaunches,
  type Launch,
  type PlacedLaunch,
} from '../jobs/launch-path.ts';
import { decideDue, type DueDecision } from './due.ts';
import { moveOccurrences, readOnRecord, type OccurrenceMove } from './occurrence-move.ts';
import { findOwners, type Owner } from './owner.ts';
import { postponeClaim, settleClaims, type ClaimedSchedule } from './schedule-claim.ts';
import { setAside, setAsideReason } from './suspect.ts';

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

/** What happens to one time of a claimed schedule. */
interface Firing extends DueDecision {
  readonly claimed: ClaimedSchedule;
  readonly detail: string | null;
  /** What is launched; null for every other event. */
  readonly launch: Launch | null;
  /** Given where it can't be launched, and won't be by itself: the schedule is disabled and says why. */
  readonly disabledReason?: string;
}

/**
 * Fires what is due of them, with the rights that each flow's owner has at that time; never throws. What fails together is
 * tried one by one, so that a fault is nobody else's. Returns the ids of those whose time is launched, now or before.
 */
export async function fireSchedules(
  context: FiringContext,
  claimed: readonly ClaimedSchedule[],
): Promise<ReadonlySet<number>> {
  if (claimed.length === 0) return new Set();
  try {
    return await fireTogether(context, claimed);
  } catch (error) {
    if (claimed.length === 1) return fault(context, claimed[0]!, error);
    context.log.warn({ err: error, count: claimed.length }, 'schedules could not be fired together');
    const each = await Promise.all(claimed.map((one) => fireSchedules(context, [one])));
    return new Set(each.flatMap((ids) => [...ids]));
  }
}

async function fireTogether(context: FiringContext, claimed: readonly ClaimedSchedule[]) {
  const aside = claimed.filter(({ crashes }) => crashes >= maxCrashesInRow).map(toSetAside);
  const sound = claimed.filter(({ crashes }) => crashes < maxCrashesInRow);
  const firings = [...aside, ...(await planFirings(context, sound))];
  return context.db.transaction((tx) => settleFirings(tx, context, firings));
}

function sayDisabled(log: Log, firings: readonly Firing[]): void {
  for (const { claimed, disabledReason: detail, reason } of firings)
    if (detail !== undefined)
      log.warn({ scheduleId: claimed.id, flowId: claimed.flowId, reason, detail }, 'schedule disabled');
}

/** Nothing of it is looked at any more: that may be what ends the process. */
function toSetAside(claimed: ClaimedSchedule): Firing {
  return { ...setAside(claimed), claimed, detail: null, launch: null, disabledReason: setAsideReason };
}

/** Plans outside of the transaction: what is to be launched is read for all of them at once. */
async function planFirings(
  { db, room }: FiringContext,
  claimed: readonly ClaimedSchedule[],
): Promise<Firing[]> {
  const decided = claimed.map((schedule) => ({ claimed: schedule, ...decideDue(schedule) }));
  const flowIds = decided.filter(({ event }) => event === 'launch').map((each) => each.claimed.flowId);
  if (flowIds.length === 0) return decided.map((each) => ({ ...each, detail: null, launch: null }));
  const ownerOf = await findOwners(db.read, flowIds);
  const sources = await readPlanSources(room.db.read, { flowIds }, false);
  const sourcesOf = Map.groupBy(sources, ({ flowId }) => flowId);
  return Promise.all(
    decided.map(async (each) =>
      each.event === 'launch'
        ? planLaunch(room, each, ownerOf(each.claimed.flowId), sourcesOf.get(each.claimed.flowId) ?? [])
        : { ...each, detail: null, launch: null },
    ),
  );
}

async function planLaunch(
  room: FlowRoom,
  decided: Omit<Firing, 'detail' | 'launch'>,
  owner: Owner,
  sources: readonly PlanSource[],
): Promise<Firing> {
  if (!owner.ok) return refuse(decided, owner.reason, owner.detail);
  const { flowId, parameters, id: scheduleId } = decided.claimed;
  const request = { isAdhoc: false, overrides: new Map(), parameters, recipeIds: undefined };
  try {
    const planned = await planOutputs(room, { ...request, referenceAt: decided.dueAt }, sources);
    const by = { caller: owner.caller, flowId, scheduleId, delivery: null, hop: 0 };
    const launch = toLaunch({ ...by, ranFrom: 'schedule', startedBy: 'schedule' }, planned);
    return { ...decided, detail: null, launch };
  } catch (error) {
    if (error instanceof Problem && error.code !== 'internal')
      return refuse(decided, 'not_launchable', error.message);
    throw error;
  }
}

/** What can't be launched, and won't be by itself. */
function refuse(
  decided: Omit<Firing, 'detail' | 'launch'>,
  reason: Firing['reason'],
  detail: string,
): Firing {
  return { ...decided, event: 'fail', reason, detail, launch: null, disabledReason: detail };
}

/**
 * The runs, their jobs, the record of the times and the next times stand or fall together. Nothing comes of a claim that was
 * lost; what was deleted since it was planned is planned anew.
 */
async function settleFirings(
  tx: Tx,
  { db, log }: FiringContext,
  firings: readonly Firing[],
): Promise<ReadonlySet<number>> {
  // The flows' rows first, as whoever deletes one does.
  const live = await withPlaces(tx, await withoutDeleted(tx, db, firings));
  db.afterCommit(tx, () => sayDisabled(log, live));
  const settled = await settleClaims(
    tx,
    db,
    live.map(({ claimed, after, disabledReason, reason }) => ({
      claimed,
      ...after,
      disabledReason,
      crashed: reason === 'crashes',
    })),
  );
  const mine = live.filter(({ claimed }) => settled.has(claimed.id));
  // A time that has fired fires never again.
  const onRecord = await readOnRecord(tx, mine.map(toMove));
  const fresh = mine.filter(({ claimed }) => !onRecord.has(claimed.id));
  const launches = fresh.filter(({ launch }) => launch !== null);
  const launched = await launchAll(
    tx,
    db,
    launches.map(({ launch }) => launch as PlacedLaunch),
  );
  const runOf = new Map(launches.map(({ claimed }, index) => [claimed.id, launched[index]!.flowRunId]));
  await moveOccurrences(
    tx,
    fresh.map((firing) => ({ ...toMove(firing), flowRunId: runOf.get(firing.claimed.id) ?? null })),
  );
  for (const { claimed } of mine)
    db.announce(tx, { topic: schedulesChanged, flowId: claimed.flowId, ids: [claimed.id] });
  return new Set(mine.filter(({ event }) => event === 'launch').map(({ claimed }) => claimed.id));
}

async function withoutDeleted(tx: Tx, db: Database, firings: readonly Firing[]): Promise<Firing[]> {
  const launches = firings.filter(({ launch }) => launch !== null);
  const refusals = await lockLaunches(
    tx,
    launches.map(({ launch }) => launch!),
  );
  const refused = new Set(launches.filter((_, index) => refusals[index] !== null));
  for (const { claimed } of refused) await postponeClaim(tx, db, claimed, changedMs);
  return firings.filter((firing) => !refused.has(firing));
}

/** With the places that they write to; what would write where another flow does can't be launched. */
async function withPlaces(tx: Tx, firings: readonly Firing[]): Promise<Firing[]> {
  const launches = firings.filter(({ launch }) => launch !== null);
  const placed = await placeLaunches(
    tx,
    launches.map(({ launch }) => launch!),
  );
  const answerOf = new Map(launches.map((firing, index) => [firing, placed[index]!]));
  return firings.map((firing) => {
    const answer = answerOf.get(firing);
    if (answer === undefined) return firing;
    return answer instanceof PlaceTaken
      ? refuse(firing, 'not_launchable', answer.message)
      : { ...firing, launch: answer };
  });
}

function toMove({ claimed, dueAt, event, reason, detail, passedOver }: Firing): OccurrenceMove {
  return { scheduleId: claimed.id, dueAt, event, reason, detail, passedOver, flowRunId: null };
}

/** It is tried again, or where that has lasted too long, recorded as failed by our own fault: the next times go on. */
async function fault(
  context: FiringContext,
  claimed: ClaimedSchedule,
  error: unknown,
): Promise<ReadonlySet<number>> {
  const { db, log } = context;
  log.error({ err: error, scheduleId: claimed.id }, 'schedule could not be fired');
  const decided = decideDue(claimed);
  const failed: Firing = {
    ...decided,
    claimed,
    event: 'fail',
    reason: 'internal',
    detail: null,
    launch: null,
  };
  await db
    .transaction(async (tx) => {
      if (isLate(claimed)) await settleFirings(tx, context, [failed]);
      else await postponeClaim(tx, db, claimed, againMs);
    })
    .catch((again: unknown) =>
      log.error({ err: again, scheduleId: claimed.id }, 'schedule stays claimed until its lease runs out'),
    );
  return new Set();
}

/** Measured from the first time that could not be fired, not from the last one that was missed since. */
function isLate({ waitingAt, nextAt, now }: ClaimedSchedule): boolean {
  return now - (waitingAt ?? nextAt ?? now) > giveUpMs;
}
