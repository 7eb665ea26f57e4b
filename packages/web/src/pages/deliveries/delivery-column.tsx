// The columns of the list of deliveries.
import { Text } from '@mantine/core';
import type { z } from 'zod';
import type { webhookDelivery } from '@flowhook/contract/webhook/webhook-delivery';
import { Countdown } from '../../parts/time/countdown.tsx';
import type { Column } from '../../parts/table/data-table.tsx';
import { formatNumber } from '../../parts/time/format.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { deliveryText } from '../../text/webhook/delivery.ts';
import { outcomeText } from '../../text/webhook/outcome.ts';
import { showEvent } from '../../text/event.ts';

export type Delivery = z.output<typeof webhookDelivery>;

export const deliveryColumns: readonly Column<Delivery>[] = [
  {
    key: 'task',
    title: deliveryText.task,
    width: 'minmax(0, 2.2fr)',
    cell: ({ id, webhookFlowTask, event }) => (
      <>
        <PageLink
          to={`/deliveries/${id}`}
          fw={600}
          aria-label={deliveryText.openOf(id, webhookFlowTask.name)}
        >
          {webhookFlowTask.name}
        </PageLink>
        <Text size="xs" c="dimmed">
          {deliveryText.numberAndEvent(id, showEvent(event))}
        </Text>
      </>
    ),
  },
  { key: 'state', title: deliveryText.state, width: '8rem', cell: (row) => <DeliveryState {...row} /> },
  {
    key: 'host',
    title: deliveryText.host,
    width: 'minmax(0, 1.3fr)',
    cell: ({ host }) => host || deliveryText.ownServer,
  },
  { key: 'flow', title: deliveryText.flow, cell: ({ flow }) => <FlowLink flow={flow} /> },
  {
    key: 'lastAnswer',
    title: deliveryText.lastAnswer,
    cell: tellLastAnswer,
  },
  {
    key: 'attempts',
    title: deliveryText.attempts,
    width: '5rem',
    cell: ({ attemptCount }) => formatNumber(attemptCount),
  },
  {
    key: 'made',
    title: deliveryText.time,
    width: '7rem',
    cell: ({ createdAt }) => <Moment at={createdAt} />,
  },
  { key: 'next', title: deliveryText.next, width: '8rem', cell: (row) => <NextAttempt {...row} /> },
];

export function DeliveryState({ state, held }: Pick<Delivery, 'state' | 'held'>) {
  return <StateBadge state={held ? 'held' : state} />;
}

export function FlowLink({ flow }: Pick<Delivery, 'flow'>) {
  const name = typeof flow['name'] === 'string' ? flow['name'] : deliveryText.flowOf(flow.id);
  return <PageLink to={`/flows/${flow.id}`}>{name}</PageLink>;
}

/** `503`, `Timed out`; nothing before the first attempt. */
export function tellLastAnswer({ lastReason, lastStatusCode }: Delivery): string {
  const told = [lastStatusCode, lastReason === null ? null : (outcomeText[lastReason] ?? lastReason)];
  const said = told.filter((each) => each !== null);
  return said.length === 0 ? deliveryText.noAnswer : said.join(', ');
}

/** When it goes on, or when it ended. */
export function NextAttempt({ state, heldReason, nextAttemptAt, endedAt }: Delivery) {
  if (heldReason !== null) return deliveryText.held[heldReason];
  if (state === 'sending') return deliveryText.sendingNow;
  if (nextAttemptAt !== null) return <Countdown to={nextAttemptAt} />;
  return (
    <Text size="sm" c="dimmed" component="span">
      {deliveryText.ended} <Moment at={endedAt} />
    </Text>
  );
}
