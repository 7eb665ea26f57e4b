// The columns of the job history.
import { Text } from '@mantine/core';
import type { z } from 'zod';
import type { jobGroup } from '@flowhook/contract/job/job-group';
import type { Column } from '../../parts/table/data-table.tsx';
import { formatDuration, formatNumber, formatShare } from '../../parts/time/format.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { useNow } from '../../parts/time/now.ts';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { jobText } from '../../text/job.ts';

export type Job = z.output<typeof jobGroup>;

/** The name of an embedded relation. */
export function nameOf(relation: { readonly id: number; readonly [key: string]: unknown } | null): string {
  return typeof relation?.['name'] === 'string' ? relation['name'] : '';
}

export const jobColumns: readonly Column<Job>[] = [
  {
    key: 'job',
    title: jobText.job,
    sort: 'id',
    width: 'minmax(0, 1.6fr)',
    cell: (job) => <Name job={job} />,
  },
  {
    key: 'flow',
    title: jobText.flow,
    width: 'minmax(0, 1.2fr)',
    cell: ({ flow }) => <PageLink to={`/flows/${flow.id}`}>{nameOf(flow)}</PageLink>,
  },
  { key: 'state', title: jobText.state, sort: 'status', width: '8.5rem', cell: (job) => <State job={job} /> },
  {
    key: 'started',
    title: jobText.started,
    sort: 'startedAt',
    width: 'minmax(0, 0.9fr)',
    cell: ({ startedAt }) => <Moment at={startedAt} none={jobText.never} />,
  },
  {
    key: 'duration',
    title: jobText.duration,
    width: 'minmax(0, 0.8fr)',
    cell: (job) => <Duration job={job} />,
  },
  {
    key: 'rows',
    title: jobText.rows,
    width: '6rem',
    align: 'end',
    cell: ({ rows }) => (rows === null ? '–' : formatNumber(rows)),
  },
  { key: 'person', title: jobText.person, width: 'minmax(0, 1fr)', cell: (job) => <Starter job={job} /> },
];

function Name({ job: { id, name, external } }: { readonly job: Job }) {
  return (
    <>
      <PageLink to={`/jobs/${id}`} fw={600}>
        {name ?? jobText.numbered(id)}
      </PageLink>
      <Text size="xs" c="dimmed">
        {jobText.numbered(id)}
        {external && ` · ${jobText.kinds['true']}`}
      </Text>
    </>
  );
}

function State({ job: { status, percentComplete } }: { readonly job: Job }) {
  return (
    <>
      <StateBadge state={status} />
      {status === 'InProgress' && (
        <Text size="xs" c="dimmed" component="span">
          {` ${formatShare(percentComplete / 100)}`}
        </Text>
      )}
    </>
  );
}

export function Duration({ job: { startedAt, finishedAt } }: { readonly job: Job }) {
  const now = useNow();
  if (startedAt === null) return '–';
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return formatDuration(Math.max(0, end - Date.parse(startedAt)));
}

function Starter({ job: { creator, startedBy } }: { readonly job: Job }) {
  return (
    <>
      {nameOf(creator) || jobText.nobody}
      {startedBy.kind !== 'person' && (
        <Text size="xs" c="dimmed">
          {jobText.starters[startedBy.kind]}
        </Text>
      )}
    </>
  );
}
