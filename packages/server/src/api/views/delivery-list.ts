// Which deliveries a query asks for, of those that the caller may see; lists, counts and exports ask alike.
import { deliveryNames } from '@flowhook/contract/webhook/webhook-delivery';
import { sql, type RawBuilder } from 'kysely';
import type { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import type { QueryOf } from '@flowhook/contract/endpoint';
import type { Caller } from '../../people/caller.ts';
import { visibleFlows } from '../../people/flow-access-store.ts';
import { planList, type ListPlan, type ListRules } from './list.ts';
import { isOneOf } from './row-list.ts';

export type DeliveryQuery = QueryOf<typeof webhookDeliveryEndpoints.list>;

/** The URL is not searched: it may be a credential. */
const rules: ListRules<typeof deliveryNames> = {
  sortable: {
    id: 'd.id',
    createdAt: 'd.created_at',
    updatedAt: 'd.updated_at',
    state: 'd.state',
    host: 'd.host',
    attemptCount: 'd.attempt_count',
  },
  filterable: { name: 't.name', host: 'd.host', deliveryId: 'd.public_id' },
  embeds: deliveryNames.embed,
  cursor: 'after',
};
const searched = Object.keys(rules.filterable).join(',');

export function planDeliveries(query: DeliveryQuery, caller: Caller): ListPlan {
  const plan = planList({ ...query, filterFields: query.filterFields ?? searched }, rules);
  const conditions = [plan.where, visibleFlows(caller, 'd.flow_id')];
  const add = <Value>(value: Value | undefined, condition: (value: Value) => RawBuilder<boolean>) => {
    if (value !== undefined) conditions.push(condition(value));
  };
  add(query.webhookFlowTaskId, (id) => sql<boolean>`d.task_id = ${id}`);
  add(query.jobGroupId, (id) => sql<boolean>`d.job_id = ${id}`);
  add(query.flowId, (id) => sql<boolean>`d.flow_id = ${id}`);
  add(query.state, readStates);
  add(query.held, (held) => sql<boolean>`d.held = ${held ? 1 : 0}`);
  add(
    query.heldReason,
    (reason) => sql<boolean>`d.held = 1 and d.held_for_crashes = ${reason === 'crashes' ? 1 : 0}`,
  );
  add(query.host, (host) => sql<boolean>`d.host = ${host}`);
  add(query.statusCode, (status) => sql<boolean>`d.last_status_code = ${status}`);
  conditions.push(isOneOf('d.last_reason', query.reason));
  add(query.after, (id) => sql<boolean>`d.id < ${id}`);
  add(query.from, (time) => sql<boolean>`d.created_at >= ${Date.parse(time)}`);
  add(query.to, (time) => sql<boolean>`d.created_at < ${Date.parse(time)}`);
  return { ...plan, where: sql<boolean>`${sql.join(conditions, sql` and `)}` };
}

const unhappy = new Set(['dead', 'canceled']);

function readStates(states: readonly string[]): RawBuilder<boolean> {
  const asked = isOneOf('d.state', states);
  // The words of the partial index: few are dead or canceled among many that were delivered.
  const indexed = sql`d.state in ('dead', 'canceled') and`;
  return states.length > 0 && states.every((state) => unhappy.has(state))
    ? sql<boolean>`${indexed} ${asked}`
    : asked;
}
