// Asks before a flow is taken from somebody, or left.
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { useChange } from '../../api/query.ts';
import { hasRole, usePerson } from '../../api/session-store.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { sharingText as text } from '../../text/sharing.ts';
import type { SharedWith } from './shared-with.ts';

interface TakeDialogProps {
  readonly flowId: number;
  readonly person: SharedWith;
  onClose(): void;
  /** Called where the flow is out of sight now. */
  onLeft(): void;
}

export default function TakeDialog({ flowId, person, onClose, onLeft }: TakeDialogProps) {
  const me = usePerson();
  const own = person.id === me.id;
  const take = useChange(flowPermissionEndpoints.take, {
    onDone: () => {
      notifyDone(own ? text.left : text.removed(person.name));
      onClose();
      if (own && !hasRole(me, 'administrator')) onLeft();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={own ? text.leaveTitle : text.removeTitle(person.name)}
      confirmLabel={own ? text.leave : text.remove}
      pending={take.isPending}
      problem={take.error}
      onConfirm={() => take.mutate({ params: { id: flowId, personId: person.id } })}
      onClose={onClose}
    >
      {own ? text.leaveDetail : text.removeDetail(person.name)}
    </ConfirmDialog>
  );
}
