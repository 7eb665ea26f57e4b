// The webhook tasks of a flow, in the flow's right panel.
import { Button, Stack, Text } from '@mantine/core';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook-task';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/answer.tsx';
import { IconPlus, IconWebhook } from '../../parts/icon.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { webhookTaskText } from '../../text/webhook-task.ts';

export interface WebhookPanelProps {
  readonly flowId: number;
  /** The recipes of the flow, whose outputs a task can watch. */
  readonly recipes: readonly { readonly id: number; readonly name: string }[];
  /** False for those who only look on. */
  readonly mayChange: boolean;
}

export default function WebhookPanel({ flowId, mayChange }: WebhookPanelProps) {
  const tasks = useEndpoint(webhookTaskEndpoints.listOfFlow, {
    params: { id: flowId },
    query: { noLimit: 'true' },
  });
  return (
    <Stack>
      {mayChange && (
        <Button leftSection={<IconPlus size={16} aria-hidden />} w="max-content">
          {webhookTaskText.create}
        </Button>
      )}
      <Answer
        of={tasks}
        lines={3}
        isEmpty={({ data }) => data.length === 0}
        empty={{ icon: IconWebhook, title: webhookTaskText.emptyTitle, detail: webhookTaskText.emptyDetail }}
      >
        {({ data }) =>
          data.map(({ id, name, enabled }) => (
            <Text key={id} component="div">
              {name} <StateBadge state={enabled ? 'enabled' : 'disabled'} />
            </Text>
          ))
        }
      </Answer>
    </Stack>
  );
}
