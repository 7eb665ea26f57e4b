// Asks before a job is canceled.
import { Text } from '@mantine/core';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { useChange } from '../../api/query.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { jobDetailText } from '../../text/job-detail.ts';

export default function CancelJobDialog({ id, onClose }: { readonly id: number; onClose(): void }) {
  const cancel = useChange(jobGroupEndpoints.cancel, {
    onDone: () => {
      notifyDone(jobDetailText.canceled(id));
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={jobDetailText.cancelTitle(id)}
      confirmLabel={jobDetailText.cancel}
      pending={cancel.isPending}
      problem={cancel.error}
      onConfirm={() => cancel.mutate({ params: { id } })}
      onClose={onClose}
    >
      <Text>{jobDetailText.cancelDetail}</Text>
    </ConfirmDialog>
  );
}
