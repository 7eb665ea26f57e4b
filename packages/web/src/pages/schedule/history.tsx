// What came of the earlier times of a schedule: ran, waits, was skipped, missed or failed, and why.
import { Text } from '@mantine/core';
import type { z } from 'zod';
import { scheduleEndpoints, type occurrence } from '@flowhook/contract/flow/schedule';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { DataTable, type Column } from '../../parts/table/data-table.tsx';
import { IconHistory } from '../../parts/icon.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { scheduleText } from '../../text/schedule.ts';

type Occurrence = z.output<typeof occurrence>;

const columns: readonly Column<Occurrence>[] = [
  { key: 'due', title: scheduleText.due, cell: ({ dueAt }) => <Moment at={dueAt} exact /> },
  { key: 'state', title: scheduleText.result, cell: ({ state }) => <StateBadge state={state} /> },
  {
    key: 'run',
    title: scheduleText.run,
    cell: ({ flowRun }) =>
      flowRun && <PageLink to={`/flow-runs/${flowRun.id}`}>{scheduleText.runOf(flowRun.id)}</PageLink>,
  },
  { key: 'why', title: scheduleText.why, width: 'minmax(0, 2fr)', cell: (row) => <Why of={row} /> },
];

export function History({ scheduleId }: { readonly scheduleId: number }) {
  const list = useEndpoint(scheduleEndpoints.occurrences, {
    params: { id: scheduleId },
    query: { limit: 50 },
  });
  return (
    <Answer
      of={list}
      isEmpty={({ data }) => data.length === 0}
      empty={{ icon: IconHistory, title: scheduleText.historyEmpty, detail: scheduleText.historyEmptyDetail }}
    >
      {({ data }) => (
        <DataTable label={scheduleText.history} columns={columns} rows={data} idOf={({ id }) => id} />
      )}
    </Answer>
  );
}

function Why({ of: { detail, passedOver } }: { readonly of: Occurrence }) {
  return (
    <>
      {detail}
      {passedOver > 0 && (
        <Text size="xs" c="dimmed">
          {scheduleText.passedOver(passedOver)}
        </Text>
      )}
    </>
  );
}
