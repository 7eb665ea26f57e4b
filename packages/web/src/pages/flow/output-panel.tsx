// An output: run it, watch the job, and what it writes.
import { Button, Group, Stack } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { useChange, useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { IconTrash } from '../../parts/icon.ts';
import { notifyDone } from '../../parts/page/notice.ts';
import { outputText } from '../../text/graph.ts';
import { RunOutput } from './run-output.tsx';
import type { Output } from './flow-part.ts';
import type { PanelProps } from './panel-props.ts';

const OutputForm = lazy(() => import('./output-form.tsx'));

export default function OutputPanel({
  id,
  graph,
  mayChange,
  mayRun,
  onSelect,
}: PanelProps & { readonly id: number }) {
  const output = useEndpoint(outputObjectEndpoints.get, { params: { id } });
  return (
    <Answer of={output}>
      {(data) => (
        <Stack>
          <RunOutput output={data} graph={graph} mayRun={mayRun} mayChange={mayChange} />
          <Suspense fallback={null}>
            <OutputForm key={data.id} output={data} mayChange={mayChange} />
          </Suspense>
          {mayChange && <Remove output={data} onRemoved={() => onSelect({ kind: 'nothing' })} />}
        </Stack>
      )}
    </Answer>
  );
}

function Remove({ output: { id }, onRemoved }: { readonly output: Output; onRemoved(): void }) {
  const [asking, setAsking] = useState(false);
  const remove = useChange(outputObjectEndpoints.remove, {
    refreshes: ['/v4/flows'],
    onDone: () => {
      notifyDone(outputText.removed);
      onRemoved();
    },
  });
  return (
    <Group>
      <Button
        size="xs"
        variant="subtle"
        color="red"
        leftSection={<IconTrash size={14} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        {outputText.remove}
      </Button>
      <ConfirmDialog
        opened={asking}
        title={outputText.removeTitle}
        confirmLabel={outputText.remove}
        pending={remove.isPending}
        problem={remove.error}
        onConfirm={() => remove.mutate({ params: { id } })}
        onClose={() => setAsking(false)}
      >
        {outputText.removeDetail}
      </ConfirmDialog>
    </Group>
  );
}
