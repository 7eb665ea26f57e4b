// The webhook tasks of a flow, in the flow's right panel; `?task=12` opens the editor of one.
import { Button, Group, Stack } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { statisticsEndpoints } from '@flowhook/contract/webhook/statistics';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useEndpoint } from '../../api/query.ts';
import { useChangeSearch, useSearchTexts } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import type { FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import { IconPlus, IconWebhook } from '../../parts/icon.ts';
import { PageLink } from '../../parts/page/page-link.tsx';
import { chainText } from '../../text/chain.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { TaskCard } from './task-card.tsx';
import type { Task } from './task-values.ts';

const DecisionDialog = lazy(() => import('./decision-dialog.tsx'));
const TaskDrawer = lazy(() => import('./task-drawer.tsx'));
const RemoveTaskDialog = lazy(() => import('./remove-task-dialog.tsx'));

export interface WebhookPanelProps {
  readonly flowId: number;
  readonly graph: FlowGraphAnswer;
  /** False for those who only look on. */
  readonly mayChange: boolean;
}

type Doing =
  | { readonly what: 'create' }
  | { readonly what: 'edit' | 'remove' | 'decisions'; readonly task: Task };

export default function WebhookPanel({ flowId, graph, mayChange }: WebhookPanelProps) {
  const [doing, setDoing] = useState<Doing | null>(null);
  const params = { id: flowId };
  const tasks = useEndpoint(webhookTaskEndpoints.listOfFlow, {
    params,
    query: { noLimit: 'true', embed: 'runWrangledDataset' },
  });
  const week = useEndpoint(statisticsEndpoints.flow, { params }, { staleTime: 60_000 });
  const { task: named } = useSearchTexts();
  const changeSearch = useChangeSearch();
  const called = mayChange ? tasks.data?.data.find(({ id }) => String(id) === named) : undefined;
  const edited = doing?.what === 'edit' ? doing.task : doing === null ? called : undefined;
  const close = () => {
    setDoing(null);
    changeSearch({ task: undefined });
  };
  return (
    <Stack>
      <Group gap="sm">
        {mayChange && (
          <Button
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setDoing({ what: 'create' })}
          >
            {text.create}
          </Button>
        )}
        <PageLink to={`/flows/${flowId}/chain`} size="sm">
          {chainText.openFlowChain}
        </PageLink>
      </Group>
      <Answer
        of={tasks}
        lines={3}
        isEmpty={({ data }) => data.length === 0}
        empty={{ icon: IconWebhook, title: text.emptyTitle, detail: text.emptyDetail }}
      >
        {({ data }) => (
          <Stack component="ul" gap="sm" p={0} m={0} aria-label={text.list} style={{ listStyle: 'none' }}>
            {data.map((task) => (
              <TaskCard
                key={task.id}
                task={task}
                recipes={graph.data}
                mayChange={mayChange}
                week={week.data?.data.find(({ webhookFlowTask }) => webhookFlowTask.id === task.id)?.series}
                onEdit={() => setDoing({ what: 'edit', task })}
                onRemove={() => setDoing({ what: 'remove', task })}
                onShowDecisions={() => setDoing({ what: 'decisions', task })}
              />
            ))}
          </Stack>
        )}
      </Answer>
      <Suspense fallback={null}>
        {doing?.what === 'create' && <TaskDrawer flowId={flowId} graph={graph} onClose={close} />}
        {edited !== undefined && (
          <TaskDrawer key={edited.id} flowId={flowId} graph={graph} task={edited} onClose={close} />
        )}
        {doing?.what === 'remove' && <RemoveTaskDialog task={doing.task} onClose={close} />}
        {doing?.what === 'decisions' && <DecisionDialog task={doing.task} onClose={close} />}
      </Suspense>
    </Stack>
  );
}
