// When a flow runs by itself: the schedule, its next times, and what came of earlier ones.
import { Alert, Group, Stack, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { useRightsOn } from '../../api/flow-right.ts';
import { useEndpoint } from '../../api/query.ts';
import { useIdParam } from '../../parts/page/address.ts';
import { Answer, Loading } from '../../parts/page/answer.tsx';
import { IconClock } from '../../parts/icon.ts';
import { Message } from '../../parts/page/message.tsx';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { flowText } from '../../text/flow.ts';
import { scheduleText } from '../../text/schedule.ts';
import { History } from './history.tsx';
import type { Output } from '../flow/flow-part.ts';
import { listRuns } from './run-plan.ts';
import type { Run, Schedule } from './schedule-value.ts';

const ScheduleActions = lazy(() => import('./schedule-actions.tsx'));
const ScheduleForm = lazy(() => import('./schedule-form.tsx'));

export default function SchedulePage() {
  const flowId = useIdParam();
  const flow = useEndpoint(flowEndpoints.get, { params: { id: flowId } });
  const schedules = useEndpoint(scheduleEndpoints.list, { query: { flowId } });
  const graph = useEndpoint(flowEndpoints.flowNodes, { params: { id: flowId } });
  const outputs = useEndpoint(outputObjectEndpoints.list, { query: { flowId, noLimit: 'true' } });
  const mayChange = useRightsOn(flow.data).change;
  // In a list it has no version.
  const id = schedules.data?.data[0]?.id;
  const read = useEndpoint(scheduleEndpoints.get, { params: { id: id ?? 0 } }, { enabled: id !== undefined });
  const schedule = id === undefined ? undefined : read.data;
  const showContent = (flowName: string) => (
    <Answer of={graph}>
      {(nodes) => (
        <Answer of={outputs}>
          {({ data }) => (
            <Content
              key={schedule?.id}
              flowId={flowId}
              schedule={schedule}
              runs={listRuns(nodes, data, { flowName, isNew: schedule === undefined })}
              outputs={data}
              mayChange={mayChange}
            />
          )}
        </Answer>
      )}
    </Answer>
  );
  return (
    <PageFrame
      title={scheduleText.title}
      mark={schedule && <StateBadge state={schedule.enabled ? 'enabled' : 'disabled'} />}
      crumbs={[
        { label: flowText.title, to: '/flows' },
        { label: flow.data?.name ?? flowText.oneTitle, to: `/flows/${flowId}` },
      ]}
      actions={
        mayChange &&
        schedule && (
          <Suspense fallback={null}>
            <ScheduleActions schedule={schedule} />
          </Suspense>
        )
      }
    >
      <Answer of={flow}>
        {({ name }) => (
          <Answer of={schedules}>
            {() =>
              id === undefined ? showContent(name) : <Answer of={read}>{() => showContent(name)}</Answer>
            }
          </Answer>
        )}
      </Answer>
    </PageFrame>
  );
}

interface ContentProps {
  readonly flowId: number;
  readonly schedule: Schedule | undefined;
  readonly runs: readonly Run[];
  readonly outputs: readonly Output[];
  readonly mayChange: boolean;
}

function Content({ flowId, schedule, runs, outputs, mayChange }: ContentProps) {
  return (
    <Stack gap="xl">
      {schedule?.disableReason && (
        <Alert color="red" title={scheduleText.disabledBecause}>
          {schedule.disableReason}
        </Alert>
      )}
      {schedule === undefined && (
        <Message icon={IconClock} title={scheduleText.emptyTitle} detail={scheduleText.emptyDetail} />
      )}
      {(mayChange || schedule) && (
        <Suspense fallback={<Loading />}>
          <ScheduleForm
            key={runs.map(({ recipeId }) => recipeId).join()}
            flowId={flowId}
            schedule={schedule}
            runs={runs}
            outputs={outputs}
            mayChange={mayChange}
          />
        </Suspense>
      )}
      {schedule && (
        <Stack gap="sm">
          <Group>
            <Title order={2} size="h4">
              {scheduleText.history}
            </Title>
          </Group>
          <History scheduleId={schedule.id} />
        </Stack>
      )}
    </Stack>
  );
}
