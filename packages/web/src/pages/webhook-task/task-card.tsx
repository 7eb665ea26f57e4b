// One webhook task in the list: when it fires, where it calls, its last seven days, and what can be done with it.
import { ActionIcon, Anchor, Code, Group, Menu, Paper, Stack, Text, UnstyledButton } from '@mantine/core';
import type { z } from 'zod';
import type { attemptPoint } from '@flowhook/contract/webhook/statistics';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useChange } from '../../api/query.ts';
import {
  IconDotsVertical,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrash,
} from '../../parts/icon.ts';
import { notifyDone, notifyProblem } from '../../parts/page/notice.ts';
import { PageLink } from '../../parts/page/page-link.tsx';
import { SparkBars } from '../../parts/chart/spark-bars.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { useDraftNames } from '../../parts/form/draft-store.ts';
import { partText } from '../../text/part.ts';
import { decisionText } from '../../text/webhook/webhook-decision.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import type { Task } from './task-values.ts';
import { describeTrigger, hostOf } from './watch-words.ts';

interface TaskCardProps {
  readonly task: Task;
  readonly recipes: readonly { readonly id: number; readonly name: string }[];
  readonly mayChange: boolean;
  readonly week: readonly z.output<typeof attemptPoint>[] | undefined;
  onEdit(): void;
  onRemove(): void;
  onShowDecisions(): void;
}

export function TaskCard(props: TaskCardProps) {
  const { task, recipes, mayChange, week, onEdit, onRemove, onShowDecisions } = props;
  const names = useDraftNames();
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
            {names.split(' ').includes(`task.${task.id}`) && (
              <StateBadge state="unsaved" label={partText.notSavedYet} tone="waiting" />
            )}
          </Group>
          {mayChange && <TaskMenu task={task} onEdit={onEdit} onRemove={onRemove} />}
        </Group>
        <Text size="sm">{describeTrigger(task, recipes)}</Text>
        <Target task={task} />
        {task.disabledReason !== null && (
          <Text size="sm" c="dimmed">
            {task.disabledReason}
          </Text>
        )}
        {week !== undefined && <Week week={week} />}
        <Anchor component="button" type="button" size="sm" w="max-content" onClick={onShowDecisions}>
          {decisionText.open}
        </Anchor>
      </Stack>
    </Paper>
  );
}

/** Where it calls, or what it runs. */
function Target({ task: { kind, method, url, runWrangledDataset: recipe } }: { readonly task: Task }) {
  if (kind === 'request')
    return (
      <Code>
        {method.toUpperCase()} {hostOf(url)}
      </Code>
    );
  const { name, flow } = readNames(recipe);
  return (
    <Group gap={6} wrap="nowrap">
      <IconPlayerPlay size={16} aria-hidden />
      <Text size="sm">
        {text.runs}{' '}
        {name === null || flow === null ? (
          text.recipeNumber(recipe?.id ?? 0)
        ) : (
          <PageLink to={`/flows/${flow.id}`} search={{ recipe: recipe?.id }} size="sm">
            {text.recipeOf(name, flow.name)}
          </PageLink>
        )}
      </Text>
    </Group>
  );
}

/** Not there for a recipe of a flow that the person may not see. */
function readNames(recipe: Task['runWrangledDataset']) {
  const name = typeof recipe?.['name'] === 'string' ? recipe['name'] : null;
  const flow = recipe?.['flow'] as { id: number; name: string } | undefined;
  return { name, flow: flow ?? null };
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
        <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} color="red" onClick={onRemove}>
          {text.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
