// Switching a schedule on and off, and deleting it.
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { useChange } from '../../api/query.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { notifyDone, notifyProblem } from '../../parts/page/notice.ts';
import { scheduleText } from '../../text/schedule.ts';

interface Switched {
  readonly id: number;
  readonly enabled: boolean;
}

export default function ScheduleActions({ schedule: { id, enabled } }: { readonly schedule: Switched }) {
  const [removing, ask] = useDisclosure();
  const toggle = useChange(enabled ? scheduleEndpoints.disable : scheduleEndpoints.enable);
  const remove = useChange(scheduleEndpoints.remove, {
    onDone: () => {
      notifyDone(scheduleText.removed);
      ask.close();
    },
  });
  return (
    <>
      <Button
        variant="default"
        loading={toggle.isPending}
        onClick={() => toggle.mutate({ params: { id } }, { onError: notifyProblem })}
      >
        {enabled ? scheduleText.disable : scheduleText.enable}
      </Button>
      <Button variant="default" onClick={ask.open}>
        {scheduleText.remove}
      </Button>
      <ConfirmDialog
        opened={removing}
        title={scheduleText.removeTitle}
        confirmLabel={scheduleText.remove}
        pending={remove.isPending}
        problem={remove.error}
        onConfirm={() => remove.mutate({ params: { id } })}
        onClose={ask.close}
      >
        {scheduleText.removeDetail}
      </ConfirmDialog>
    </>
  );
}
