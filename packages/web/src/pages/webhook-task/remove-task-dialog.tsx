// Asks before a webhook task is deleted.
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useChange } from '../../api/query.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import type { Task } from './task-values.ts';

export default function RemoveTaskDialog({ task, onClose }: { readonly task: Task; onClose(): void }) {
  const remove = useChange(webhookTaskEndpoints.remove, {
    refreshes: ['/v4/flows', '/v4/webhookDeliveries'],
    onDone: () => {
      notifyDone(text.removed(task.name));
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={text.removeTitle(task.name)}
      alsoGone={[text.removeAlso]}
      confirmLabel={text.remove}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate({ params: { id: task.id } })}
      onClose={onClose}
    >
      {text.removeDetail}
    </ConfirmDialog>
  );
}
