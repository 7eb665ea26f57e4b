// Schedules: make, change, switch, and see what comes and what came of them.
import { sql } from 'kysely';
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import {
  scheduleEndpoints as endpoints,
  scheduleNames,
  occurrenceNames,
} from '@flowhook/contract/flow/schedule';
import type { Database } from '../../../db/database.ts';
import { readNow } from '../../../db/dialect.ts';
import type { Caller } from '../../../people/caller.ts';
import { visibleFlows } from '../../../people/flow-access-store.ts';
import { nextTimes, type Trigger } from '../../../schedules/cron.ts';
import { describeLocal } from '../../../schedules/local-time.ts';
import {
  countOccurrences,
  readLastOccurrences,
  readOccurrences,
  type OccurrenceRow,
} from '../../../schedules/occurrence-store.ts';
import {
  checkTriggers,
  createSchedule,
  removeSchedule,
  replaceSchedule,
  requireSchedule,
  switchSchedule,
} from '../../../schedules/schedule.ts';
import { countSchedules, readSchedules, type ScheduleRow } from '../../../schedules/schedule-store.ts';
import { showOccurrence, showSchedule } from '../../views/schedule-view.ts';
import {
  answerList,
  pickFields,
  planList,
  writeTime,
  type ListPlan,
  type ListRules,
} from '../../views/list.ts';
import { implement, implementMaking, type Route } from '../../route.ts';
import { answerRows, equals, narrowPlan } from '../../views/row-list.ts';

const rules: ListRules<typeof scheduleNames> = {
  sortable: {
    id: 's.id',
    name: 's.name',
    createdAt: 's.created_at',
    updatedAt: 's.updated_at',
    nextAt: 's.next_at',
  },
  filterable: { name: 'coalesce(s.name, f.name)', flowName: 'f.name' },
  embeds: scheduleNames.embed,
};
const occurrenceRules: ListRules<typeof occurrenceNames> = {
  sortable: { id: 'o.due_at', dueAt: 'o.due_at' },
  filterable: { detail: "coalesce(o.detail, '')" },
  embeds: occurrenceNames.embed,
};
const usualCount = 10;

export function scheduleRoutes({ db }: { readonly db: Database }): Route[] {
  const showOne = async (row: ScheduleRow, embed: ReadonlySet<string> = new Set()) =>
    (await showAll(db, [row], embed))[0]!;
  return [
    implement(endpoints.list, ({ query, caller }) =>
      answerRows(planSchedules(query, caller), {
        read: (plan) => readSchedules(db.read, plan),
        count: (where) => countSchedules(db.read, where),
        show: (rows, embed) => showAll(db, rows, embed),
      }),
    ),
    implementMaking(endpoints.create, {
      make: ({ body, caller }, keep) => createSchedule({ db, keep }, caller, body),
      show: async ({ id }, { caller }) => showOne(await requireSchedule(db.read, caller, id, 'viewer')),
    }),
    implement(endpoints.preview, async ({ body }) => {
      const now = await readNow(db.read);
      checkTriggers(body.triggers, now);
      return showTimes(body.triggers, now, body.count);
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { embed, fields } = planList(query, rules);
      const row = await requireSchedule(db.read, caller, params.id, 'viewer');
      return pickFields(await showOne(row, embed), fields);
    }),
    implement(endpoints.replace, async ({ params, body, caller, held }) =>
      showOne(await replaceSchedule(held({ db }).db, caller, params.id, body)),
    ),
    implement(endpoints.remove, ({ params, caller, held }) =>
      removeSchedule(held({ db }).db, caller, params.id),
    ),
    implement(endpoints.enable, async ({ params, caller }) =>
      showOne(await switchSchedule(db, caller, params.id, true)),
    ),
    implement(endpoints.disable, async ({ params, caller }) =>
      showOne(await switchSchedule(db, caller, params.id, false)),
    ),
    implement(endpoints.times, async ({ params, query, caller }) => {
      const { triggers } = await requireSchedule(db.read, caller, params.id, 'viewer');
      return showTimes(triggers, await readNow(db.read), query.count);
    }),
    implement(endpoints.occurrences, async ({ params, query, caller }) => {
      await requireSchedule(db.read, caller, params.id, 'viewer');
      const plan = planOccurrences(params.id, query);
      const items = (await readOccurrences(db.aside, plan)).map(showOccurrence);
      return answerList(items, plan, plan.includeCount ? await countOccurrences(db.aside, plan.where) : 0);
    }),
  ];
}

function planSchedules(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  return narrowPlan(planList(query, rules), 's', [
    visibleFlows(caller, 's.flow_id'),
    equals('s.flow_id', query.flowId),
    ...(query.stopped === true ? [sql<boolean>`s.enabled = 0 and s.disabled_reason is not null`] : []),
  ]);
}

function planOccurrences(scheduleId: number, query: QueryOf<typeof endpoints.occurrences>): ListPlan {
  const plan = planList(query, occurrenceRules);
  const conditions = [plan.where, sql<boolean>`o.schedule_id = ${scheduleId}`];
  if (query.state !== undefined) conditions.push(sql<boolean>`o.state = ${query.state}`);
  return { ...plan, where: sql<boolean>`${sql.join(conditions, sql` and `)}` };
}

async function showAll(
  { read }: Database,
  rows: readonly ScheduleRow[],
  embed: ReadonlySet<string>,
): Promise<ReplyOf<typeof endpoints.get>[]> {
  const last = await readLastOccurrences(
    read,
    rows.map(({ id }) => id),
  );
  const lastOf = (id: number): OccurrenceRow | undefined =>
    last.find(({ schedule_id }) => schedule_id === id);
  return rows.map((row) => showSchedule(row, lastOf(row.id) ?? null, embed));
}

function showTimes(
  triggers: readonly Trigger[],
  now: number,
  count = usualCount,
): ReplyOf<typeof endpoints.times> {
  const zones = [...new Set(triggers.map(({ timeZone }) => timeZone))];
  const times = nextTimes(triggers, now, count);
  return {
    data: times.map((at) => ({
      at: writeTime(at),
      local: zones.map((timezone) => ({ timezone, time: describeLocal(at, timezone) })),
    })),
  };
}
