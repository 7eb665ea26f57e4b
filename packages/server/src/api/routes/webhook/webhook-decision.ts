// Decisions of webhook tasks, of whatever they were about.
import { sql, type RawBuilder } from 'kysely';
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { webhookDecisionEndpoints as endpoints } from '@flowhook/contract/webhook/webhook-decision';
import type { Database } from '../../../db/database.ts';
import type { Caller } from '../../../people/caller.ts';
import { visibleFlows } from '../../../people/flow-access-store.ts';
import {
  countDecisions,
  listDecisions,
  type DecisionListRow,
} from '../../../webhooks/events/decision-read.ts';
import { answerList, planList, refer, writeTime } from '../../views/list.ts';
import { implement, type Route } from '../../route.ts';
import { equals } from '../../views/row-list.ts';

const rules = { sortable: { id: 'd.event_id' }, filterable: { event: 'e.kind' }, embeds: [] };

export function webhookDecisionRoutes({ db }: { readonly db: Database }): Route[] {
  return [
    implement(endpoints.list, async ({ query, caller }) => {
      const plan = { ...planList(query, rules), where: planWhere(query, caller) };
      const rows = await listDecisions(db.aside, plan);
      const count = plan.includeCount ? await countDecisions(db.aside, plan.where) : 0;
      return answerList(rows.map(showDecision), plan, count);
    }),
  ];
}

function planWhere(query: QueryOf<typeof endpoints.list>, caller: Caller): RawBuilder<boolean> {
  const { event, fired, withoutJob, after, from, to } = query;
  const all = [
    visibleFlows(caller, 'e.flow_id'),
    equals('d.task_id', query.webhookFlowTaskId),
    equals('e.flow_id', query.flowId),
    equals('e.job_id', query.jobGroupId),
    equals('e.flow_run_id', query.flowRunId),
    event === undefined ? undefined : sql<boolean>`e.kind = ${event}`,
    fired === undefined ? undefined : sql<boolean>`d.fires = ${fired ? 1 : 0}`,
    withoutJob === true ? sql<boolean>`e.job_id is null` : undefined,
    after === undefined ? undefined : sql<boolean>`d.event_id < ${after}`,
    from === undefined ? undefined : sql<boolean>`e.created_at >= ${Date.parse(from)}`,
    to === undefined ? undefined : sql<boolean>`e.created_at < ${Date.parse(to)}`,
  ];
  return sql<boolean>`${sql.join(
    all.filter((each) => each !== undefined),
    sql` and `,
  )}`;
}

function showDecision(row: DecisionListRow): ReplyOf<typeof endpoints.list>['data'][number] {
  return {
    eventId: row.event_id,
    event: row.event_kind,
    at: writeTime(row.at),
    webhookFlowTask: { id: row.task_id, name: row.task_name },
    flow: { id: row.flow_id },
    jobGroup: refer(row.job_id),
    flowRun: refer(row.flow_run_id),
    fired: row.fires === 1,
    reason: row.detail,
    webhookDelivery: refer(row.delivery_id),
  };
}
