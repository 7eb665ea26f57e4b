// One job: what ran, what came of it, what was told to whom. The tab stands in the address.
import { Button, Group, Tabs, Text } from '@mantine/core';
import { lazy, Suspense, useState, type ComponentType } from 'react';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { useFlowRights } from '../../api/flow-right.ts';
import { useChange, useEndpoint } from '../../api/query.ts';
import { usePerson } from '../../api/session-store.ts';
import { useChangeSearch, useGo, useIdParam, useSearchTexts } from '../../parts/page/address.ts';
import { Answer, Loading } from '../../parts/page/answer.tsx';
import { IconPlayerStop, IconRotateClockwise } from '../../parts/icon.ts';
import { notifyDone, notifyProblem } from '../../parts/page/notice.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { jobText } from '../../text/job.ts';
import { jobDetailText } from '../../text/job-detail.ts';
import type { Job } from './job-column.tsx';

const CancelDialog = lazy(() => import('./cancel-job-dialog.tsx'));

const tabs: Readonly<Record<string, ComponentType<{ job: Job }>>> = {
  overview: lazy(() => import('./job-overview.tsx')),
  outputs: lazy(() => import('./job-outputs.tsx')),
  profile: lazy(() => import('./job-profile.tsx')),
  graph: lazy(() => import('./job-graph.tsx')),
  webhooks: lazy(() => import('./job-webhooks.tsx')),
  chain: lazy(() => import('./job-chain.tsx')),
  logs: lazy(() => import('./job-logs.tsx')),
};

export default function JobPage() {
  const id = useIdParam();
  const job = useEndpoint(jobGroupEndpoints.get, {
    params: { id },
    query: { embed: 'flow,wrangledDataset,creator' },
  });
  const data = job.data;
  return (
    <PageFrame
      title={data?.name ?? jobText.numbered(id)}
      mark={
        data && (
          <Group gap="xs">
            {data.name !== null && (
              <Text size="sm" c="dimmed">
                {jobText.numbered(id)}
              </Text>
            )}
            <StateBadge state={data.status} />
          </Group>
        )
      }
      crumbs={[{ label: jobText.title, to: '/jobs' }]}
      actions={data && <Actions job={data} />}
      width="wide"
    >
      <Answer of={job}>{(found) => <JobTabs job={found} />}</Answer>
    </PageFrame>
  );
}

function JobTabs({ job }: { readonly job: Job }) {
  const { tab } = useSearchTexts();
  const changeSearch = useChangeSearch();
  const shown = tab !== undefined && Object.hasOwn(tabs, tab) ? tab : 'overview';
  return (
    <Tabs
      value={shown}
      keepMounted={false}
      onChange={(value) => changeSearch({ tab: value === 'overview' ? undefined : (value ?? undefined) })}
    >
      <Tabs.List aria-label={jobDetailText.tabList} mb="md">
        {Object.keys(tabs).map((name) => (
          <Tabs.Tab key={name} value={name}>
            {jobDetailText.tabs[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {Object.entries(tabs).map(([name, Content]) => (
        <Tabs.Panel key={name} value={name}>
          <Suspense fallback={<Loading />}>
            <Content job={job} />
          </Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Actions({ job }: { readonly job: Job }) {
  const { id, status, wrangledDataset, external } = job;
  const [canceling, setCanceling] = useState(false);
  const go = useGo();
  const run = useChange(jobGroupEndpoints.create, {
    onDone: (started) => {
      notifyDone(jobDetailText.startedAgain(started.id));
      go(`/jobs/${started.id}`);
    },
  });
  const rights = useFlowRights(job.flow.id);
  const isMine = job.creator?.id === usePerson().id;
  if (status === 'Created' || status === 'InProgress')
    return rights.change || (rights.run && isMine) ? (
      <>
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          onClick={() => setCanceling(true)}
        >
          {jobDetailText.cancel}
        </Button>
        <Suspense fallback={null}>
          {canceling && <CancelDialog id={id} onClose={() => setCanceling(false)} />}
        </Suspense>
      </>
    ) : null;
  if (!rights.run || external || wrangledDataset === null) return null;
  const body = { wrangledDataset: { id: wrangledDataset.id }, ranfrom: 'ui' as const };
  return (
    <Button
      variant="default"
      loading={run.isPending}
      leftSection={<IconRotateClockwise size={16} aria-hidden />}
      onClick={() => run.mutate({ body }, { onError: notifyProblem })}
    >
      {jobDetailText.again}
    </Button>
  );
}
