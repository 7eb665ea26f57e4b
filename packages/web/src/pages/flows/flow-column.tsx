// The columns of the list of flows.
import { Group, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { rightsOf } from '../../api/flow-role.ts';
import type { Person } from '../../api/session-store.ts';
import type { Column } from '../../parts/table/data-table.tsx';
import { Moment } from '../../parts/time/moment.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { flowText } from '../../text/flow.ts';
import { stateText } from '../../text/state.ts';
import type { Doing, ListedFlow } from './listed-flow.ts';

const FlowMenu = lazy(() => import('./flow-menu.tsx'));

export function flowColumns(person: Person, onDo: Doing): readonly Column<ListedFlow>[] {
  return [
    {
      key: 'name',
      title: flowText.name,
      sort: 'name',
      width: 'minmax(0, 2.2fr)',
      cell: (row) => <Name flow={row} />,
    },
    { key: 'owner', title: flowText.owner, cell: (row) => <Owner flow={row} person={person} /> },
    {
      key: 'lastJob',
      title: flowText.lastJob,
      width: 'minmax(0, 1.3fr)',
      cell: (row) => <LastJob flow={row} />,
    },
    {
      key: 'updatedAt',
      title: flowText.updated,
      sort: 'updatedAt',
      cell: ({ updatedAt }) => <Moment at={updatedAt} />,
    },
    {
      key: 'actions',
      title: flowText.actions,
      hideTitle: true,
      width: '2.5rem',
      cell: (row) => (
        <Suspense fallback={null}>
          <FlowMenu flow={row} rights={rightsOf(person, row.callerRole)} onDo={onDo} />
        </Suspense>
      ),
    },
  ];
}

function Name({ flow: { id, name, description } }: { readonly flow: ListedFlow }) {
  return (
    <>
      <PageLink to={`/flows/${id}`} fw={600}>
        {name}
      </PageLink>
      {description !== null && (
        <Text size="xs" c="dimmed" lineClamp={1}>
          {description}
        </Text>
      )}
    </>
  );
}

function Owner({ flow, person }: { readonly flow: ListedFlow; readonly person: Person }) {
  const owner = flow['owner'] as { id: number; name?: string } | undefined;
  return owner?.id === person.id ? flowText.me : (owner?.name ?? '');
}

function LastJob({ flow: { lastJobGroup: job } }: { readonly flow: ListedFlow }) {
  if (!job)
    return (
      <Text size="sm" c="dimmed">
        {flowText.noJob}
      </Text>
    );
  return (
    <Group gap={6}>
      <PageLink
        to={`/jobs/${job.id}`}
        size="sm"
        aria-label={flowText.jobOf(job.id, stateText[job.status] ?? job.status)}
      >
        <StateBadge state={job.status} />
      </PageLink>
      <Moment at={job.finishedAt ?? job.createdAt} />
    </Group>
  );
}
