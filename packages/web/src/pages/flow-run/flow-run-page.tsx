// A flow run: how it does, and its jobs.
import { Button } from '@mantine/core';
import type { z } from 'zod';
import { flowRunEndpoints } from '@flowhook/contract/job/flow-run';
import type { jobGroup } from '@flowhook/contract/job/job-group';
import { useFlowRights } from '../../api/flow-right.ts';
import { useChange, useEndpoint } from '../../api/query.ts';
import { usePerson } from '../../api/session-store.ts';
import { useIdParam } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { DataTable, type Column } from '../../parts/table/data-table.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { Moment } from '../../parts/time/moment.tsx';
import { notifyDone, notifyProblem } from '../../parts/page/notice.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { flowText } from '../../text/flow.ts';
import { flowRunText } from '../../text/schedule.ts';

type Job = z.output<typeof jobGroup>;

const columns: readonly Column<Job>[] = [
  {
    key: 'job',
    title: flowRunText.job,
    width: 'minmax(0, 2fr)',
    cell: ({ id, name }) => <PageLink to={`/jobs/${id}`}>{name ?? String(id)}</PageLink>,
  },
  { key: 'state', title: flowRunText.state, cell: ({ status }) => <StateBadge state={status} /> },
  { key: 'rows', title: flowRunText.rows, align: 'end', cell: ({ rows }) => rows },
  {
    key: 'finished',
    title: flowRunText.finished,
    cell: ({ finishedAt }) => <Moment at={finishedAt} none={flowRunText.notYet} />,
  },
];

export default function FlowRunPage() {
  const id = useIdParam();
  const run = useEndpoint(flowRunEndpoints.get, { params: { id }, query: { embed: 'flow' } });
  const jobs = useEndpoint(flowRunEndpoints.jobGroups, { params: { id } });
  const rights = useFlowRights(run.data?.flow.id);
  const me = usePerson();
  const mayCancel = rights.change || (rights.run && run.data?.creator?.id === me.id);
  const open = run.data?.status === 'Created' || run.data?.status === 'InProgress';
  return (
    <PageFrame
      title={flowRunText.one(id)}
      mark={run.data && <StateBadge state={run.data.status} />}
      crumbs={[{ label: flowText.title, to: '/flows' }]}
      actions={mayCancel && open && <Cancel id={id} />}
    >
      <Answer of={run}>{(data) => <Facts run={data} />}</Answer>
      <Answer of={jobs}>
        {({ data }) => (
          <DataTable label={flowRunText.jobs} columns={columns} rows={data} idOf={(job) => job.id} />
        )}
      </Answer>
    </PageFrame>
  );
}

type Run = z.output<typeof flowRunEndpoints.get.reply>;

function Facts({ run }: { readonly run: Run }) {
  const { flow, startedBy, startedAt, finishedAt } = run;
  const facts = [
    {
      label: flowRunText.flow,
      value: (
        <PageLink to={`/flows/${flow.id}`}>
          {typeof flow['name'] === 'string' ? flow['name'] : flowText.oneTitle}
        </PageLink>
      ),
    },
    { label: flowRunText.by, value: flowRunText.starters[startedBy.kind] },
    { label: flowRunText.started, value: <Moment at={startedAt} /> },
    { label: flowRunText.finished, value: <Moment at={finishedAt} none={flowRunText.notYet} /> },
  ];
  return <FactList facts={facts} />;
}

function Cancel({ id }: { readonly id: number }) {
  const cancel = useChange(flowRunEndpoints.cancel, { onDone: () => notifyDone(flowRunText.canceled) });
  return (
    <Button
      variant="default"
      loading={cancel.isPending}
      onClick={() => cancel.mutate({ params: { id } }, { onError: notifyProblem })}
    >
      {flowRunText.cancel}
    </Button>
  );
}
