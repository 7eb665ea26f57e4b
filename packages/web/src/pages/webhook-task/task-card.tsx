// One webhook task in the list: when it fires, where it calls, its last seven days, and what can be done with it.
import { ActionIcon, Code, Group, Menu, Paper, Stack, Text, UnstyledButton } from '@mantine/core';
import type { z } from 'zod';
import type { attemptPoint } from '@flowhook/contract/statistics';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook-task';
import { useChange } from '../../api/query.ts';
import {
  IconDotsVertical,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrash,
} from '../../parts/icon.ts';
import { notifyDone, notifyProblem } from '../../parts/notice.ts';
import { SparkBars } from '../../parts/spark-bars.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { webhookTaskText as text } from '../../text/webhook-task.ts';
import type { Task } from './task-values.ts';
import { describeTrigger, hostOf } from './watch-words.ts';

interface TaskCardProps {
  readonly task: Task;
  readonly recipes: readonly { readonly id: number; readonly name: string }[];
  readonly mayChange: boolean;
  readonly week: readonly z.output<typeof attemptPoint>[] | undefined;
  onEdit(): void;
  onRemove(): void;
}

export function TaskCard({ task, recipes, mayChange, week, onEdit, onRemove }: TaskCardProps) {
  return (
    <Paper component="li" withBorder p="sm">
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Group gap="xs">
            {mayChange ? (
              <UnstyledButton fw={600} onClick={onEdit}>
                {task.name}
              </UnstyledButton>
            ) : (
              <Text fw={600}>{task.name}</Text>
            )}
            <StateBadge state={task.enabled ? 'enabled' : 'disabled'} />
          </Group>
          {mayChange && <TaskMenu task={task} onEdit={onEdit} onRemove={onRemove} />}
        </Group>
        <Text size="sm">{describeTrigger(task, recipes)}</Text>
        <Code>
          {task.method.toUpperCase()} {hostOf(task.url)}
        </Code>
        {task.disabledReason !== null && (
          <Text size="sm" c="dimmed">
            {task.disabledReason}
          </Text>
        )}
        {week !== undefined && <Week week={week} />}
      </Stack>
    </Paper>
  );
}

function Week({ week }: { readonly week: NonNullable<TaskCardProps['week']> }) {
  const points = week.map((point) => ({
    good: point.delivered,
    bad: point.retried + point.dead + point.blocked,
  }));
  const sum = (pick: (point: (typeof points)[number]) => number) =>
    points.reduce((total, point) => total + pick(point), 0);
  const words = text.weekOf(
    sum(({ good }) => good),
    sum(({ bad }) => bad),
  );
  return (
    <Group gap="xs" justify="space-between">
      <SparkBars points={points} label={words} />
      <Text size="xs" c="dimmed" aria-hidden>
        {words}
      </Text>
    </Group>
  );
}

function TaskMenu({ task, onEdit, onRemove }: Pick<TaskCardProps, 'task' | 'onEdit' | 'onRemove'>) {
  const change = useChange(webhookTaskEndpoints.change, { refreshes: ['/v4/flows'] });
  const toggle = async () => {
    try {
      await change.mutateAsync({ params: { id: task.id }, body: { enabled: !task.enabled } });
      notifyDone(task.enabled ? text.disabled(task.name) : text.enabled(task.name));
    } catch (error) {
      notifyProblem(error);
    }
  };
  const Toggle = task.enabled ? IconPlayerPause : IconPlayerPlay;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={text.actionsOf(task.name)}>
          <IconDotsVertical size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
          {text.edit}
        </Menu.Item>
        <Menu.Item leftSection={<Toggle size={16} aria-hidden />} onClick={() => void toggle()}>
          {task.enabled ? text.disable : text.enable}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} c="red" onClick={onRemove}>
          {text.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
