// Asks before a flow is given to another owner: who gave it away can't take it back.
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { useChange } from '../../api/query.ts';
import { usePerson } from '../../api/session-store.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { sharingText as text } from '../../text/sharing.ts';
import type { SharedWith } from './shared-with.ts';

interface HandOverDialogProps {
  readonly flowId: number;
  readonly owner: SharedWith;
  readonly person: SharedWith;
  onClose(): void;
}

export default function HandOverDialog({ flowId, owner, person, onClose }: HandOverDialogProps) {
  const me = usePerson();
  const give = useChange(flowPermissionEndpoints.give, {
    onDone: () => {
      notifyDone(text.handedOver(person.name));
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={text.handOverTitle(person.name)}
      confirmLabel={text.handOverSubmit}
      pending={give.isPending}
      problem={give.error}
      onConfirm={() =>
        give.mutate({ params: { id: flowId }, body: { data: [{ personId: person.id, role: 'owner' }] } })
      }
      onClose={onClose}
    >
      {owner.id === me.id ? text.handOverMine(person.name) : text.handOverOther(person.name, owner.name)}
    </ConfirmDialog>
  );
}
