// Asks before an environment parameter is deleted.
import type { z } from 'zod';
import {
  environmentParameterEndpoints as endpoints,
  type environmentParameter,
} from '@flowhook/contract/flow/flow-parameter';
import { useChange } from '../../api/query.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { environmentText } from '../../text/schedule.ts';

interface RemoveEnvironmentDialogProps {
  readonly of: z.output<typeof environmentParameter>;
  onClose(): void;
}

export default function RemoveEnvironmentDialog({ of, onClose }: RemoveEnvironmentDialogProps) {
  const remove = useChange(endpoints.remove, { onDone: onClose });
  return (
    <ConfirmDialog
      opened
      title={environmentText.removeTitle(of.overrideKey)}
      confirmLabel={environmentText.remove}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate({ params: { id: of.id } })}
      onClose={onClose}
    >
      {environmentText.removeDetail}
    </ConfirmDialog>
  );
}
