// Pure: the filters of the list of deliveries, as its address has them and as the API takes them.
import type { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import type { InputOf } from '@flowhook/client/call-input';
import { readTimeRange, startOfRange } from '../../parts/time/time-range.ts';

export const filterNames = [
  'search',
  'state',
  'held',
  'flow',
  'task',
  'host',
  'status',
  'reason',
  'since',
  'from',
  'to',
] as const;
export type FilterName = (typeof filterNames)[number];
export type DeliveryFilter = Readonly<Partial<Record<FilterName, string>>>;
export type DeliveryQuery = NonNullable<InputOf<typeof webhookDeliveryEndpoints.list>['query']>;

export function readFilter(search: Readonly<Record<string, string | undefined>>): DeliveryFilter {
  const given = filterNames.map((name) => [name, search[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ''));
}

/** `openedAt` (epoch milliseconds) is what ranges such as the last hour end at. */
export function toQuery(filter: DeliveryFilter, openedAt: number): DeliveryQuery {
  const range = readTimeRange(filter.since);
  return {
    filter: filter.search,
    state: filter.state,
    held: filter.held,
    flowId: filter.flow,
    webhookFlowTaskId: filter.task,
    host: filter.host,
    statusCode: filter.status,
    reason: filter.reason,
    from: range === undefined ? filter.from : startOfRange(range, openedAt),
    to: range === undefined ? filter.to : undefined,
  };
}
