// Asks before a flow is deleted, and says what goes with it and what stays.
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { Text } from '@mantine/core';
import type { AnswerOf } from '@flowhook/client/call-input';
import { useChange, useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { listStopped } from '../../parts/webhook/stopped-task.ts';
import { flowText } from '../../text/flow.ts';

interface DeleteFlowDialogProps {
  readonly flow: { readonly id: number; readonly name: string };
  onClose(): void;
  onDeleted?(): void;
}

type Deletion = AnswerOf<typeof flowEndpoints.deletion>;

export default function DeleteFlowDialog({ flow: { id, name }, onClose, onDeleted }: DeleteFlowDialogProps) {
  const deletion = useEndpoint(flowEndpoints.deletion, { params: { id } }, { staleTime: 0 });
  const remove = useChange(flowEndpoints.remove, {
    refreshes: ['/v4/jobGroups', '/v4/webhookDeliveries', '/v4/webhookFlowTasks'],
    onDone: () => {
      notifyDone(flowText.removed(name));
      onClose();
      onDeleted?.();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={flowText.removeTitle(name)}
      confirmLabel={flowText.remove}
      alsoGone={deletion.data === undefined ? [] : listGone(deletion.data)}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate({ params: { id } })}
      onClose={onClose}
    >
      <Text>{flowText.removeDetail}</Text>
      <Answer of={deletion} lines={2}>
        {({ importedDatasets, jobGroupCount }) => (
          <Text size="sm" c="dimmed">
            {flowText.stays(importedDatasets.length, jobGroupCount)}
          </Text>
        )}
      </Answer>
    </ConfirmDialog>
  );
}

function listGone(deletion: Deletion): string[] {
  const { recipes, outputs, tasks, jobs, deliveries } = flowText.gone;
  const counted = [
    [deletion.wrangledDatasets.length, recipes],
    [deletion.outputObjects.length, outputs],
    [deletion.webhookFlowTasks.length, tasks],
    [deletion.runningJobGroups.length, jobs],
    [deletion.waitingDeliveryCount, deliveries],
  ] as const;
  const lines = counted.filter(([count]) => count > 0).map(([count, write]) => write(count));
  return [...lines, ...listStopped(deletion)];
}
