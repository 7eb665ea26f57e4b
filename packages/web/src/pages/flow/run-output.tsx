// Runs an output, and shows its last job as it goes on.
import { Button, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import type { AnswerOf } from '@flowhook/client/call-input';
import { useChange, useEndpoint } from '../../api/query.ts';
import { usePerson } from '../../api/session-store.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { useDraftNames } from '../../parts/form/draft-store.ts';
import type { FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import { formatDuration, formatNumber } from '../../parts/time/format.ts';
import { IconPlayerPlay, IconPlayerStop } from '../../parts/icon.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { PageLink } from '../../parts/page/page-link.tsx';
import { ProblemAlert } from '../../parts/page/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { outputText } from '../../text/graph.ts';
import type { Output } from './flow-part.ts';

type Job = AnswerOf<typeof jobGroupEndpoints.get>;

interface RunOutputProps {
  readonly output: Output;
  readonly mayRun: boolean;
  readonly graph: FlowGraphAnswer;
  /** Who may change the flow ends jobs of others, too. */
  readonly mayChange: boolean;
}

export function RunOutput({ output, graph, mayRun, mayChange }: RunOutputProps) {
  const unsaved = listUnsaved(output, graph, useDraftNames().split(' '));
  const me = usePerson();
  const recipe = output.flowNodeId;
  const jobs = useEndpoint(jobGroupEndpoints.list, { query: { wrangledDatasetId: recipe, limit: 1 } });
  const run = useChange(jobGroupEndpoints.create, {
    onDone: ({ id }) => notifyDone(outputText.started(id)),
  });
  const start = () => run.mutate({ body: { wrangledDataset: { id: recipe }, ranfrom: 'ui' } });
  return (
    <Stack gap="sm">
      {mayRun && output.isAdhoc && (
        <Button
          w="max-content"
          loading={run.isPending}
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={start}
        >
          {outputText.run}
        </Button>
      )}
      {!output.isAdhoc && (
        <Text size="sm" c="dimmed">
          {outputText.bySchedule}
        </Text>
      )}
      {mayRun && unsaved.length > 0 && (
        <Text size="sm" role="status">
          {outputText.unsaved(unsaved)}
        </Text>
      )}
      {run.error && <ProblemAlert problem={run.error} />}
      <Answer of={jobs} lines={2}>
        {({ data: [job] }) =>
          job === undefined ? (
            <NeverRun />
          ) : (
            <LastJob job={job} mayCancel={mayChange || (mayRun && job.creator?.id === me.id)} />
          )
        }
      </Answer>
    </Stack>
  );
}

/** What is typed of the output and of the recipes that it runs, and would not be run. */
function listUnsaved(
  { id, flowNodeId }: Output,
  { data, edges }: FlowGraphAnswer,
  drafts: readonly string[],
) {
  const upstream = new Set([flowNodeId]);
  for (const node of upstream)
    for (const { inputFlowNode, outputFlowNode } of edges)
      if (outputFlowNode.id === node) upstream.add(inputFlowNode.id);
  const recipes = data.filter((node) => upstream.has(node.id) && drafts.includes(`recipe.${node.id}.sql`));
  return [
    ...recipes.map(({ name }) => outputText.unsavedRecipe(name)),
    ...(drafts.includes(`output.${id}`) ? [outputText.unsavedSettings] : []),
  ];
}

function NeverRun() {
  return (
    <Text size="sm" c="dimmed">
      {outputText.neverRun}
    </Text>
  );
}

function LastJob({ job, mayCancel }: { readonly job: Job; readonly mayCancel: boolean }) {
  const { id, status, percentComplete, createdAt, startedAt, finishedAt, rows, workloadError } = job;
  const open = status === 'Created' || status === 'InProgress';
  const took =
    startedAt !== null && finishedAt !== null ? Date.parse(finishedAt) - Date.parse(startedAt) : null;
  return (
    <Paper withBorder p="sm">
      <Stack gap="xs">
        <Group justify="space-between">
          <Group gap="xs">
            <PageLink to={`/jobs/${id}`} fw={600}>
              {outputText.job(id)}
            </PageLink>
            <StateBadge state={status} />
          </Group>
          <Moment at={createdAt} />
        </Group>
        {open && (
          <Progress
            value={percentComplete}
            animated
            aria-label={outputText.progress(Math.round(percentComplete))}
          />
        )}
        {workloadError !== null && (
          <Text size="sm" c="var(--mantine-color-error)">
            {workloadError.message}
          </Text>
        )}
        {took !== null && (
          <Text size="xs" c="dimmed">
            {outputText.summary(formatDuration(took), rows === null ? null : formatNumber(rows))}
          </Text>
        )}
        {open && mayCancel && <Cancel id={id} />}
      </Stack>
    </Paper>
  );
}

function Cancel({ id }: { readonly id: number }) {
  const [asking, setAsking] = useState(false);
  const cancel = useChange(jobGroupEndpoints.cancel, { onDone: () => setAsking(false) });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        w="max-content"
        leftSection={<IconPlayerStop size={14} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        {outputText.cancel}
      </Button>
      <ConfirmDialog
        opened={asking}
        title={outputText.cancelTitle}
        confirmLabel={outputText.cancel}
        pending={cancel.isPending}
        problem={cancel.error}
        onConfirm={() => cancel.mutate({ params: { id } })}
        onClose={() => setAsking(false)}
      >
        {outputText.cancelDetail(id)}
      </ConfirmDialog>
    </>
  );
}
