// The receivers with most failed attempts, and the webhook tasks that call them.
import { Stack, Text, Title } from '@mantine/core';
import { outcomeReasons } from '@flowhook/contract/webhook/exchange';
import { DataTable, type Column } from '../../parts/table/data-table.tsx';
import { formatNumber, formatShare } from '../../parts/time/format.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import type { TimeRange } from '../../parts/time/time-range.ts';
import { homeText } from '../../text/home.ts';
import { outcomeText } from '../../text/webhook/outcome.ts';
import type { Statistics } from './statistics.ts';

type Receiver = Statistics['failingReceivers'][number];

interface FailingReceiversProps {
  readonly receivers: readonly Receiver[];
  readonly range: TimeRange;
}

export default function FailingReceivers({ receivers, range }: FailingReceiversProps) {
  return (
    <Stack gap="xs" component="section" aria-label={homeText.failing}>
      <Title order={2} size="h4">
        {homeText.failing}
      </Title>
      {receivers.length === 0 ? (
        <Text size="sm" c="dimmed">
          {homeText.noFailing}
        </Text>
      ) : (
        <DataTable
          label={homeText.failing}
          columns={columnsOf(range)}
          rows={receivers}
          idOf={({ host }) => host}
        />
      )}
    </Stack>
  );
}

function columnsOf(range: TimeRange): readonly Column<Receiver>[] {
  return [
    {
      key: 'host',
      title: homeText.host,
      width: 'minmax(0, 1.4fr)',
      cell: ({ host }) => (
        <PageLink to="/deliveries" search={{ host, since: range }} fw={600}>
          {host || homeText.ownServer}
        </PageLink>
      ),
    },
    {
      key: 'failed',
      title: homeText.failed,
      cell: ({ failed, attempts, failureRate }) =>
        homeText.failedOf(formatNumber(failed), formatNumber(attempts), formatShare(failureRate)),
    },
    {
      key: 'reason',
      title: homeText.reason,
      cell: ({ host, lastReason }) => <LastReason host={host} reason={lastReason} range={range} />,
    },
    {
      key: 'lastFailed',
      title: homeText.lastFailed,
      cell: ({ lastFailedAt }) => <Moment at={lastFailedAt} />,
    },
    { key: 'tasks', title: homeText.tasks, width: 'minmax(0, 1.4fr)', cell: (row) => <Tasks {...row} /> },
  ];
}

interface LastReasonProps {
  readonly host: string;
  /** The reason of an outcome, or the status that was answered. */
  readonly reason: string;
  readonly range: TimeRange;
}

/** Leads to the deliveries whose last attempt failed so. */
function LastReason({ host, reason, range }: LastReasonProps) {
  const named = outcomeReasons.some((each) => each === reason);
  return (
    <PageLink to="/deliveries" search={{ host, since: range, [named ? 'reason' : 'status']: reason }}>
      {outcomeText[reason] ?? reason}
    </PageLink>
  );
}

function Tasks({ webhookFlowTasks }: Receiver) {
  return webhookFlowTasks.map(({ id, name, flow }) => (
    <div key={id}>
      <PageLink to={`/flows/${flow.id}`}>{name}</PageLink>
    </div>
  ));
}
