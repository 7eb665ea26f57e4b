// Asks before a parameter of a flow is deleted, and says which recipes no longer run without it.
import type { z } from 'zod';
import { flowParameterEndpoints, type flowParameter } from '@flowhook/contract/flow/flow-parameter';
import { useChange } from '../../api/query.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { parameterText } from '../../text/schedule.ts';

type Parameter = z.output<typeof flowParameter>;

interface RemoveParameterDialogProps {
  readonly flowId: number;
  readonly parameter: Parameter;
  onClose(): void;
}

export default function RemoveParameterDialog(props: RemoveParameterDialogProps) {
  const { flowId, parameter, onClose } = props;
  const remove = useChange(flowParameterEndpoints.remove, {
    onDone: ({ warnings }) => {
      const broken = warnings.map(({ name }) => name).join(', ');
      notifyDone(broken === '' ? parameterText.removed(parameter.name) : parameterText.broken(broken));
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={parameterText.removeTitle(parameter.name)}
      confirmLabel={parameterText.remove}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate({ params: { id: flowId, parameterId: parameter.id } })}
      onClose={onClose}
    >
      {parameterText.removeDetail}
    </ConfirmDialog>
  );
}
