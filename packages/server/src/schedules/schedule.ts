// Making, changing, enabling and deleting schedules; whoever may edit the flow may edit its schedule.
import { invalidField, invalidFields, notFound, Problem, type FieldError } from '../base/error.ts';
import type { Database, Read, Tx } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import { readNow } from '../db/dialect.ts';
import { lockFlow, selectOne } from '../flows/flow-store.ts';
import type { Caller } from '../people/caller.ts';
import type { FlowRole } from '../people/flow-access.ts';
import { requireFlow } from '../people/flow-access-store.ts';
import { findTriggerFault, isTooFrequent, nextTime, shortestIntervalMs, type Trigger } from './cron.ts';
import { schedulesChanged } from './firing.ts';
import { skipWaiting } from './occurrence-move.ts';
import {
  insertSchedule,
  markScheduleDeleted,
  readSchedules,
  updateSchedule,
  type ScheduleContent,
  type ScheduleRow,
} from './schedule-store.ts';

/** Throws for triggers that can't be read, never come, or come too often. */
export function checkTriggers(triggers: readonly Trigger[], now: number): void {
  const errors: FieldError[] = [];
  for (const [index, trigger] of triggers.entries()) {
    const fault = findTriggerFault(trigger, now);
    if (fault === null) continue;
    const member = fault.field === 'expression' ? 'cron.expression' : 'timezone';
    errors.push({ field: `triggers[${index}].timeBased.${member}`, detail: fault.detail });
  }
  if (errors.length > 0) throw invalidFields(errors);
  if (isTooFrequent(triggers, now))
    throw invalidField(
      'triggers',
      `come more often than every ${shortestIntervalMs / 1000} s: let them lie at least so far apart.`,
    );
}

/** The schedule's row; throws `not_found` where the caller may not see its flow, `forbidden` where the role is too low. */
export async function requireSchedule(
  db: Read,
  caller: Caller,
  id: number,
  role: FlowRole,
): Promise<ScheduleRow> {
  const [row] = await readSchedules(db, selectOne('s.id', id));
  if (row === undefined || row.deleted_at !== null) throw notFound('schedule', id);
  try {
    await requireFlow(db, caller, row.flow_id, role);
  } catch (error) {
    // The schedule is what was asked for: its flow's number is not the caller's business.
    throw error instanceof Problem && error.code === 'not_found' ? notFound('schedule', id) : error;
  }
  return row;
}

export interface NewSchedule extends ScheduleContent {
  readonly flowId: number;
  readonly enabled: boolean;
}

/** Gives a flow its schedule; it has one, with as many triggers as are needed. */
export async function createSchedule(
  { db, keep }: { readonly db: Database } & Keeping,
  caller: Caller,
  schedule: NewSchedule,
): Promise<Kept<{ id: number }>> {
  const { flowId, triggers } = schedule;
  await requireFlow(db.read, caller, flowId, 'editor');
  const now = await readNow(db.read);
  checkTriggers(triggers, now);
  return db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await refuseSecond(tx, flowId);
    const nextAt = schedule.enabled ? nextTime(triggers, now) : null;
    const made = { flowId, personId: caller.personId, nextAt };
    const id = await insertSchedule(tx, made, schedule);
    announce(tx, db, flowId, id);
    return keep(tx, { id });
  });
}

async function refuseSecond(tx: Tx, flowId: number): Promise<void> {
  const other = await findScheduleOfFlow(tx, flowId);
  if (other === null) return;
  throw new Problem(
    'conflict',
    `The flow has a schedule already, ${other}: give that one more triggers, or delete it first.`,
    [{ field: 'tasks[0].runFlow.flowId', detail: 'has a schedule already.' }],
    { schedule: { id: other } },
  );
}

async function findScheduleOfFlow(tx: Read, flowId: number): Promise<number | null> {
  const row = await tx
    .selectFrom('schedules')
    .select('id')
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? null;
}

async function readOne({ read }: Database, id: number): Promise<ScheduleRow> {
  return (await readSchedules(read, selectOne('s.id', id)))[0]!;
}

