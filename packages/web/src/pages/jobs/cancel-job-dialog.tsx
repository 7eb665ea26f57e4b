// Asks before a job is cancelled.
import { Text } from '@mantine/core';
import { jobGroupEndpoints } from '@flowhook/contract/job-group';
import { useChange } from '../../api/query.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { notifyDone } from '../../parts/notice.ts';
import { jobText } from '../../text/job.ts';

export default function CancelJobDialog({ id, onClose }: { readonly id: number; onClose(): void }) {
  const cancel = useChange(jobGroupEndpoints.cancel, {
    onDone: () => {
      notifyDone(jobText.cancelled(id));
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={jobText.cancelTitle(id)}
      confirmLabel={jobText.cancel}
      pending={cancel.isPending}
      problem={cancel.error}
      onConfirm={() => cancel.mutate({ params: { id } })}
      onClose={onClose}
    >
      <Text>{jobText.cancelDetail}</Text>
    </ConfirmDialog>
  );
}
