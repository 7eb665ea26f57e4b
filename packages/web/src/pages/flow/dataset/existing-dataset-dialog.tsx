// Adds a dataset to the flow that is on the server already.
import { Modal, Select } from '@mantine/core';
import { addToFlow } from '@flowhook/contract/flow/dataset-use';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { useChange, useEndpoint } from '../../../api/query.ts';
import { useChangeSearch } from '../../../parts/page/address.ts';
import { Answer } from '../../../parts/page/answer.tsx';
import { ContractForm } from '../../../parts/form/contract-form.tsx';
import { useContractForm } from '../../../parts/form/use-contract-form.ts';
import { graphText } from '../../../text/graph.ts';
import { partText } from '../../../text/part.ts';
import type { FlowGraphAnswer } from '../../../parts/graph/graph-layout.ts';
import { writeSelection } from '../selection.ts';

interface ExistingDatasetDialogProps {
  readonly flowId: number;
  readonly graph: FlowGraphAnswer | undefined;
  onClose(): void;
}

export default function ExistingDatasetDialog({ flowId, graph, onClose }: ExistingDatasetDialogProps) {
  const datasets = useEndpoint(importedDatasetEndpoints.list, { query: { noLimit: 'true', sort: 'name' } });
  const there = new Set(graph?.data.map(({ importedDataset }) => importedDataset?.id));
  return (
    <Modal
      opened
      onClose={onClose}
      title={graphText.existingTitle}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <Answer
        of={datasets}
        lines={3}
        isEmpty={({ data }) => data.every(({ id }) => there.has(id))}
        empty={{ title: graphText.existingNone }}
      >
        {({ data }) => (
          <AddForm flowId={flowId} datasets={data.filter(({ id }) => !there.has(id))} onClose={onClose} />
        )}
      </Answer>
    </Modal>
  );
}

interface AddFormProps {
  readonly flowId: number;
  readonly datasets: readonly { readonly id: number; readonly name: string }[];
  onClose(): void;
}

function AddForm({ flowId, datasets, onClose }: AddFormProps) {
  const changeSearch = useChangeSearch();
  const add = useChange(importedDatasetEndpoints.addToFlow, { refreshes: ['/v4/flows'] });
  const form = useContractForm({
    schema: addToFlow,
    initialValues: { dataset: '' },
    toBody: () => ({ flow: { id: flowId } }),
    check: ({ dataset }) => (dataset === '' ? [{ field: 'dataset', detail: graphText.existingChoose }] : []),
    submit: async (body, { dataset }) => {
      await add.mutateAsync({ params: { id: dataset }, body });
      changeSearch(writeSelection({ kind: 'dataset', id: Number(dataset) }), { replace: false });
      onClose();
    },
  });
  return (
    <ContractForm form={form} submitLabel={graphText.add} onCancel={onClose}>
      <Select
        label={graphText.existingChoose}
        data={datasets.map(({ id, name }) => ({ value: String(id), label: name }))}
        searchable
        data-autofocus
        {...form.fields.getInputProps('dataset')}
      />
    </ContractForm>
  );
}