/** Puts another content in the schedule's place; the times count from now on. */
export async function replaceSchedule(
  db: Database,
  caller: Caller,
  id: number,
  schedule: NewSchedule,
): Promise<ScheduleRow> {
  const { flow_id: flowId } = await requireSchedule(db.read, caller, id, 'editor');
  if (schedule.flowId !== flowId)
    throw invalidField('tasks[0].runFlow.flowId', `is the flow of the schedule, ${flowId}, and stays so.`);
  const now = await readNow(db.read);
  checkTriggers(schedule.triggers, now);
  const nextAt = schedule.enabled ? nextTime(schedule.triggers, now) : null;
  await change(db, id, flowId, (tx) => putContent(tx, id, caller.personId, { ...schedule, nextAt }));
  return readOne(db, id);
}

type Timed = ScheduleContent & { readonly enabled: boolean; readonly nextAt: number | null };

async function putContent(tx: Tx, id: number, personId: number, content: Timed): Promise<void> {
  const { enabled, nextAt } = content;
  if (!enabled) await skipWaiting(tx, id, 'disabled');
  await updateSchedule(tx, id, personId, { content, enabled, disabledReason: null, nextAt });
}

/** Makes, replaces or (null) deletes the schedule of a flow, whose lock is held. */
export async function putScheduleOfFlow(
  tx: Tx,
  db: Database,
  { flowId, personId }: { readonly flowId: number; readonly personId: number },
  schedule: (ScheduleContent & { readonly enabled: boolean }) | null,
): Promise<void> {
  if (schedule === null) return removeScheduleOfFlow(tx, db, flowId, personId);
  const now = await readNow(tx);
  checkTriggers(schedule.triggers, now);
  const nextAt = schedule.enabled ? nextTime(schedule.triggers, now) : null;
  const found = await findScheduleOfFlow(tx, flowId);
  const id = found ?? (await insertSchedule(tx, { flowId, personId, nextAt }, schedule));
  if (found !== null) await putContent(tx, id, personId, { ...schedule, nextAt });
  announce(tx, db, flowId, id);
}

/** Enables or disables it; what is so already stays as it is. */
export async function switchSchedule(
  db: Database,
  caller: Caller,
  id: number,
  enabled: boolean,
): Promise<ScheduleRow> {
  const row = await requireSchedule(db.read, caller, id, 'editor');
  if (row.enabled === enabled && row.disabled_reason === null) return row;
  const now = await readNow(db.read);
  if (enabled) checkTriggers(row.triggers, now);
  const nextAt = enabled ? nextTime(row.triggers, now) : null;
  await change(db, id, row.flow_id, async (tx) => {
    if (!enabled) await skipWaiting(tx, id, 'disabled');
    await updateSchedule(tx, id, caller.personId, { enabled, disabledReason: null, nextAt });
  });
  return readOne(db, id);
}

/** Deletes it; its history stays readable in its flow runs. */
export async function removeSchedule(db: Database, caller: Caller, id: number): Promise<void> {
  const { flow_id: flowId } = await requireSchedule(db.read, caller, id, 'editor');
  await change(db, id, flowId, (tx) => markScheduleDeleted(tx, id, caller.personId));
}

/** In the transaction that deletes a flow, which holds the lock on its row. */
export async function removeScheduleOfFlow(
  tx: Tx,
  db: Database,
  flowId: number,
  personId: number,
): Promise<void> {
  const id = await findScheduleOfFlow(tx, flowId);
  if (id === null) return;
  await markScheduleDeleted(tx, id, personId);
  announce(tx, db, flowId, id);
}

/** Under the lock of the flow; throws `not_found` where the schedule was deleted meanwhile. */
function change(db: Database, id: number, flowId: number, write: (tx: Tx) => Promise<void>): Promise<void> {
  return db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    if ((await findScheduleOfFlow(tx, flowId)) !== id) throw notFound('schedule', id);
    await write(tx);
    announce(tx, db, flowId, id);
  });
}

function announce(tx: Tx, db: Database, flowId: number, id: number): void {
  db.announce(tx, { topic: schedulesChanged, flowId, ids: [id] });
}
