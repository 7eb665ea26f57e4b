// What can be done with one delivery: again, as new, or not at all.
import { Button, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { useFlowRights } from '../../api/flow-right.ts';
import { useChange } from '../../api/query.ts';
import { useGo } from '../../parts/page/address.ts';
import { IconBan, IconRotateClockwise, IconSend } from '../../parts/icon.ts';
import { notifyDone, notifyProblem } from '../../parts/page/notice.ts';
import { deliveryText } from '../../text/webhook/delivery.ts';
import type { Delivery } from './delivery-column.tsx';

const CancelDialog = lazy(() => import('./cancel-dialog.tsx'));

const touched = ['/v4/jobGroups', '/v4/statistics'];

export function DeliveryActions({ delivery: { id, state, flow } }: { readonly delivery: Delivery }) {
  const mayChange = useFlowRights(flow.id).change;
  const go = useGo();
  const [asking, ask] = useDisclosure();
  const again = useChange(webhookDeliveryEndpoints.redeliver, {
    refreshes: touched,
    onDone: ({ id: sent }) => {
      notifyDone(sent === id ? deliveryText.redelivered : deliveryText.sentAsNew);
      if (sent !== id) go(`/deliveries/${sent}`);
    },
  });
  if (!mayChange) return null;
  const send = (asNew: boolean) =>
    again.mutate({ params: { id }, body: { asNew } }, { onError: notifyProblem });
  const sending = state === 'sending';
  return (
    <>
      {/* First, as it comes and goes: the others must not move under the pointer. */}
      {(state === 'pending' || sending) && (
        <Button variant="default" leftSection={<IconBan size={16} aria-hidden />} onClick={ask.open}>
          {deliveryText.cancelOne}
        </Button>
      )}
      <Tooltip label={sending ? deliveryText.notWhileSending : deliveryText.redeliverDetail}>
        <Button
          leftSection={<IconRotateClockwise size={16} aria-hidden />}
          loading={again.isPending}
          aria-disabled={sending}
          data-disabled={sending || undefined}
          onClick={() => !sending && send(false)}
        >
          {deliveryText.redeliver}
        </Button>
      </Tooltip>
      <Tooltip label={deliveryText.sendAsNewDetail}>
        <Button
          variant="default"
          leftSection={<IconSend size={16} aria-hidden />}
          disabled={again.isPending}
          onClick={() => send(true)}
        >
          {deliveryText.sendAsNew}
        </Button>
      </Tooltip>
      <Suspense fallback={null}>{asking && <CancelDialog id={id} onClose={ask.close} />}</Suspense>
    </>
  );
}
