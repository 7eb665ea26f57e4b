// Asks before a delivery is canceled.
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { useChange } from '../../api/query.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { deliveryText } from '../../text/webhook/delivery.ts';

export default function CancelDialog({ id, onClose }: { readonly id: number; onClose(): void }) {
  const cancel = useChange(webhookDeliveryEndpoints.cancel, {
    refreshes: ['/v4/jobGroups', '/v4/statistics'],
    onDone: ({ state }) => {
      notifyDone(state === 'sending' ? deliveryText.cancelMarked : deliveryText.canceled);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={deliveryText.cancelTitle}
      confirmLabel={deliveryText.cancelOne}
      pending={cancel.isPending}
      problem={cancel.error}
      onConfirm={() => cancel.mutate({ params: { id } })}
      onClose={onClose}
    >
      {deliveryText.cancelDetail}
    </ConfirmDialog>
  );
}
