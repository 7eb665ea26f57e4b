// The rows of schedules: read, made, changed.
import { sql, type RawBuilder } from 'kysely';
import type { Read, Tx } from '../db/database.ts';
import { selectOne, stampColumns, type Selection, type StampedRow } from '../flows/flow-store.ts';
import { writeAudit, writeDifference } from '../workspace/audit-log.ts';
import type { Trigger } from './cron.ts';
import type { MissedChoice, OverlapChoice } from './due.ts';
import { skipWaiting } from './occurrence-move.ts';

/** A value for a parameter of the flow, as a launch takes it. */
export interface ScheduledValue {
  readonly key: string;
  readonly value?: unknown;
}

/** What a person says of a schedule. */
export interface ScheduleContent {
  readonly name: string | null;
  readonly triggers: readonly Trigger[];
  readonly missed: MissedChoice;
  readonly overlap: OverlapChoice;
  readonly parameters: readonly ScheduledValue[];
}

/** Times are epoch milliseconds. */
export interface ScheduleRow extends StampedRow, ScheduleContent {
  readonly id: number;
  readonly flow_id: number;
  readonly flow_name: string;
  readonly enabled: boolean;
  readonly disabled_reason: string | null;
  /** Null while it is disabled, or where no time comes any more. */
  readonly next_at: number | null;
  /** The time that waits for the run before to end. */
  readonly waiting_at: number | null;
}

type RawRow = Omit<ScheduleRow, 'triggers' | 'parameters' | 'enabled'> & {
  readonly triggers: string;
  readonly parameters: string;
  readonly enabled: number;
};

const from = sql.raw(`
  from schedules s join flows f on f.id = s.flow_id left join people p on p.id = s.creator_id`);

export async function readSchedules(db: Read, { where, orderBy, page }: Selection): Promise<ScheduleRow[]> {
  const { rows } = await sql<RawRow>`
    select s.id, s.flow_id, f.name as flow_name, s.name, s.triggers, s.missed, s.overlap, s.parameters, s.enabled,
      s.disabled_reason, s.next_at, s.waiting_at, ${stampColumns('s')}
    ${from} where ${where} order by ${orderBy} ${page}`.execute(db);
  return rows.map(({ triggers, parameters, enabled, ...row }) => ({
    ...row,
    triggers: JSON.parse(triggers) as Trigger[],
    parameters: JSON.parse(parameters) as ScheduledValue[],
    enabled: enabled === 1,
  }));
}

export async function countSchedules(db: Read, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from} where ${where}`.execute(db);
  return rows[0]!.count;
}

function toColumns({ name, triggers, missed, overlap, parameters }: ScheduleContent) {
  return {
    name,
    triggers: JSON.stringify(triggers),
    missed,
    overlap,
    parameters: JSON.stringify(parameters),
  };
}

/** `nextAt` null makes it disabled; `disabledReason` only then. */
export async function insertSchedule(
  tx: Tx,
  made: {
    readonly flowId: number;
    readonly personId: number;
    readonly nextAt: number | null;
    readonly disabledReason?: string;
  },
  content: ScheduleContent,
): Promise<number> {
  const now = tx.now;
  const { flowId, personId, nextAt, disabledReason = null } = made;
  const { id } = await tx
    .insertInto('schedules')
    .values({
      flow_id: flowId,
      ...toColumns(content),
      enabled: nextAt === null ? 0 : 1,
      disabled_reason: disabledReason,
      next_at: nextAt,
      creator_id: personId,
      updater_id: personId,
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const after = {
    flowId,
    ...toShown({ ...content, enabled: nextAt !== null, disabled_reason: disabledReason }),
  };
  await writeAudit(tx, { personId, action: 'create', objectKind, objectId: id, after });
  return id;
}

const objectKind = 'schedule';

/** What the audit log tells of a schedule. */
function toShown(
  of: ScheduleContent & Pick<ScheduleRow, 'enabled' | 'disabled_reason'>,
): Readonly<Record<string, unknown>> {
  const { name, triggers, missed, overlap, parameters, enabled, disabled_reason: disabledReason } = of;
  return { name, triggers, missed, overlap, parameters, enabled, disabledReason };
}

export interface ScheduleChange {
  readonly content?: ScheduleContent;
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly nextAt: number | null;
}

/** Writes a change; whoever has claimed the schedule has lost it. `personId` null: the server itself. */
export async function updateSchedule(
  tx: Tx,
  id: number,
  personId: number | null,
  change: ScheduleChange,
): Promise<void> {
  const { content, enabled, disabledReason } = change;
  const stored = (await readSchedules(tx, selectOne('s.id', id)))[0]!;
  const after = toShown({ ...stored, ...content, enabled, disabled_reason: disabledReason });
  await writeDifference(tx, {
    personId,
    action: 'change',
    objectKind,
    objectId: id,
    before: toShown(stored),
    after,
  });
  await writeRow(tx, id, personId, change);
}

async function writeRow(
  tx: Tx,
  id: number,
  personId: number | null,
  { content, enabled, disabledReason, nextAt }: ScheduleChange,
): Promise<void> {
  await tx
    .updateTable('schedules')
    .set({
      ...(content === undefined ? {} : toColumns(content)),
      enabled: enabled ? 1 : 0,
      disabled_reason: disabledReason,
      next_at: nextAt,
      ...(enabled ? {} : { waiting_at: null }),
      lease_node: null,
      lease_until: null,
      claim_count: sql`claim_count + 1`,
      crash_count: 0,
      ...(personId === null ? {} : { updater_id: personId }),
      updated_at: tx.now,
    })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .execute();
}

export async function markScheduleDeleted(tx: Tx, id: number, personId: number): Promise<void> {
  await skipWaiting(tx, id, 'deleted');
  const stored = (await readSchedules(tx, selectOne('s.id', id)))[0]!;
  await writeRow(tx, id, personId, { enabled: false, disabledReason: null, nextAt: null });
  await tx.updateTable('schedules').set({ deleted_at: tx.now }).where('id', '=', id).execute();
  await writeAudit(tx, { personId, action: 'remove', objectKind, objectId: id, before: toShown(stored) });
}
