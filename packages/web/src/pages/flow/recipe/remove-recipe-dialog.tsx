// Asks before a recipe is deleted, and says what goes with it; recipes that read it have to go first.
import { Text } from '@mantine/core';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { useChange, useEndpoint } from '../../../api/query.ts';
import { Answer } from '../../../parts/page/answer.tsx';
import { ConfirmDialog } from '../../../parts/form/confirm-dialog.tsx';
import { notifyDone } from '../../../parts/page/notice.ts';
import { listStopped } from '../../../parts/webhook/stopped-task.ts';
import { recipeText } from '../../../text/graph.ts';

interface RemoveRecipeDialogProps {
  readonly recipe: { readonly id: number; readonly name: string };
  onClose(): void;
  onRemoved(): void;
}

export default function RemoveRecipeDialog({
  recipe: { id, name },
  onClose,
  onRemoved,
}: RemoveRecipeDialogProps) {
  const deletion = useEndpoint(wrangledDatasetEndpoints.deletion, { params: { id } }, { staleTime: 0 });
  const remove = useChange(wrangledDatasetEndpoints.remove, {
    refreshes: ['/v4/flows', '/v4/outputObjects', '/v4/webhookFlowTasks'],
    onDone: () => {
      notifyDone(recipeText.removed(name));
      onRemoved();
    },
  });
  const outputs = deletion.data?.outputObjects.length ?? 0;
  const alsoGone = [
    ...(outputs > 0 ? [recipeText.removeOutputs(outputs)] : []),
    ...(deletion.data === undefined ? [] : listStopped(deletion.data)),
  ];
  return (
    <ConfirmDialog
      opened
      title={recipeText.removeTitle(name)}
      confirmLabel={recipeText.remove}
      alsoGone={alsoGone}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate({ params: { id } })}
      onClose={onClose}
    >
      <Answer of={deletion} lines={1}>
        {({ readers }) => (
          <Text>
            {readers.length === 0
              ? recipeText.removeDetail
              : recipeText.removeReaders(readers.map((reader) => reader.name))}
          </Text>
        )}
      </Answer>
    </ConfirmDialog>
  );
}
