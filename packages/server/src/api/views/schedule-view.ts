// A schedule and its times as the API shows them: the original's form of triggers and tasks over our rows.
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { occurrenceReasons } from '../../schedules/occurrence-state.ts';
import type { OccurrenceRow } from '../../schedules/occurrence-store.ts';
import type { ScheduleRow } from '../../schedules/schedule-store.ts';
import { refer, writeTime, writeTimeOrNull } from './list.ts';

type Schedule = ReplyOf<typeof scheduleEndpoints.get>;
type Occurrence = ReplyOf<typeof scheduleEndpoints.occurrences>['data'][number];

export function showSchedule(
  row: ScheduleRow,
  last: OccurrenceRow | null,
  embed: ReadonlySet<string> = new Set(),
): Schedule {
  const { flow_id: flowId, creator_id: creator } = row;
  return {
    id: row.id,
    name: row.name,
    flow: embed.has('flow') ? { id: flowId, name: row.flow_name } : { id: flowId },
    triggers: row.triggers.map(({ expression, timeZone }) => ({
      timeBased: { cron: { expression }, timezone: timeZone },
    })),
    tasks: [{ runFlow: { flowId, runParameters: showParameters(row) } }],
    enabled: row.enabled,
    disableReason: row.disabled_reason,
    missed: row.missed,
    overlap: row.overlap,
    nextAt: writeTimeOrNull(row.next_at),
    waitingSince: writeTimeOrNull(row.waiting_at),
    lastOccurrence: last === null ? null : showOccurrence(last),
    creator:
      creator !== null && embed.has('creator')
        ? { id: creator, name: row.creator_name, email: row.creator_email }
        : refer(creator),
    updater: refer(row.updater_id),
    createdAt: writeTime(row.created_at),
    updatedAt: writeTime(row.updated_at),
  };
}

type Parameters = Schedule['tasks'][number]['runFlow']['runParameters'];

function showParameters({ parameters }: ScheduleRow): Parameters {
  const data = parameters.map(({ key, value }) => ({ key, value: (value ?? null) as null }));
  return { overrides: { data } };
}

export function showOccurrence(row: OccurrenceRow): Occurrence {
  return {
    id: row.id,
    dueAt: writeTime(row.due_at),
    state: row.state,
    reason: row.reason,
    detail: row.detail ?? (row.reason === null ? null : occurrenceReasons[row.reason]),
    passedOver: row.passed_over,
    flowRun: refer(row.flow_run_id),
    createdAt: writeTime(row.created_at),
    updatedAt: writeTime(row.updated_at),
  };
}
