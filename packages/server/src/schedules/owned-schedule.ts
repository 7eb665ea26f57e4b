// The schedules of a flow, and those of all flows that a person owns.
import type { Read } from '../db/database.ts';

/** Times are epoch milliseconds. */
export interface OwnedSchedule {
  readonly id: number;
  readonly name: string | null;
  readonly flowId: number;
  readonly enabled: boolean;
  readonly nextAt: number | null;
}

export async function readSchedulesOfOwner(db: Read, personId: number): Promise<OwnedSchedule[]> {
  const rows = await db
    .selectFrom('schedules')
    .innerJoin('flows', 'flows.id', 'schedules.flow_id')
    .select([
      'schedules.id',
      'schedules.name',
      'schedules.flow_id as flowId',
      'schedules.enabled',
      'schedules.next_at as nextAt',
    ])
    .where('flows.owner_id', '=', personId)
    .where('flows.deleted_at', 'is', null)
    .where('schedules.deleted_at', 'is', null)
    .orderBy('schedules.id')
    .execute();
  return rows.map(({ enabled, ...row }) => ({ ...row, enabled: enabled === 1 }));
}

export async function readScheduleIdsOfFlow(db: Read, flowId: number): Promise<number[]> {
  const rows = await db
    .selectFrom('schedules')
    .select('id')
    .where('flow_id', '=', flowId)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}
